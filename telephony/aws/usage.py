"""UsageStore on DynamoDB: one item a day and mailbox, to which each call is added once."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Final

from telephony.aws.attributes import Fields
from telephony.aws.dynamodb import AllRefusedError, Table
from telephony.aws.item_keys import sid_after
from telephony.aws.table import CALL, KIND, MAILBOX, SORT_KEY, USAGE, key
from telephony.aws.writes import Condition, Update
from telephony.calls import Call
from telephony.numbers import MailboxId
from telephony.usage import DayUsage, Usage

_IS_UNCOUNTED: Final = Condition("attribute_exists(#pk) AND attribute_not_exists(#counted_on)")
_IS_USAGE: Final = Condition(f"attribute_not_exists(#pk) OR #{KIND} = :usage", {"usage": USAGE})


class DynamoUsage:
    """What mailboxes use; see `telephony.ports.UsageStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(self, call: Call, usage: Usage) -> None:
        """Add *usage* to the day's item, and mark the call as counted: both or neither."""
        day = _key(call.started_at.astimezone(UTC).date())
        counted = Update(key(CALL, call.sid), CALL, {"counted_on": day}, _IS_UNCOUNTED)
        sums = {
            "calls": usage.calls,
            "received_ms": usage.received_ms,
            "transcribed_ms": usage.transcribed_ms,
            "sent": usage.sent,
            "failed": usage.failed,
        }
        with suppress(AllRefusedError):
            self._table.write_all(
                [counted, Update(key(MAILBOX, call.mailbox_id), day, {KIND: USAGE}, _IS_USAGE, adds=sums)]
            )

    def days(self, mailbox_id: MailboxId, since: date, until: date) -> tuple[DayUsage, ...]:
        """Return the days of a span, in order."""
        items = self._table.items(key(MAILBOX, mailbox_id), _key(since), _key(until))
        return tuple(map(_day_from, items))


def _key(day: date) -> str:
    return key(USAGE, day.isoformat())


def _day_from(fields: Fields) -> DayUsage:
    day = datetime.fromisoformat(sid_after(USAGE, fields.text(SORT_KEY))).date()
    names = ("calls", "received_ms", "transcribed_ms", "sent", "failed")
    return DayUsage(day, Usage(**{name: fields.count(name) for name in names}))
