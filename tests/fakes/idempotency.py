"""IdempotencyStore in memory."""

from dataclasses import dataclass, replace
from datetime import datetime

from telephony.errors import ConflictError, NotFoundError
from telephony.idempotency import LEASE, LIFETIME, Answered, KeyReusedError, RequestKey
from tests.fakes.state import State


@dataclass(frozen=True)
class Claimed:
    """A request that somebody set out to answer."""

    fingerprint: str
    at: datetime
    ends_at: datetime
    answered: Answered | None = None


class MemoryIdempotency:
    """Keeps answers; keeps the promises of `telephony.ports.IdempotencyStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()
        self._claims: dict[RequestKey, Claimed] = {}

    def claim(self, request: RequestKey, fingerprint: str, now: datetime) -> Answered | None:
        """Claim, or return the first answer. Raises: KeyReusedError, ConflictError."""
        with self._state.reached():
            known = self._claims.get(request)
            if known is not None and now < known.ends_at:
                if known.fingerprint != fingerprint:
                    raise KeyReusedError
                if known.answered is not None:
                    return known.answered
                if now < known.at + LEASE:
                    raise ConflictError("the request is being answered")
            self._claims[request] = Claimed(fingerprint, now, now + LIFETIME)
            return None

    def answer(self, request: RequestKey, answered: Answered) -> None:
        """Remember the answer. Raises: NotFoundError."""
        with self._state.reached():
            self._claims[request] = replace(self._claimed(request), answered=answered)

    def release(self, request: RequestKey, now: datetime) -> None:
        """Let a repeat be done at once. Raises: NotFoundError."""
        with self._state.reached():
            self._claims[request] = replace(self._claimed(request), at=now - LEASE, answered=None)

    def _claimed(self, request: RequestKey) -> Claimed:
        if request not in self._claims:
            raise NotFoundError("request")
        return self._claims[request]
