"""OutgoingStore in memory."""

from datetime import datetime

from telephony.numbers import MailboxId
from telephony.outgoing import TooManyCallsError, hour_of
from tests.fakes.state import State


class MemoryOutgoing:
    """Counts; keeps the promises of `telephony.ports.OutgoingStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def count(self, mailbox_id: MailboxId, now: datetime, most: int) -> None:
        """Count one call. Raises: TooManyCallsError."""
        with self._state.reached():
            counted = self._state.dials.get((mailbox_id, hour_of(now)), 0)
            if counted >= most:
                raise TooManyCallsError
            self._state.dials[mailbox_id, hour_of(now)] = counted + 1
