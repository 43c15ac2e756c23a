"""What every OptOutStore promises."""

from datetime import timedelta

import pytest

from telephony.opt_outs import OptOut, OptOutSource
from tests.contract.stores.backends import NOW, AnyTable, any_number

LATER = NOW + timedelta(microseconds=1)


@pytest.mark.parametrize("source", OptOutSource)
def test_who_opted_out_has_done_so_for_that_number_alone(table: AnyTable, source: OptOutSource) -> None:
    opt_out = OptOut(any_number(), any_number(), NOW, source)
    table.opt_outs.mark(opt_out)
    assert table.opt_outs.opt_out(opt_out.recipient, opt_out.sender) == opt_out
    assert table.opt_outs.opt_out(opt_out.recipient, any_number()) is None
    assert table.opt_outs.opt_out(opt_out.sender, opt_out.recipient) is None


def test_who_wants_sms_again_gets_them_and_may_opt_out_once_more(table: AnyTable) -> None:
    first = OptOut(any_number(), any_number(), NOW, OptOutSource.STOP)
    again = OptOut(first.recipient, first.sender, LATER + timedelta(hours=1), OptOutSource.REFUSAL)
    table.opt_outs.mark(first)
    table.opt_outs.lift(first.recipient, first.sender, LATER)
    assert table.opt_outs.opt_out(first.recipient, first.sender) is None
    table.opt_outs.mark(again)
    assert table.opt_outs.opt_out(first.recipient, first.sender) == again


def test_what_is_written_late_does_not_undo_what_came_after(table: AnyTable) -> None:
    opt_out = OptOut(any_number(), any_number(), NOW, OptOutSource.STOP)
    table.opt_outs.lift(opt_out.recipient, opt_out.sender, LATER)
    table.opt_outs.mark(opt_out)
    assert table.opt_outs.opt_out(opt_out.recipient, opt_out.sender) is None


def test_whoever_opted_out_is_found_among_many(table: AnyTable) -> None:
    recipients, senders = [any_number() for _ in range(15)], [any_number() for _ in range(8)]  # more than one batch
    out = [OptOut(recipients[at], senders[at % 8], NOW, OptOutSource.STOP) for at in (0, 3, 14)]
    for each in out:
        table.opt_outs.mark(each)
    table.opt_outs.mark(OptOut(recipients[1], any_number(), NOW, OptOutSource.STOP))
    table.opt_outs.mark(OptOut(any_number(), senders[0], NOW, OptOutSource.STOP))
    table.opt_outs.mark(OptOut(recipients[2], senders[2], NOW, OptOutSource.STOP))
    table.opt_outs.lift(recipients[2], senders[2], LATER)

    found = table.opt_outs.among([*recipients, recipients[0]], senders)

    assert sorted(found, key=lambda each: recipients.index(each.recipient)) == out
    assert table.opt_outs.among([], senders) == table.opt_outs.among(recipients, []) == ()


def test_a_repeated_opt_out_changes_nothing(table: AnyTable) -> None:
    opt_out = OptOut(any_number(), any_number(), NOW, OptOutSource.STOP)
    table.opt_outs.mark(opt_out)
    table.opt_outs.mark(opt_out)
    assert table.opt_outs.opt_out(opt_out.recipient, opt_out.sender) == opt_out
