"""The archive of a mailbox on DynamoDB: its calls, newest first, a page at a time."""

from typing import Final

from telephony.aws import cursor as cursors
from telephony.aws.dynamodb import Table
from telephony.aws.erasure import is_being_erased
from telephony.aws.items import call_from
from telephony.aws.table import ARCHIVE_SORT_KEY, MAILBOX, key
from telephony.call_filter import CallFilter
from telephony.calls import Call
from telephony.numbers import MailboxId
from telephony.places import timestamp
from telephony.ports.stores import CallPage

ROUND: Final = 100
"""How many calls are read at once where not each of them is looked for."""
MOST_READ: Final = 500
"""How many calls are read for one page, however few of them are looked for; about 500 kB."""

_FIRST, _LAST = " ", "~"  # before and after every place


class DynamoArchive:
    """Pages of calls; see `telephony.ports.CallStore.page`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(self, mailbox_id: MailboxId, limit: int, cursor: str | None, only: CallFilter) -> CallPage:
        """Return up to *limit* calls that *only* takes, from MOST_READ or fewer.

        Raises: WireError on a cursor that is not ours or another's.
        """
        before = None if cursor is None else cursors.parse(cursor, mailbox_id)
        since = _FIRST if only.since is None else timestamp(only.since)
        until = _LAST if only.until is None else timestamp(only.until)
        place = None if before is None else str(before[ARCHIVE_SORT_KEY])
        if place is not None and place > until:
            before = None  # the list has not come to what is looked for yet
        if since > until or (place is not None and place < since):
            return CallPage((), None)
        found: list[Call] = []
        # One more than asked for tells whether there is another page.
        size = limit + 1 if only.is_by_time_alone else ROUND
        for _ in range(1 if only.is_by_time_alone else MOST_READ // ROUND):
            items = self._table.newest(key(MAILBOX, mailbox_id), size, before, since=since, until=until)
            read = [call_from(each) for each in items]
            found += [
                call for call, item in zip(read, items, strict=True) if only.takes(call) and not is_being_erased(item)
            ]
            if len(found) > limit:
                shown = found[:limit]
                return CallPage(tuple(shown), cursors.after(shown[-1]))
            if len(read) < size:
                return CallPage(tuple(found), None)
            cursor = cursors.after(read[-1])
            before = cursors.parse(cursor, mailbox_id)
        return CallPage(tuple(found), cursor)
