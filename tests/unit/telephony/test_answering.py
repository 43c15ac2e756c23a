"""What is stored of a call and what its caller hears follow from what Twilio says, and from nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from telephony import answering
from telephony.answering import (
    AfterDial,
    Apologise,
    HangUp,
    Parties,
    RingPerson,
    TakeMessage,
    TakeMessageBlindly,
    Thank,
)
from telephony.calls import CallSid, CallStage, CallStatus
from telephony.events import CallStatusReported, DialEnded, IncomingCall, RecordingReported
from telephony.mailboxes import Listening, Mailbox
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.recordings import RecordingSid, RecordingStatus
from telephony.streams import TICKET_LIFETIME, TicketId

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CALL = CallSid("CA00000000000000000000000000000001")
OURS = E164("+15005550006")
MAILBOX = Mailbox(MailboxId("front-desk"), "Front desk", listening=Listening(language="de-DE"))
TAKES_MESSAGES = Number(OURS, MAILBOX.id)
RINGS_FIRST = Number(OURS, MAILBOX.id, NumberMode.RING_FIRST, E164("+15005550010"), 25)


def incoming(caller: str = "+14155550123") -> IncomingCall:
    return IncomingCall(CALL, caller, OURS, CallStatus.RINGING)


def test_a_message_is_taken_with_a_ticket_that_says_how_to_listen() -> None:
    opening = answering.open_call(incoming(), TAKES_MESSAGES, MAILBOX, now=NOW, ticket_id=TicketId("t"))
    assert opening.call.stage is CallStage.TAKING_MESSAGE
    assert opening.ticket is not None
    assert (opening.ticket.call_sid, opening.ticket.expires_at) == (CALL, NOW + TICKET_LIFETIME)
    assert opening.ticket.listening.language == "de-DE"
    assert opening.answer == TakeMessage(MAILBOX, opening.ticket)


def test_where_nobody_listens_there_is_no_ticket() -> None:
    opening = answering.open_call(incoming(), TAKES_MESSAGES, MAILBOX, now=NOW, ticket_id=None)
    assert opening.ticket is None
    assert opening.answer == TakeMessage(MAILBOX, None)


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("+14155550123", None),
        ("anonymous", OURS),
        ("+266696687", OURS),  # "anonymous", on a keypad
        ("client:alice", OURS),
        ("sip:alice@acme.example", OURS),
        ("12345", OURS),
        ("", OURS),
    ],
)
def test_a_person_who_is_rung_sees_the_caller_or_else_our_number(caller: str, shown: E164 | None) -> None:
    opening = answering.open_call(incoming(caller), RINGS_FIRST, MAILBOX, now=NOW, ticket_id=TicketId("t"))
    assert opening.call.stage is CallStage.RINGING_PERSON
    assert opening.ticket is None
    assert opening.answer == RingPerson(E164("+15005550010"), 25, shown)


@pytest.mark.parametrize(
    ("was_answered", "status", "after"),
    [
        (True, CallStatus.IN_PROGRESS, AfterDial.END),
        (True, CallStatus.COMPLETED, AfterDial.END),
        (False, CallStatus.NO_ANSWER, AfterDial.MISS),
        (False, CallStatus.RINGING, AfterDial.TAKE_MESSAGE),
        (False, CallStatus.IN_PROGRESS, AfterDial.TAKE_MESSAGE),
    ],
)
def test_what_follows_the_ringing(was_answered: bool, status: CallStatus, after: AfterDial) -> None:
    assert answering.after_dial(DialEnded(CALL, "+14155550123", OURS, was_answered, status)) is after


def test_only_whoever_is_still_there_is_thanked() -> None:
    assert answering.after_message(pressed_key=True) == Thank()
    assert answering.after_message(pressed_key=False) == HangUp()


def test_without_the_table_only_what_is_no_number_gets_an_apology() -> None:
    parties = Parties("+14155550123", OURS)
    assert answering.without_table(parties) == TakeMessageBlindly(parties)
    assert answering.without_table(None) == Apologise()


@pytest.mark.parametrize(
    ("status", "call_status", "ended_at"),
    [
        (RecordingStatus.ANNOUNCED, CallStatus.IN_PROGRESS, None),
        (RecordingStatus.COMPLETED, CallStatus.COMPLETED, NOW),
        (RecordingStatus.ABSENT, CallStatus.COMPLETED, NOW),
    ],
)
def test_a_call_answered_without_the_table_is_over_once_its_recording_is(
    status: RecordingStatus, call_status: CallStatus, ended_at: datetime | None
) -> None:
    event = RecordingReported(CALL, RecordingSid("RE1"), status, 24_000)
    call = answering.late_call(event, Parties("anonymous", OURS), MAILBOX, NOW)
    assert (call.status, call.ended_at) == (call_status, ended_at)
    assert (call.caller, call.started_at) == ("anonymous", NOW - timedelta(seconds=24))


@pytest.mark.parametrize(
    ("status", "duration_s", "ended_at"), [(CallStatus.COMPLETED, 42, NOW), (CallStatus.IN_PROGRESS, None, None)]
)
def test_a_call_known_by_its_status_alone_began_as_long_ago_as_it_lasted(
    status: CallStatus, duration_s: int | None, ended_at: datetime | None
) -> None:
    call = answering.reported_call(CallStatusReported(CALL, "x", OURS, status, duration_s), MAILBOX, NOW)
    assert (call.status, call.duration_s, call.ended_at) == (status, duration_s, ended_at)
    assert call.started_at == NOW - timedelta(seconds=duration_s or 0)
