"""CallScan on DynamoDB."""

from datetime import datetime
from typing import Final

from telephony.aws.dynamodb import Table
from telephony.aws.items import call_from
from telephony.aws.table import ARCHIVE_SORT_KEY, CALL, KIND, MAILBOX, key
from telephony.numbers import MailboxId
from telephony.places import timestamp
from telephony.ports.erasure import ScannedCalls

_FIRST: Final = "0"
_NEXT: Final = " "
"""Sorts before whatever else a place could go on with."""


class DynamoScan:
    """A mailbox's calls from the oldest on; see `telephony.ports.CallScan`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def oldest(
        self, mailbox_id: MailboxId, *, since: datetime | None, until: datetime, after: str | None, limit: int
    ) -> ScannedCalls:
        """Return up to *limit* calls that began from *since* on and before *until*, in one query of the index."""
        start = _FIRST if since is None else timestamp(since)
        if after is not None:
            start = max(start, after + _NEXT)
        # A place goes on after its time, so that of a call which began at *until* comes behind.
        end = timestamp(until)
        if start > end:
            return ScannedCalls((), None)
        found, has_more = self._table.span(key(MAILBOX, mailbox_id), start, end, limit)
        calls = tuple(call_from(each) for each in found if each.text(KIND) == CALL)
        return ScannedCalls(calls, found[-1].text(ARCHIVE_SORT_KEY) if found and has_more else None)
