"""What every CallStore promises of the calls of which more is expected."""

import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.calls import Call, CallSid, CallStatus
from tests.contract.stores.backends import NOW, AnyTable, any_call, any_ticket

PATIENCE_S = 10
MINUTE = timedelta(minutes=1)


def _long_ago() -> datetime:
    """Return a time that no other test of the same table uses: what began before all the others is listed first."""
    return datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(10**9))


def _begun(table: AnyTable, began_at: datetime, count: int) -> list[Call]:
    calls = [any_call(started_at=began_at + place * MINUTE) for place in range(count)]
    for call in calls:
        table.calls.begin(call, None)
    return calls


def _eventually(table: AnyTable, expected: list[CallSid], before: datetime, among: list[Call]) -> None:
    """Check which of *among* are open; an index may be behind its table."""
    give_up_at_s = time.monotonic() + PATIENCE_S
    sids = {call.sid for call in among}
    while True:
        found = [sid for sid in table.calls.open_calls(before, 1_000) if sid in sids]
        if found == expected or time.monotonic() > give_up_at_s:
            assert found == expected
            return


def test_a_call_is_open_from_its_beginning_and_the_oldest_comes_first(table: AnyTable) -> None:
    began_at = _long_ago()
    calls = _begun(table, began_at, 3)
    _eventually(table, [calls[0].sid, calls[1].sid], began_at + 2 * MINUTE, calls)
    assert all(table.calls.facts(call.sid).is_open for call in calls)


def test_no_more_are_listed_than_asked_for(table: AnyTable) -> None:
    began_at = _long_ago()
    calls = _begun(table, began_at, 3)
    _eventually(table, [call.sid for call in calls], began_at + 3 * MINUTE, calls)
    assert len(table.calls.open_calls(began_at + 3 * MINUTE, 2)) == 2


def test_a_call_that_was_looked_after_comes_after_the_others(table: AnyTable) -> None:
    began_at = _long_ago()
    first, second = calls = _begun(table, began_at, 2)
    table.calls.looked_after(first.sid, began_at + 5 * MINUTE)
    _eventually(table, [second.sid], began_at + 5 * MINUTE, calls)
    _eventually(table, [second.sid, first.sid], began_at + 6 * MINUTE, calls)
    assert table.calls.get(first.sid) == first


def test_a_call_that_was_closed_is_never_open_again(table: AnyTable) -> None:
    began_at = _long_ago()
    (call,) = _begun(table, began_at, 1)
    _eventually(table, [call.sid], began_at + MINUTE, [call])
    for _ in range(2):
        table.calls.close(call.sid, NOW)
    table.calls.looked_after(call.sid, began_at)
    table.calls.begin(call, None)
    table.calls.begin(call, any_ticket(call.sid))
    _eventually(table, [], began_at + MINUTE, [call])
    assert not table.calls.facts(call.sid).is_open
    assert table.calls.get(call.sid) == call


@pytest.mark.parametrize("has_ticket", [False, True])
def test_a_call_that_is_begun_when_it_is_over_is_open_too(table: AnyTable, *, has_ticket: bool) -> None:
    call = replace(any_call(), status=CallStatus.COMPLETED, ended_at=NOW)
    table.calls.begin(call, any_ticket(call.sid) if has_ticket else None)
    assert table.calls.facts(call.sid).is_open


def test_what_is_no_open_call_can_be_closed_and_looked_after_in_vain(table: AnyTable) -> None:
    call = any_call()
    table.calls.close(call.sid, NOW)
    table.calls.looked_after(call.sid, NOW)
    assert not table.calls.facts(call.sid).is_open
