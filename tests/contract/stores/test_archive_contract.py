"""What every CallStore promises of a mailbox's pages."""

import base64
import json
import time
from datetime import timedelta

import pytest

from telephony.calls import Call
from telephony.errors import WireError
from telephony.numbers import MailboxId
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
    cursor: str | None = None
    sizes = []
    while True:
        page = table.calls.page(mailbox_id, 3, cursor)
        seen += page.calls
        sizes.append(len(page.calls))
        cursor = page.cursor
        if cursor is None:
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
    cursor = table.calls.page(others, 1, None).cursor
    assert cursor is not None
    with pytest.raises(WireError):
        table.calls.page(mine, 1, cursor)


def _packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
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
def test_a_cursor_that_is_not_ours_is_refused(table: AnyTable, cursor: str) -> None:
    with pytest.raises(WireError):
        table.calls.page(MailboxId("praxis"), 10, cursor)
