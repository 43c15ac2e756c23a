"""What every TicketStore promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.errors import TicketError, TicketFault
from telephony.mailboxes import Listening
from telephony.streams import Ticket, TicketId, TicketPurpose
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid, any_ticket

RACERS = 8


def _fault(table: AnyTable, ticket: Ticket, **changes: object) -> TicketFault:
    asked: dict[str, object] = {
        "ticket_id": ticket.id,
        "purpose": ticket.purpose,
        "call_sid": ticket.call_sid,
        "now": NOW,
    }
    with pytest.raises(TicketError) as refusal:
        table.tickets.claim(**{**asked, **changes})  # type: ignore[arg-type] # one of them is changed
    return refusal.value.fault


def _issued(table: AnyTable) -> Ticket:
    ticket = any_ticket(any_call_sid())
    table.tickets.issue(ticket)
    return ticket


def test_a_ticket_is_handed_out_as_it_was_issued(table: AnyTable) -> None:
    ticket = replace(
        any_ticket(any_call_sid(), TicketPurpose.CAPTIONS),
        listening=Listening("de", "nova-2", ("Müller",)),
        tracks=(Track.INBOUND, Track.OUTBOUND),
    )
    table.tickets.issue(ticket)
    assert table.tickets.claim(ticket.id, TicketPurpose.CAPTIONS, None, NOW) == ticket


def test_a_ticket_admits_once(table: AnyTable) -> None:
    ticket = _issued(table)
    table.tickets.claim(ticket.id, ticket.purpose, ticket.call_sid, NOW)
    assert _fault(table, ticket) is TicketFault.USED


def test_a_used_ticket_that_is_issued_again_stays_used(table: AnyTable) -> None:
    ticket = _issued(table)
    table.tickets.claim(ticket.id, ticket.purpose, ticket.call_sid, NOW)
    table.tickets.issue(ticket)
    assert _fault(table, ticket) is TicketFault.USED


def test_of_eight_who_claim_a_ticket_at_once_one_gets_it(shared_table: AnyTable) -> None:
    ticket = _issued(shared_table)
    start = Barrier(RACERS)

    def claim() -> object:
        start.wait(timeout=10)
        try:
            return shared_table.tickets.claim(ticket.id, ticket.purpose, ticket.call_sid, NOW)
        except TicketError as refusal:
            return refusal.fault

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = [racer.result(timeout=30) for racer in [pool.submit(claim) for _ in range(RACERS)]]
    assert outcomes.count(ticket) == 1
    assert outcomes.count(TicketFault.USED) == RACERS - 1


def test_a_ticket_is_refused_from_the_moment_it_expires(table: AnyTable) -> None:
    ticket = _issued(table)
    assert _fault(table, ticket, now=ticket.expires_at) is TicketFault.EXPIRED
    just_before = ticket.expires_at - timedelta(microseconds=1)
    assert table.tickets.claim(ticket.id, ticket.purpose, ticket.call_sid, just_before) == ticket


def test_a_refused_claim_does_not_use_the_ticket_up(table: AnyTable) -> None:
    ticket = _issued(table)
    assert _fault(table, ticket, call_sid=any_call_sid()) is TicketFault.WRONG_CALL
    assert _fault(table, ticket, purpose=TicketPurpose.CAPTIONS) is TicketFault.UNKNOWN
    assert table.tickets.claim(ticket.id, ticket.purpose, ticket.call_sid, NOW) == ticket


def test_another_calls_ticket_is_refused_as_such_also_when_it_is_used(table: AnyTable) -> None:
    ticket = _issued(table)
    table.tickets.claim(ticket.id, ticket.purpose, None, NOW)
    assert _fault(table, ticket, call_sid=CallSid("CA" + "0" * 32)) is TicketFault.WRONG_CALL


@pytest.mark.parametrize("ticket_id", ["", "nobody-issued-it", "x" * 5_000, "☎", "\ud800", "a b", "#"])
def test_a_ticket_that_nobody_issued_is_unknown(table: AnyTable, ticket_id: str) -> None:
    assert _fault(table, any_ticket(any_call_sid()), ticket_id=TicketId(ticket_id)) is TicketFault.UNKNOWN
