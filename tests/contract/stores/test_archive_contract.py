"""What every CallStore promises of a mailbox's pages."""

import base64
import json
import time
from datetime import timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from telephony.aws import cursor
from telephony.aws.archive import MOST_READ
from telephony.aws.dynamodb import Table
from telephony.aws.items import call_item
from telephony.aws.stores import Stores
from telephony.call_filter import CallFilter
from telephony.calls import Call, VoicemailKind
from telephony.errors import WireError
from telephony.marks import Marks
from telephony.numbers import MailboxId
from telephony.ports.stores import CallPage
from tests.contract.stores.backends import NOW, AnyTable, any_call, any_mailbox

PATIENCE_S = 10


def _begun(table: AnyTable, mailbox_id: MailboxId, count: int, apart: timedelta = timedelta(minutes=1)) -> list[Call]:
    """Store calls, and return them newest first, once the archive has them."""
    calls = [any_call(mailbox_id, NOW + place * apart) for place in range(count)]
    for call in calls:
        table.calls.begin(call, None)
    give_up_at_s = time.monotonic() + PATIENCE_S
    while len(table.calls.page(mailbox_id, count, None).calls) < count and time.monotonic() < give_up_at_s:
        pass  # an index may be behind its table
    return calls[::-1]


def test_pages_follow_each_other_newest_first_and_end(table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    calls = _begun(table, mailbox_id, 7)
    seen: list[Call] = []
    place: str | None = None
    sizes = []
    while True:
        page = table.calls.page(mailbox_id, 3, place)
        seen += page.calls
        sizes.append(len(page.calls))
        place = page.cursor
        if place is None:
            break
    assert seen == calls
    assert sizes == [3, 3, 1]


def test_a_page_that_is_just_full_is_the_last(table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    calls = _begun(table, mailbox_id, 3)
    page = table.calls.page(mailbox_id, 3, None)
    assert (page.calls, page.cursor) == (tuple(calls), None)


def test_an_empty_mailbox_has_one_empty_page(table: AnyTable) -> None:
    page = table.calls.page(any_mailbox().id, 10, None)
    assert (page.calls, page.cursor) == ((), None)


def test_calls_of_the_same_moment_are_all_listed(table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    calls = _begun(table, mailbox_id, 3, apart=timedelta())
    first = table.calls.page(mailbox_id, 2, None)
    second = table.calls.page(mailbox_id, 2, first.cursor)
    listed = [call.sid for call in (*first.calls, *second.calls)]
    assert listed == sorted((call.sid for call in calls), reverse=True)


def test_the_cursor_of_another_mailbox_is_refused(table: AnyTable) -> None:
    mine, others = any_mailbox().id, any_mailbox().id
    _begun(table, mine, 2)
    _begun(table, others, 2)
    place = table.calls.page(others, 1, None).cursor
    assert place is not None
    with pytest.raises(WireError):
        table.calls.page(mine, 1, place)


def _packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "place",
    [
        "",
        "A",
        "nonsense!",
        "ünïcode",
        "A" * 5_000,
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        _packed({}),
        _packed(["praxis"]),
        _packed(["praxis", 3]),
        _packed(["praxis", "2026-03-02T09:30:00.250000Z#CALL"]),
        _packed(["praxis", "x#CA" + "0" * 32]),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(table: AnyTable, place: str) -> None:
    with pytest.raises(WireError):
        table.calls.page(MailboxId("praxis"), 10, place)


def _paged(table: AnyTable, mailbox_id: MailboxId, limit: int, only: CallFilter) -> list[Call]:
    """Return all pages as one list; a page may be short, and none is longer than asked for."""
    seen: list[Call] = []
    place: str | None = None
    for _ in range(100):
        page = table.calls.page(mailbox_id, limit, place, only)
        assert len(page.calls) <= limit
        seen += page.calls
        place = page.cursor
        if place is None:
            return seen
    raise AssertionError("the list does not end")


def test_a_list_has_the_calls_that_are_asked_for_and_no_others(table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    calls = _begun(table, mailbox_id, 9)
    for call in calls[::3]:
        table.calls.mark(call.sid, Marks(read_at=NOW, tags=("vip",), revision=1))
    table.calls.note_kind(calls[0].sid, VoicemailKind.MISSED, None)
    for only, expected in [
        (CallFilter(tag="vip"), calls[::3]),
        (CallFilter(is_unread=False, since=calls[5].started_at), calls[0:6:3]),
        (CallFilter(kind=VoicemailKind.MISSED), calls[:1]),
        (CallFilter(caller="nobody"), []),
        (CallFilter(since=calls[4].started_at, until=calls[1].started_at), calls[2:5]),
        (CallFilter(until=calls[0].started_at - timedelta(days=1)), []),
        (CallFilter(since=NOW + timedelta(days=1), until=NOW), []),
    ]:
        expected_sids = [call.sid for call in expected]
        give_up_at_s = time.monotonic() + PATIENCE_S
        while True:  # an index may be behind its table
            sids = [call.sid for call in _paged(table, mailbox_id, 2, only)]
            if sids == expected_sids or time.monotonic() > give_up_at_s:
                break
        assert sids == expected_sids


def test_a_cursor_of_one_list_may_be_used_for_another_of_the_same_mailbox(table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    calls = _begun(table, mailbox_id, 4)
    newest = table.calls.page(mailbox_id, 1, None).cursor
    oldest = table.calls.page(mailbox_id, 3, None).cursor
    earlier = CallFilter(until=calls[2].started_at)
    later = CallFilter(since=calls[1].started_at)
    assert [call.sid for call in table.calls.page(mailbox_id, 9, newest, earlier).calls] == [calls[3].sid]
    assert table.calls.page(mailbox_id, 9, oldest, later) == CallPage((), None)


def test_a_page_reads_a_bounded_part_of_a_large_mailbox_and_says_where_it_stopped(moto_client: DynamoDBClient) -> None:
    table = Stores.of(moto_client, "calls")
    mailbox_id = any_mailbox().id
    calls = [any_call(mailbox_id, NOW - place * timedelta(seconds=1)) for place in range(MOST_READ + 1)]
    Table(moto_client, "calls").put_all([call_item(call) for call in calls])
    rare = CallFilter(caller="rare")

    first = table.calls.page(mailbox_id, 10, None, rare)
    second = table.calls.page(mailbox_id, 10, first.cursor, rare)

    assert first.calls == ()
    assert first.cursor == cursor.after(calls[MOST_READ - 1])
    assert second == CallPage((), None)
