"""What every UsageStore promises."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from telephony.usage import DayUsage, Usage
from tests.contract.stores.backends import NOW, AnyTable, any_call, any_mailbox

TODAY = NOW.date()
USED = Usage(calls=1, received_ms=9_000, transcribed_ms=8_990, sent=2, failed=1)


def test_days_add_up_in_order_and_calls_of_other_mailboxes_do_not(table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    for days in (3, 0, 0):
        call = any_call(mailbox_id, NOW + timedelta(days=days))
        table.calls.begin(call, None)
        table.usage.count(call, USED)
    other = any_call()
    table.calls.begin(other, None)
    table.usage.count(other, USED)
    later = TODAY + timedelta(days=3)
    assert table.usage.days(mailbox_id, TODAY, later) == (DayUsage(TODAY, USED + USED), DayUsage(later, USED))
    assert table.usage.days(mailbox_id, TODAY, later - timedelta(days=1)) == (DayUsage(TODAY, USED + USED),)
    assert table.usage.days(mailbox_id, later + timedelta(days=1), date(2099, 1, 1)) == ()


def test_a_call_is_counted_once(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    for _ in range(3):
        table.usage.count(call, USED)
    assert table.usage.days(call.mailbox_id, TODAY, TODAY) == (DayUsage(TODAY, USED),)


def test_a_call_that_is_not_there_is_not_counted(table: AnyTable) -> None:
    call = any_call()
    table.usage.count(call, USED)
    assert table.usage.days(call.mailbox_id, TODAY, TODAY) == ()


def test_calls_that_end_at_once_are_all_counted(shared_table: AnyTable) -> None:
    mailbox_id = any_mailbox().id
    calls = [any_call(mailbox_id) for _ in range(4)]
    for call in calls:
        shared_table.calls.begin(call, None)
    with ThreadPoolExecutor(4) as pool:
        for counting in [pool.submit(shared_table.usage.count, call, USED) for call in calls]:
            counting.result(timeout=30)
    ((day),) = shared_table.usage.days(mailbox_id, TODAY, TODAY)
    assert day.usage.calls == 4
