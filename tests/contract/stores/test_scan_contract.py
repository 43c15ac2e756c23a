"""What every CallScan promises, and the Directory of mailboxes with a term."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from mypy_boto3_dynamodb import DynamoDBClient

from local.aws.resources import make_table
from telephony.aws.stores import Stores
from telephony.calls import Call, CallSid
from telephony.keeping import START, Keeping, Place
from telephony.numbers import MailboxId
from tests.contract.stores.backends import NOW, AnyTable, any_call, any_mailbox
from tests.fakes.table import MemoryTable

MINUTE = timedelta(minutes=1)
PATIENCE_S = 10

T = TypeVar("T")


def _eventually(read: Callable[[], T], expected: T) -> None:
    """Check what is read; an index may be behind its table."""
    give_up_at_s = time.monotonic() + PATIENCE_S
    while True:
        found = read()
        if found == expected or time.monotonic() > give_up_at_s:
            assert found == expected
            return


def _begun(table: AnyTable, count: int) -> list[Call]:
    mailbox_id = f"m-{secrets.token_hex(4)}"
    calls = [any_call(mailbox_id, NOW + place * MINUTE) for place in range(count)]
    for call in calls:
        table.calls.begin(call, None)
    return calls


def test_calls_come_oldest_first_page_by_page(table: AnyTable) -> None:
    calls = _begun(table, 5)

    def pages() -> list[list[CallSid]]:
        seen: list[list[CallSid]] = []
        after: str | None = None
        while True:
            page = table.scan.oldest(calls[0].mailbox_id, since=None, until=NOW + 5 * MINUTE, after=after, limit=2)
            seen.append([call.sid for call in page.calls])
            after = page.after
            if after is None:
                return seen

    sids = [call.sid for call in calls]
    _eventually(pages, [sids[:2], sids[2:4], sids[4:]])


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(table: AnyTable) -> None:
    calls = _begun(table, 4)

    def sids() -> list[CallSid]:
        span = (NOW + MINUTE, NOW + 3 * MINUTE)
        page = table.scan.oldest(calls[0].mailbox_id, since=span[0], until=span[1], after=None, limit=10)
        return [call.sid for call in page.calls]

    _eventually(sids, [calls[1].sid, calls[2].sid])


def test_a_span_that_ends_before_it_begins_has_no_calls(table: AnyTable) -> None:
    (call,) = _begun(table, 1)
    page = table.scan.oldest(call.mailbox_id, since=NOW + MINUTE, until=NOW - MINUTE, after=None, limit=10)
    assert (page.calls, page.after) == ((), None)


def test_mailboxes_that_say_how_long_they_keep_calls_are_listed(table: AnyTable) -> None:
    mailboxes = [
        any_mailbox(keeping=Keeping(retention_days=30)),
        any_mailbox(),
        any_mailbox(keeping=Keeping(None, True)),
    ]
    for mailbox in mailboxes:
        table.directory.put(mailbox, ())
        assert table.directory.mailbox(mailbox.id) == mailbox

    def listed() -> list[MailboxId]:
        ids = {mailbox.id for mailbox in mailboxes}
        so_far = [START.mailbox_id]
        while (behind := table.directory.keeping_behind(so_far[-1])) is not None:
            so_far.append(behind)
        return [mailbox_id for mailbox_id in so_far if mailbox_id in ids]

    _eventually(listed, [mailboxes[0].id])
    table.directory.put(replace(mailboxes[0], keeping=Keeping()), ())
    nobody: list[MailboxId] = []
    _eventually(listed, nobody)


def test_the_search_for_old_calls_begins_at_the_start(moto_client: DynamoDBClient) -> None:
    make_table(moto_client, "fresh")
    for table in (Stores.of(moto_client, "fresh"), MemoryTable()):
        assert table.expiry.place() == START


def test_where_the_search_for_old_calls_goes_on_is_remembered(table: AnyTable) -> None:
    for place in (Place(MailboxId("praxis"), "2026-03-02T09:30:00.250000Z#CA1"), Place(MailboxId("praxis-2")), START):
        for _ in range(2):
            table.expiry.remember(place)
        assert table.expiry.place() == place
