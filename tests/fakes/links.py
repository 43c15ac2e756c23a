"""LinkStore in memory."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from telephony.calls import CallSid
from telephony.errors import NotFoundError
from tests.fakes.state import State


class MemoryLinks:
    """Keeps links; keeps the promises of `telephony.ports.LinkStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def link(self, call_sid: CallSid, lifetime: timedelta, now: datetime) -> str:
        """Return the call's token, the same one for as long as it lives."""
        with self._state.reached():
            known = self._state.links.get(call_sid)
            if known is None or now >= known[1]:
                known = self._state.links[call_sid] = (token_urlsafe(16), now + lifetime)
            return known[0]

    def call_of(self, token: str, now: datetime) -> CallSid:
        """Return whose token it is. Raises: NotFoundError."""
        with self._state.reached():
            for call_sid, (known, expires_at) in self._state.links.items():
                if known == token and now < expires_at:
                    return call_sid
            raise NotFoundError("link")
