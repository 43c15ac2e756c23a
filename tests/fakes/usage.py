"""UsageStore in memory."""

from datetime import UTC, date

from telephony.calls import Call
from telephony.numbers import MailboxId
from telephony.usage import DayUsage, Usage
from tests.fakes.state import State


class MemoryUsage:
    """Adds up what mailboxes use; keeps the promises of `telephony.ports.UsageStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def count(self, call: Call, usage: Usage) -> None:
        """Add *usage* to the call's day, once."""
        with self._state.reached():
            if call.sid in self._state.counted or call.sid not in self._state.calls:
                return
            day = call.mailbox_id, call.started_at.astimezone(UTC).date()
            self._state.counted.add(call.sid)
            self._state.usage[day] = self._state.usage.get(day, Usage()) + usage

    def days(self, mailbox_id: MailboxId, since: date, until: date) -> tuple[DayUsage, ...]:
        """Return the days of a span, in order."""
        with self._state.reached():
            days = sorted(day for whose, day in self._state.usage if whose == mailbox_id and since <= day <= until)
            return tuple(DayUsage(day, self._state.usage[mailbox_id, day]) for day in days)
