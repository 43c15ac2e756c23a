"""What every CallStore promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.calls import CallStage, CallStatus, Direction
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.errors import NotFoundError, TicketError
from telephony.numbers import E164, Number
from telephony.recordings import RecordingStatus
from telephony.streams import TicketPurpose
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts
from tests.contract.stores.backends import (
    NOW,
    AnyTable,
    any_call,
    any_call_sid,
    any_mailbox,
    any_number,
    any_recording,
    any_stream,
    any_ticket,
    any_utterance,
)

LATER = NOW + timedelta(seconds=30)


def test_a_call_that_was_begun_is_there_with_every_field(table: AnyTable) -> None:
    call = replace(
        any_call(),
        caller="sip:jürgen@example.org",
        status=CallStatus.COMPLETED,
        direction=Direction.OUTBOUND,
        stage=CallStage.RINGING_PERSON,
        ended_at=LATER,
        duration_s=30,
    )
    table.calls.begin(call, None)
    assert table.calls.get(call.sid) == call


def test_a_call_that_is_not_there_is_not_found(table: AnyTable) -> None:
    sid = any_call_sid()
    with pytest.raises(NotFoundError):
        table.calls.get(sid)
    with pytest.raises(NotFoundError):
        table.calls.report(sid, CallStatus.COMPLETED, NOW, 3)
    ticket = any_ticket(sid)
    with pytest.raises(NotFoundError):
        table.calls.advance(sid, CallStage.ANSWERED, ticket)
    with pytest.raises(TicketError):
        table.tickets.claim(ticket.id, TicketPurpose.MEDIA, sid, NOW)


def test_a_repeat_does_not_undo_what_happened_since(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.report(call.sid, CallStatus.COMPLETED, LATER, 30)
    table.calls.begin(call, None)
    assert table.calls.get(call.sid) == replace(call, status=CallStatus.COMPLETED, ended_at=LATER, duration_s=30)


def test_a_call_and_its_ticket_are_stored_together(table: AnyTable) -> None:
    call = any_call()
    ticket = any_ticket(call.sid)
    table.calls.begin(call, ticket)
    assert table.calls.get(call.sid) == call
    assert table.tickets.claim(ticket.id, TicketPurpose.MEDIA, call.sid, NOW) == ticket


def test_a_repeat_with_a_new_ticket_leaves_both_tickets_usable(table: AnyTable) -> None:
    call = any_call()
    first, second = any_ticket(call.sid), any_ticket(call.sid)
    table.calls.begin(call, first)
    table.calls.begin(call, second)
    table.calls.begin(call, second)
    for ticket in (second, first):
        assert table.tickets.claim(ticket.id, TicketPurpose.MEDIA, call.sid, NOW) == ticket


def test_a_call_is_stored_though_its_ticket_was_issued_before(table: AnyTable) -> None:
    call = any_call()
    ticket = any_ticket(call.sid)
    table.tickets.issue(ticket)
    table.calls.begin(call, ticket)
    assert table.calls.get(call.sid) == call


@pytest.mark.parametrize("late", [CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED, CallStatus.FAILED])
def test_a_late_status_callback_does_not_undo_a_final_one(table: AnyTable, late: CallStatus) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.report(call.sid, CallStatus.COMPLETED, NOW, 30)
    table.calls.report(call.sid, late, LATER, None)
    assert table.calls.get(call.sid) == replace(call, status=CallStatus.COMPLETED, ended_at=NOW, duration_s=30)


def test_a_call_that_goes_on_has_no_end(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.report(call.sid, CallStatus.IN_PROGRESS, LATER, None)
    assert table.calls.get(call.sid) == replace(call, status=CallStatus.IN_PROGRESS)


def test_a_call_that_was_never_answered_ends_without_a_duration(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.report(call.sid, CallStatus.CANCELED, LATER, None)
    assert table.calls.get(call.sid) == replace(call, status=CallStatus.CANCELED, ended_at=LATER)


def test_a_stage_is_never_left_for_an_earlier_one_but_the_ticket_counts(table: AnyTable) -> None:
    call = replace(any_call(), stage=CallStage.RINGING_PERSON)
    ticket, late = any_ticket(call.sid), any_ticket(call.sid)
    table.calls.begin(call, None)
    table.calls.advance(call.sid, CallStage.TAKING_MESSAGE, ticket)
    table.calls.advance(call.sid, CallStage.RINGING_PERSON, late)
    assert table.calls.get(call.sid).stage is CallStage.TAKING_MESSAGE
    for each in (ticket, late):
        assert table.tickets.claim(each.id, TicketPurpose.MEDIA, call.sid, NOW) == each
    table.calls.advance(call.sid, CallStage.ANSWERED, None)
    assert table.calls.get(call.sid).stage is CallStage.ANSWERED


def test_nothing_is_known_of_a_call_that_nobody_announced(table: AnyTable) -> None:
    sid = any_call_sid()
    assert table.calls.facts(sid) == CallFacts(None, None, Transcript(sid))


def test_what_arrives_of_an_unannounced_call_is_kept(table: AnyTable) -> None:
    sid = any_call_sid()
    recording = any_recording(sid)
    table.recordings.report(recording)
    assert table.calls.facts(sid) == CallFacts(None, None, Transcript(sid), (recording,))


def test_the_facts_are_all_that_was_written_of_the_call(table: AnyTable) -> None:
    mailbox = any_mailbox(sms_recipients=(E164("+14155550111"),))
    table.directory.put(mailbox, [Number(any_number(), mailbox.id)])
    call, other = any_call(mailbox.id), any_call(mailbox.id)
    table.calls.begin(call, any_ticket(call.sid))
    table.calls.begin(other, None)
    later = any_recording(call.sid)
    earlier = replace(any_recording(call.sid, RecordingStatus.ABSENT), reported_at=NOW - timedelta(seconds=1))
    for recording in (later, earlier, any_recording(other.sid)):
        table.recordings.report(recording)
    stream, said = any_stream(call.sid, 9_000), any_utterance(call.sid, 100)
    table.transcripts.save([stream, any_stream(other.sid)], [any_utterance(other.sid, 0), said])
    sms, email = DeliveryId(call.sid, Channel.SMS, "+14155550111"), DeliveryId(call.sid, Channel.EMAIL, mailbox.id)
    for delivery in (sms, email):
        table.deliveries.claim(delivery, NOW)
    table.links.link(call.sid, timedelta(days=1), NOW)
    assert table.calls.facts(call.sid) == CallFacts(
        call,
        mailbox,
        Transcript.assemble(call.sid, [stream], [said]),
        (earlier, later),
        (Delivery(email, DeliveryState.CLAIMED, NOW), Delivery(sms, DeliveryState.CLAIMED, NOW)),
        open_streams=(stream.sid,),
        is_open=True,
    )


def test_a_call_whose_mailbox_is_gone_keeps_its_facts(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    assert table.calls.facts(call.sid) == CallFacts(call, None, Transcript(call.sid), is_open=True)
