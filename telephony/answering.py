"""Answering: from what Twilio says of a call to what is stored of it and what its caller hears; pure decisions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from telephony.calls import Call, CallSid, CallStage, CallStatus
from telephony.consent import Consent, ConsentProof, ConsentStep, has_agreed
from telephony.events import CallStatusReported, ConsentAnswered, DialEnded, IncomingCall, RecordingReported
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, Number, NumberMode, is_withheld
from telephony.recordings import Recording, RecordingStatus
from telephony.streams import TICKET_LIFETIME, Ticket, TicketId, TicketPurpose

REFUSED_RING_SECONDS = 20
"""How long somebody is rung for a caller who does not want to be recorded."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who called which number of ours.

    Attributes:
        caller: Twilio's `From`, as it came.
    """

    caller: str
    number: E164


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Greet the caller and record a message.

    Attributes:
        ticket: lets the live stream in; None when nobody listens live.
        is_told: whether the caller was told of the recording, or asked and has agreed, so that nothing needs to be
            announced any more.
    """

    mailbox: Mailbox
    ticket: Ticket | None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Announce:
    """Play the announcement of the recording to its end, and ask again: a sound that is lost would be passed over."""

    mailbox: Mailbox
    consent: Consent


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Announce the recording, and ask again what to do with the key that the caller presses, or does not."""

    mailbox: Mailbox
    consent: Consent


@dataclass(frozen=True, slots=True)
class EndUnrecorded:
    """Say that nothing was recorded, and hang up or ring somebody.

    Attributes:
        ring: who is rung; None to hang up.
    """

    mailbox: Mailbox
    consent: Consent
    ring: "RingPerson | None"


@dataclass(frozen=True, slots=True)
class TakeMessageBlindly:
    """Greet and record without knowing the mailbox.

    The recording's callbacks do not say who called whom, so they must be given *parties* to bring along.
    """

    parties: Parties


@dataclass(frozen=True, slots=True)
class RingPerson:
    """Ring somebody, and ask again when that is over.

    Attributes:
        shown: which caller ID they see; None for the caller's own.
    """

    target: E164
    seconds: int
    shown: E164 | None


@dataclass(frozen=True, slots=True)
class Apologise:
    """Say that nobody can be reached here, and hang up."""


@dataclass(frozen=True, slots=True)
class Thank:
    """Say that the message is taken, and hang up."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call without a word."""


@dataclass(frozen=True, slots=True)
class SayNothing:
    """Answer a text with none."""


Answer = (
    TakeMessage
    | TakeMessageBlindly
    | Announce
    | AskConsent
    | EndUnrecorded
    | RingPerson
    | Apologise
    | Thank
    | HangUp
    | SayNothing
)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a call begins: store the first two in one write, then the proof if there is one, then answer."""

    call: Call
    ticket: Ticket | None
    answer: Answer


class AfterDial(StrEnum):
    """What to do once the person is no longer rung."""

    END = "end"
    """They have spoken: the call is answered, and over."""
    MISS = "miss"
    """The caller gave up: a missed call, which the call's status tells."""
    TAKE_MESSAGE = "take-message"


def open_call(
    event: IncomingCall, number: Number, mailbox: Mailbox, *, now: datetime, ticket_id: TicketId | None
) -> Opening:
    """Decide how to answer a new call. *ticket_id* is fresh and unguessable, or None when nobody listens live."""
    call = Call(
        sid=event.call_sid,
        mailbox_id=mailbox.id,
        number=event.number,
        caller=event.caller,
        started_at=now,
        status=event.status,
    )
    if number.mode is NumberMode.RING_FIRST and number.ring_target is not None:
        ringing = replace(call, stage=CallStage.RINGING_PERSON)
        return Opening(ringing, None, RingPerson(number.ring_target, number.ring_seconds, _shown(event)))
    stage, ticket, answer = taking_message(event.call_sid, mailbox, now=now, ticket_id=ticket_id)
    return Opening(replace(call, stage=stage), ticket, answer)


def taking_message(
    call_sid: CallSid, mailbox: Mailbox, *, now: datetime, ticket_id: TicketId | None
) -> tuple[CallStage, Ticket | None, Answer]:
    """Decide how a message is taken: without a ticket while the caller has still to hear of it, or to agree to it."""
    if mailbox.consent is not None and mailbox.consent.must_agree:
        return CallStage.ASKING_CONSENT, None, AskConsent(mailbox, mailbox.consent)
    if mailbox.consent is not None and mailbox.plays(mailbox.consent.announcement):
        return CallStage.ASKING_CONSENT, None, Announce(mailbox, mailbox.consent)
    ticket = media_ticket(call_sid, mailbox, now=now, ticket_id=ticket_id)
    return CallStage.TAKING_MESSAGE, ticket, TakeMessage(mailbox, ticket)


def announced(answer: Answer, call_sid: CallSid, *, now: datetime, webhook: str) -> ConsentProof | None:
    """Return the proof of what *answer* announces to the caller; None when it announces nothing.

    Of what is played there is proof when it was: see `after_announcement`.
    """
    match answer:
        case AskConsent(_, consent):
            return ConsentProof(call_sid, ConsentStep.ANNOUNCED, now, consent.announcement, webhook)
        case TakeMessage(mailbox, _, False) if mailbox.consent is not None:
            return ConsentProof(call_sid, ConsentStep.ANNOUNCED, now, mailbox.consent.announcement, webhook)
        case _:
            return None


def after_announcement(
    event: ConsentAnswered, mailbox: Mailbox, *, now: datetime, ticket_id: TicketId | None, webhook: str
) -> tuple[ConsentProof | None, Ticket | None, Answer]:
    """Decide what follows an announcement that was to be played; if its sound was lost meanwhile, it is said now."""
    ticket = media_ticket(event.call_sid, mailbox, now=now, ticket_id=ticket_id)
    consent = mailbox.consent
    if consent is None:  # the mailbox has been changed meanwhile
        return None, ticket, TakeMessage(mailbox, ticket, is_told=True)
    proof = ConsentProof(event.call_sid, ConsentStep.ANNOUNCED, now, consent.announcement, webhook)
    return proof, ticket, TakeMessage(mailbox, ticket, is_told=mailbox.plays(consent.announcement))


def after_consent(
    event: ConsentAnswered, mailbox: Mailbox, *, now: datetime, ticket_id: TicketId | None, webhook: str
) -> tuple[ConsentProof | None, Ticket | None, Answer]:
    """Decide what follows a caller's answer: the proof is stored first, then the ticket, and then this is done.

    A mailbox that asks for nothing any more has been changed meanwhile.
    """
    consent = mailbox.consent
    if consent is None:
        ticket = media_ticket(event.call_sid, mailbox, now=now, ticket_id=ticket_id)
        return None, ticket, TakeMessage(mailbox, ticket, is_told=True)
    step = ConsentStep.AGREED if has_agreed(event.key) else ConsentStep.REFUSED
    proof = ConsentProof(event.call_sid, step, now, consent.announcement, webhook, event.key)
    if step is ConsentStep.REFUSED:
        ring = None if consent.ring is None else RingPerson(consent.ring, REFUSED_RING_SECONDS, _shown(event))
        return proof, None, EndUnrecorded(mailbox, consent, ring)
    ticket = media_ticket(event.call_sid, mailbox, now=now, ticket_id=ticket_id)
    return proof, ticket, TakeMessage(mailbox, ticket, is_told=True)


def after_dial(event: DialEnded) -> AfterDial:
    """Decide what follows the ringing."""
    if event.was_answered:
        return AfterDial.END
    return AfterDial.MISS if event.status.is_final else AfterDial.TAKE_MESSAGE


def media_ticket(call_sid: CallSid, mailbox: Mailbox, *, now: datetime, ticket_id: TicketId | None) -> Ticket | None:
    """Return the ticket for the call's stream; None when *ticket_id* is."""
    if ticket_id is None:
        return None
    return Ticket(
        id=ticket_id,
        purpose=TicketPurpose.MEDIA,
        call_sid=call_sid,
        mailbox_id=mailbox.id,
        expires_at=now + TICKET_LIFETIME,
        listening=mailbox.listening,
    )


def after_message(*, pressed_key: bool) -> Answer:
    """Decide what follows the message: whoever ended it with a key is still there to be thanked."""
    return Thank() if pressed_key else HangUp()


def without_table(parties: Parties | None) -> Answer:
    """Decide how to answer when nothing can be read or written: the message is taken all the same.

    Only a call to something that is no phone number (*parties* is None) cannot be ours.
    """
    return Apologise() if parties is None else TakeMessageBlindly(parties)


def late_call(event: RecordingReported, parties: Parties, mailbox: Mailbox, now: datetime) -> Call:
    """Return the call that left *event*'s recording and was answered without the table, as far as it is known now.

    It did nothing but take the message, so it is over once that is settled. Its own status may never come: whatever
    kept the table away may have outlasted Twilio's repeats.
    """
    is_over = event.status is not RecordingStatus.ANNOUNCED
    return Call(
        sid=event.call_sid,
        mailbox_id=mailbox.id,
        number=parties.number,
        caller=parties.caller,
        started_at=now - timedelta(milliseconds=event.duration_ms),
        status=CallStatus.COMPLETED if is_over else CallStatus.IN_PROGRESS,
        ended_at=now if is_over else None,
    )


def reported_call(event: CallStatusReported, mailbox: Mailbox, now: datetime) -> Call:
    """Return a call of which its status is the first we hear."""
    is_over = event.status.is_final
    return Call(
        sid=event.call_sid,
        mailbox_id=mailbox.id,
        number=event.number,
        caller=event.caller,
        started_at=now - timedelta(seconds=event.duration_s or 0),
        status=event.status,
        ended_at=now if is_over else None,
        duration_s=event.duration_s if is_over else None,
    )


def dialed_call(event: DialEnded, mailbox: Mailbox, now: datetime) -> Call:
    """Return a call of which the end of the ringing is the first we hear, and whose message is now taken."""
    return Call(
        sid=event.call_sid,
        mailbox_id=mailbox.id,
        number=event.number,
        caller=event.caller,
        started_at=now,
        status=event.status,
    )


def reported_recording(event: RecordingReported, now: datetime) -> Recording:
    """Return the recording as it was reported."""
    return Recording(
        sid=event.recording_sid,
        call_sid=event.call_sid,
        status=event.status,
        duration_ms=event.duration_ms,
        reported_at=now,
    )


def _shown(event: IncomingCall | ConsentAnswered) -> E164 | None:
    """Return our own number where Twilio could not show the caller's: a call to a phone needs a phone number."""
    return event.number if is_withheld(event.caller) or not event.caller.startswith("+") else None
