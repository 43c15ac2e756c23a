"""What the domain asks of where it keeps things. Every method may raise UpstreamError; every write may be repeated."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telephony.call_filter import EVERY_CALL, CallFilter
from telephony.calls import Call, CallSid, CallStage, CallStatus, VoicemailKind
from telephony.deliveries import Attempt, Claim, Delivery, DeliveryId
from telephony.mailboxes import Mailbox
from telephony.marks import Marks
from telephony.number_addresses import Remembered
from telephony.numbers import E164, MailboxId, Number
from telephony.phrases import PhraseDigest
from telephony.recordings import Recording, RecordingSid
from telephony.repairs import Repair
from telephony.streams import MediaStream, StreamEnd, StreamSid, Ticket, TicketId, TicketPurpose
from telephony.transcripts import Transcript, Utterance
from telephony.voicemail import CallFacts


@dataclass(frozen=True, slots=True)
class StoredMailbox:
    """A mailbox with all that belongs to it.

    Attributes:
        revision: how often it was stored, 1 or more; 0 of one from before that was counted.
    """

    mailbox: Mailbox
    numbers: tuple[Number, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """Mailboxes, in order of their ids, and where the next page begins.

    Attributes:
        cursor: opaque; None on the last page.
    """

    mailboxes: tuple[Mailbox, ...]
    cursor: str | None


class Directory(Protocol):
    """Which number belongs to which mailbox."""

    def answering(self, number: E164) -> tuple[Number, Mailbox]:
        """Return what answers *number*, in one read. Raises: NotFoundError."""
        ...

    def mailbox(self, mailbox_id: MailboxId) -> Mailbox:
        """Return a mailbox. Raises: NotFoundError."""
        ...

    def keeping_behind(self, mailbox_id: MailboxId) -> MailboxId | None:
        """Return the next mailbox, in order of their ids, that says how long it keeps calls; None behind the last.

        What was written a moment ago may be missing.
        """
        ...

    def stored(self, mailbox_id: MailboxId) -> StoredMailbox:
        """Return a mailbox, its numbers, and which revision it is. Raises: NotFoundError."""
        ...

    def readable_by(self, reader: str, limit: int, cursor: str | None) -> MailboxPage:
        """Return the mailboxes that list *reader*, in order of their ids; a page may be short while more follow.

        Raises: WireError on a cursor that is not ours or another reader's.
        """
        ...

    def put(self, mailbox: Mailbox, numbers: Sequence[Number], revision: int | None = None) -> int:
        """Store *mailbox* and what its numbers do, all or nothing: exactly these are its numbers. Return its revision.

        It goes over what was there, unless that is not *revision*; 0 is that nothing was there, or nothing counted.

        Phrases of which it was written down that they can be played stay so, if the mailbox still has them.

        Raises: NumberTakenError, ConflictError if another revision is there, WireError if more would change at once
            than is possible.
        """
        ...

    def lost(self, mailbox_id: MailboxId, digest: PhraseDigest) -> None:
        """Write down that this phrase cannot be played any more: the mailbox's change has it spoken anew.

        Raises: NotFoundError.
        """
        ...

    def spoken(self, mailbox_id: MailboxId, digests: AbstractSet[PhraseDigest]) -> None:
        """Write down that these phrases can be played, those that the mailbox still has. Raises: NotFoundError."""
        ...


@dataclass(frozen=True, slots=True)
class CallPage:
    """Calls, newest first, and where the next page begins.

    Attributes:
        cursor: opaque; None on the last page.
    """

    calls: tuple[Call, ...]
    cursor: str | None


class CallStore(Protocol):
    """Calls and all that belongs to them."""

    def begin(self, call: Call, ticket: Ticket | None) -> None:
        """Store *call*, which then is open, unless it is there already, and *ticket*, in one write.

        Of a call that was erased nothing is stored.
        """
        ...

    def advance(self, call_sid: CallSid, stage: CallStage, ticket: Ticket | None) -> None:
        """Move the call to *stage* unless it is further, and store *ticket*. Raises: NotFoundError."""
        ...

    def report(self, call_sid: CallSid, status: CallStatus, at: datetime, duration_s: int | None) -> None:
        """Move the call to *status* unless it is as far or further. Raises: NotFoundError."""
        ...

    def get(self, call_sid: CallSid) -> Call:
        """Return a call. Raises: NotFoundError."""
        ...

    def facts(self, call_sid: CallSid) -> CallFacts:
        """Return all that has arrived of a call; empty facts when nothing has, or it was erased."""
        ...

    def page(self, mailbox_id: MailboxId, limit: int, cursor: str | None, only: CallFilter = EVERY_CALL) -> CallPage:
        """Return a mailbox's calls that *only* takes, newest first.

        So that a page costs no more than another, it may hold fewer than *limit*, or none, and more follow: the cursor
        says whether. Raises: WireError on a cursor that is not ours or another's.
        """
        ...

    def note_kind(self, call_sid: CallSid, kind: VoicemailKind, instead_of: VoicemailKind | None) -> None:
        """Write down what the caller left, unless something else than *instead_of* is written.

        Raises: NotFoundError.
        """
        ...

    def mark(self, call_sid: CallSid, marks: Marks) -> None:
        """Store *marks*, whose revision is one more than that of the stored ones.

        Raises: NotFoundError, ConflictError if others were stored since.
        """
        ...

    def open_calls(self, before: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* open calls that began and were last looked after before then, longest ago first.

        What was written a moment ago may be missing.
        """
        ...

    def looked_after(self, call_sid: CallSid, at: datetime) -> None:
        """Write down that an open call was looked after, so that the others come before it."""
        ...

    def close(self, call_sid: CallSid, at: datetime) -> None:
        """Write down that nothing more is expected of a call: it is not open any more, and never again."""
        ...


class RecordingStore(Protocol):
    """Recordings as Twilio reports them."""

    def report(self, recording: Recording) -> None:
        """Store *recording* unless as much or more is known of it, or its call was erased."""
        ...

    def stored(self, call_sid: CallSid, recording_sid: RecordingSid, key: str) -> None:
        """Write down where our copy is. Raises: NotFoundError if the recording was never reported."""
        ...

    def failed(self, call_sid: CallSid, recording_sid: RecordingSid, trouble: str) -> None:
        """Write down that there will be no copy, and why, unless there is one.

        Raises: NotFoundError if the recording was never reported.
        """
        ...


class TranscriptStore(Protocol):
    """What the streamer writes."""

    def save(self, streams: Sequence[MediaStream], utterances: Sequence[Utterance]) -> None:
        """Store all of these, of any calls, in as few requests as it takes; the latest of a stream stands.

        An ENDED stream is never opened again. Utterances are stored before streams, so that whoever sees the end
        of a stream sees all of its words.
        """
        ...

    def end_stream(
        self, call_sid: CallSid, stream_sid: StreamSid, *, end: StreamEnd, trouble: str, at: datetime
    ) -> None:
        """End a stream that nobody ended; what is written of it stays as it is, and so does its end if it has one."""
        ...

    def transcript(self, call_sid: CallSid) -> Transcript:
        """Return what was said so far; an empty transcript when nothing was."""
        ...


class RepairStore(Protocol):
    """What was done to fill transcripts from recordings."""

    def begin(self, attempt: Repair) -> None:
        """Set out on *attempt*. Raises: ConflictError if as many attempts at this recording have begun."""
        ...

    def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
        """Store the words of an attempt, and then what became of it, so that whoever sees that sees the words.

        Raises: ConflictError if another attempt has begun since; its words are then the ones that will stand.
        """
        ...


class TicketStore(Protocol):
    """Tickets for sockets."""

    def issue(self, ticket: Ticket) -> None:
        """Store a ticket that can be claimed once."""
        ...

    def claim(self, ticket_id: TicketId, purpose: TicketPurpose, call_sid: CallSid | None, now: datetime) -> Ticket:
        """Use up a ticket, at most once in the whole fleet. A *call_sid* must be the ticket's.

        Raises: TicketError.
        """
        ...


class DeliveryStore(Protocol):
    """What was sent to whom."""

    def claim(self, delivery: DeliveryId, at: datetime, attempt: Attempt | None = None) -> Claim:
        """Set out to send; a claim that somebody else has not finished within LEASE is taken over, by one alone.

        The *attempt* at an SMS is remembered until its SID is, as `telephony.deliveries.Delivery.with_attempt` says.

        Raises: ConflictError if the delivery is another's, or over.
        """
        ...

    def ask_again(self, delivery: DeliveryId, at: datetime) -> Delivery:
        """Have a delivery that is over claimed and sent once more; return it as it is then.

        Raises: NotFoundError, ConflictError while it is claimed.
        """
        ...

    def finish(self, delivery: Delivery) -> None:
        """Store the outcome of a claimed delivery, or that it must be tried again.

        The first outcome stands, but SENT goes over any other; neither goes over AGAIN.

        Raises: NotFoundError if it was never claimed.
        """
        ...


class LinkStore(Protocol):
    """Links that let whoever holds them listen to a call's message."""

    def link(self, call_sid: CallSid, lifetime: timedelta, now: datetime) -> str:
        """Return the call's unguessable token, the same one for as long as it lives."""
        ...

    def call_of(self, token: str, now: datetime) -> CallSid:
        """Return whose token it is. Raises: NotFoundError, also when its lifetime is over."""
        ...


class AudioStore(Protocol):
    """Our copies of recordings."""

    def put(self, key: str, audio: bytes, content_type: str) -> None:
        """Store *audio* over what was there."""
        ...

    def get(self, key: str) -> bytes:
        """Return what was stored. Raises: NotFoundError."""
        ...

    def url(
        self, key: str, lifetime: timedelta, file_name: str | None = None, *, content_type: str = "audio/wav"
    ) -> str:
        """Return an address at which anybody can fetch it, or a range of it, until *lifetime* is over.

        A browser shows it as what *content_type* says, or keeps it under *file_name*, of printable ASCII without
        quotes, if there is one.
        """
        ...


class NumberMemory(Protocol):
    """Whom Twilio asked about a number's calls before it asked us."""

    def recall(self, number: E164) -> Remembered | None:
        """Return what is remembered of a number; None when nothing is."""
        ...

    def remember(self, number: E164, remembered: Remembered) -> None:
        """Remember this, and forget what was remembered before."""
        ...
