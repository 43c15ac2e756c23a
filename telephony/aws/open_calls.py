"""Open calls: a list of the calls of which more is expected, as items that are in the index for as long."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import call_sid_of, keys
from telephony.aws.items import DAY_S
from telephony.aws.table import ARCHIVE_PARTITION_KEY, ARCHIVE_SORT_KEY, CALL, OPEN, TTL, key
from telephony.aws.writes import Condition, Put, Update
from telephony.calls import Call, CallSid
from telephony.places import place_of, timestamp

_IS_OPEN: Final = Condition(f"attribute_exists(#{ARCHIVE_PARTITION_KEY})")


class DynamoOpenCalls:
    """The open calls of a table, in the order in which they were begun or last looked after."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def before(self, at: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* that come before *at*, first things first."""
        return tuple(map(call_sid_of, self._table.oldest(OPEN, timestamp(at), limit)))

    def looked_after(self, call_sid: CallSid, at: datetime) -> None:
        """Move a call to its new place, unless it is closed."""
        self._change(call_sid, _place(call_sid, at))

    def close(self, call_sid: CallSid, at: datetime) -> None:
        """Take a call off the list. Its item goes later: who may only update cannot erase anything else either."""
        gone: Item = {"closed_at": at, TTL: int(at.timestamp()) + DAY_S}
        self._change(call_sid, gone, removes=(ARCHIVE_PARTITION_KEY, ARCHIVE_SORT_KEY))

    def _change(self, call_sid: CallSid, changes: Item, removes: tuple[str, ...] = ()) -> None:
        with suppress(RefusedError):
            self._table.update(Update(key(CALL, call_sid), OPEN, changes, _IS_OPEN, removes))


def opening(call: Call) -> Put:
    """Return the write that puts *call* on the list; it belongs in one transaction with the call's own."""
    listing: Item = {ARCHIVE_PARTITION_KEY: OPEN, **_place(call.sid, call.started_at)}
    return Put({**keys(key(CALL, call.sid), OPEN, OPEN), **listing})


def is_open(item: Fields) -> bool:
    """Tell whether a call is on the list, by its item."""
    return item.maybe_text(ARCHIVE_PARTITION_KEY) is not None


def _place(call_sid: CallSid, at: datetime) -> Item:
    return {ARCHIVE_SORT_KEY: place_of(at, call_sid)}
