"""Invariant: pages, however long, give each call once and in order; no cursor leads out of its own mailbox."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from local.aws.resources import make_table
from telephony.aws import cursor as cursors
from telephony.aws.dynamodb import Table
from telephony.aws.items import call_item
from telephony.aws.stores import Stores
from telephony.call_filter import EVERY_CALL, CallFilter
from telephony.calls import Call, CallSid
from telephony.errors import WireError
from telephony.marks import Marks
from telephony.numbers import MailboxId
from telephony.ports.stores import CallStore
from tests.examples import CALL, NOON

MINE, VAULT = MailboxId("mine"), MailboxId("vault")
MINUTE: Final = timedelta(minutes=1)
MANY: Final = 45


def _call(mailbox_id: MailboxId, number: int) -> Call:
    """Return a call; of each three, two began at the same moment."""
    marks = Marks(read_at=NOON, tags=("vip",)) if number % 5 == 0 else Marks()
    sid = CallSid(f"CA{number:031x}{len(mailbox_id):x}")
    return replace(
        CALL, sid=sid, mailbox_id=mailbox_id, started_at=NOON + (number - number % 3 // 2) * MINUTE, marks=marks
    )


CALLS: Final = [_call(MINE, number) for number in range(MANY)]
NEWEST_FIRST: Final = sorted(CALLS, key=lambda call: (call.started_at, call.sid), reverse=True)
THEIRS: Final = [_call(VAULT, number) for number in range(MANY)]
PLACES: Final = [cursors.after(call) for call in (*CALLS, *THEIRS)]

MOMENTS = st.none() | st.integers(-1, MANY).map(lambda minutes: NOON + minutes * MINUTE)
FILTERS = st.builds(
    CallFilter,
    since=MOMENTS,
    until=MOMENTS,
    is_unread=st.sampled_from([None, True, False]),
    tag=st.sampled_from([None, None, "vip", "none"]),
)


@pytest.fixture(scope="module")
def calls() -> Iterator[CallStore]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        make_table(client, "calls")
        Table(client, "calls").put_all([call_item(call) for call in (*CALLS, *THEIRS)])
        yield Stores.of(client, "calls").calls
        client.close()


def _paged(calls: CallStore, limits: list[int], only: CallFilter) -> Iterator[Call]:
    cursor: str | None = None
    for turn in range(MANY + 1):
        page = calls.page(MINE, limits[turn % len(limits)], cursor, only)
        assert len(page.calls) <= limits[turn % len(limits)]
        yield from page.calls
        cursor = page.cursor
        if cursor is None:
            return
    raise AssertionError("the list does not end")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.lists(st.integers(1, MANY + 1), min_size=1, max_size=3), only=FILTERS)
def test_pages_give_each_call_that_is_looked_for_once_and_in_order(
    calls: CallStore, limits: list[int], only: CallFilter
) -> None:
    assert list(_paged(calls, limits, only)) == [call for call in NEWEST_FIRST if only.takes(call)]


def _packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


TEXTS = st.sampled_from(
    ["mine", "vault", "MAILBOX#vault", THEIRS[0].sid, "2026-03-02T12:00:00.000000Z#" + THEIRS[0].sid]
)
FORGED = st.recursive(TEXTS | st.text(max_size=9) | st.integers(), lambda inner: st.lists(inner, max_size=3)).map(
    _packed
)


@st.composite
def _corrupted(draw: st.DrawFn) -> str:
    """Return a cursor of ours or theirs with some characters changed, added or lost."""
    cursor = draw(st.sampled_from(PLACES))
    at = draw(st.integers(0, len(cursor)))
    return cursor[:at] + draw(st.text(max_size=3)) + cursor[at + draw(st.integers(0, 3)) :]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=FORGED | _corrupted() | st.sampled_from(PLACES) | st.text(), limit=st.integers(1, MANY + 1))
def test_whatever_the_cursor_only_ones_own_calls_are_listed(calls: CallStore, cursor: str, limit: int) -> None:
    try:
        page = calls.page(MINE, limit, cursor, EVERY_CALL)
    except WireError:
        return
    assert {call.mailbox_id for call in page.calls} <= {MINE}
