"""From what has arrived of a call so far to what must happen next: pure decisions.

Everything that follows a call asks `next_steps` again and again: whenever an item of the call changes, and whenever a
wait is over. So each step may be lost or done twice without harm: what was done is seen in the facts, and what was
not is asked for again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony.calls import Call, CallStage, CallStatus, VoicemailKind
from telephony.consent import ConsentProof
from telephony.coverage import Interval
from telephony.deliveries import Delivery, DeliveryId
from telephony.index_entries import IndexEntry, entry_of
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId
from telephony.owing import Debt, TextState, debts, is_told
from telephony.recordings import Recording, RecordingStatus
from telephony.repairs import MAX_ATTEMPTS, Repair, next_attempt
from telephony.streams import StreamSid
from telephony.transcripts import Transcript, is_outdated

PATIENCE = timedelta(seconds=120)
"""How long after the hang-up people are told what there is, however little; a setting may say otherwise."""

STREAM_PATIENCE = timedelta(seconds=30)
"""How long after the hang-up a stream's end is waited for: its last finals take some seconds, unless it has died."""

LATEST = timedelta(hours=24)
"""How long after a call's start anything of it can still come."""

HANG_UP_MS = 2_000
"""A message shorter than this, with no word in it, is somebody hanging up at the tone."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """All that has arrived of one call.

    Attributes:
        call: None when something arrived of a call that was never announced to us.
        mailbox: the call's; None when it is not known.
        open_streams: the streams whose end was not written down.
        is_open: whether more is expected of the call, as far as was written down.
        consents: what can be shown of the caller's consent, in order of time.
        is_checked: whether Twilio was asked after the end of the call, so that these are all the recordings.
        indexed: the digest of what the call is found by; None when it is not indexed, or only half.
        is_erased: whether the call was erased; nothing of it is shown, and nothing is done for it.
    """

    call: Call | None
    mailbox: Mailbox | None
    transcript: Transcript
    recordings: tuple[Recording, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    open_streams: tuple[StreamSid, ...] = ()
    is_open: bool = False
    is_checked: bool = False
    indexed: str | None = None
    is_erased: bool = False
    consents: tuple[ConsentProof, ...] = ()


@dataclass(frozen=True, slots=True)
class Voicemail:
    """A message as people are told of it.

    Attributes:
        recording: the caller's message; None when there is none or it has not come.
    """

    call: Call
    mailbox: Mailbox
    kind: VoicemailKind
    transcript: Transcript
    recording: Recording | None

    @property
    def span(self) -> Interval | None:
        """What of call time the recording spans; None while that is not known."""
        repair = None if self.recording is None else self.transcript.repair_from(self.recording.sid)
        return None if repair is None else repair.span

    @property
    def text_version(self) -> int:
        """How many attempts at a repair have gone into the text; it never falls."""
        return _text_version(self.transcript)

    @property
    def length_ms(self) -> int:
        """How long the message is: Twilio's count if it has come, else up to the last word heard."""
        if self.recording is not None and self.recording.duration_ms:
            return self.recording.duration_ms
        utterances = self.transcript.utterances
        return utterances[-1].words[-1].end_ms - utterances[0].words[0].start_ms if utterances else 0


@dataclass(frozen=True, slots=True)
class FetchRecording:
    """Copy this recording to our bucket and store where it is."""

    recording: Recording


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell these, each once: claim the delivery, send, store the outcome.

    Attributes:
        is_last_attempt: whether what fails now has failed for good.
    """

    voicemail: Voicemail
    deliveries: tuple[DeliveryId, ...]
    is_last_attempt: bool = False


@dataclass(frozen=True, slots=True)
class RepairTranscript:
    """Fill what the transcript lacks from this recording, of which there is a copy.

    Attributes:
        attempt: to be begun, unless somebody else has begun it.
    """

    recording: Recording
    attempt: Repair


@dataclass(frozen=True, slots=True)
class IndexTranscript:
    """Have the call found by this, and by nothing else."""

    entry: IndexEntry


@dataclass(frozen=True, slots=True)
class Enlist:
    """Have the mailbox's digest of this time tell of the call, if it has not been told of by then."""

    mailbox_id: MailboxId
    slot: datetime


@dataclass(frozen=True, slots=True)
class SendDigest:
    """Tell of the calls that are on the list of this time, unless somebody has, each once."""

    mailbox_id: MailboxId
    slot: datetime


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Ask again at this time, unless something arrives before."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """Write down that nothing more is expected of the call."""


@dataclass(frozen=True, slots=True)
class NoteKind:
    """Write down what the caller left, for lists to show, unless something else than *instead_of* was written since."""

    kind: VoicemailKind
    instead_of: VoicemailKind | None


Step = FetchRecording | RepairTranscript | Tell | Enlist | SendDigest | IndexTranscript | LookAgain | Close | NoteKind


def next_steps(
    facts: CallFacts, now: datetime, patience: timedelta = PATIENCE, *, is_searched: bool = True
) -> tuple[Step, ...]:
    """Say what must happen now; nothing when all is done or more must arrive first.

    *patience* is how long after the hang-up people are told what there is; *is_searched* whether calls are to be found
    by their words.
    """
    if facts.is_erased:
        return ()
    # Indexing comes last: nobody waits for it who is to be told.
    steps = (*_steps(facts, now, patience), *(indexing(facts) if is_searched else ()))
    return steps or ((Close(),) if facts.is_open and _is_settled(facts, now) else ())


def noting(facts: CallFacts, now: datetime, patience: timedelta = PATIENCE) -> tuple[NoteKind, ...]:
    """Say what is to be written down of a call, once people could be told of it, and when a repair made it another.

    It is apart from `next_steps` because nothing waits for it: a call may be closed before or after.
    """
    call, mailbox = facts.call, facts.mailbox
    if call is None or mailbox is None or call.stage is CallStage.ANSWERED:
        return ()
    if not _is_ripe(call, mailbox, facts, now, patience):
        return ()
    kind = describe(call, mailbox, facts).kind
    return () if kind is call.kind else (NoteKind(kind, call.kind),)


def indexing(facts: CallFacts) -> tuple[IndexTranscript, ...]:
    """Say what must be indexed: all that is known once a call's words are there, or it is over without any.

    Nothing if the call is indexed as it stands, or was erased.
    """
    if facts.call is None or facts.mailbox is None:
        return ()
    is_over = facts.call.status.is_final and not facts.open_streams
    if not facts.transcript.is_ended and not is_over:
        return ()
    entry = entry_of(facts.call, facts.mailbox.listening.language, facts.transcript)
    return () if facts.indexed == entry.digest else (IndexTranscript(entry),)


def _steps(facts: CallFacts, now: datetime, patience: timedelta) -> tuple[Step, ...]:
    fetches = tuple(FetchRecording(recording) for recording in facts.recordings if recording.is_fetchable)
    if facts.call is None or facts.mailbox is None or facts.call.stage is CallStage.ANSWERED:
        return fetches
    call, mailbox = facts.call, facts.mailbox
    over_at = _over_at(call, mailbox, facts)
    owed = _debts(call, mailbox, facts, now)
    due = [debt for debt in owed if not debt.in_digest and debt.due_at(mailbox, now) <= now]
    alarms = [debt.due_at(mailbox, now) for debt in owed if debt not in due and not debt.in_digest]
    repair = _pending_repair(facts, over_at, now)
    if isinstance(repair, LookAgain):
        alarms.append(repair.at)
    is_ripe = bool(owed) and _is_ripe(call, mailbox, facts, now, patience)
    if owed and not is_ripe and over_at is not None:
        alarms.append(over_at + patience)
    tells = _tells(describe(call, mailbox, facts), due, now) if is_ripe else ()
    listing, digest = _digests(mailbox, owed, over_at, now)
    alarms.extend(each.slot for each in listing)
    if tells or not is_ripe:  # one after the other, so that a run ends in time
        digest = ()
    repairs = (repair,) if isinstance(repair, RepairTranscript) else ()
    # Alarms and lists are written before what may take long or fail.
    steps = (*((LookAgain(min(alarms)),) if alarms else ()), *listing)
    return (*steps, *tells, *digest, *fetches, *repairs)


def digest_debts(facts: CallFacts, now: datetime, patience: timedelta = PATIENCE) -> tuple[Debt, ...]:
    """Return what a digest may tell of a call now; nothing of one of which more should come first."""
    call, mailbox = facts.call, facts.mailbox
    if call is None or mailbox is None or call.stage is CallStage.ANSWERED:
        return ()
    owed = _debts(call, mailbox, facts, now)
    is_ripe = _is_ripe(call, mailbox, facts, now, patience)
    return tuple(debt for debt in owed if is_ripe and debt.in_digest and debt.due_at(mailbox, now) <= now)


def describe(call: Call, mailbox: Mailbox, facts: CallFacts) -> Voicemail:
    """Put together the voicemail as it stands."""
    recording = _message(facts.recordings)
    return Voicemail(call, mailbox, _kind(facts.transcript, recording), facts.transcript, recording)


def is_wanted(facts: CallFacts, delivery: DeliveryId) -> bool:
    """Tell whether *delivery* is to somebody whom the call's mailbox tells, as it is now."""
    if facts.call is None or facts.mailbox is None or facts.call.stage is CallStage.ANSWERED:
        return False
    return is_told(facts.call, facts.mailbox, delivery)


def untold_since(facts: CallFacts, now: datetime) -> datetime | None:
    """Return since when somebody should have been told of a call that is over; None when nobody is to be told.

    It is later than *now* while the mailbox wants people left in peace.
    """
    if facts.call is None or facts.mailbox is None or facts.call.stage is CallStage.ANSWERED:
        return None
    if _over_at(facts.call, facts.mailbox, facts) is None:
        return None
    return min((debt.since for debt in _debts(facts.call, facts.mailbox, facts, now)), default=None)


def _message(recordings: tuple[Recording, ...]) -> Recording | None:
    return next((each for each in recordings if each.status is not RecordingStatus.ABSENT), None)


def _pending_repair(facts: CallFacts, over_at: datetime | None, now: datetime) -> RepairTranscript | LookAgain | None:
    """Return the repair that is due, or when it will be; None when there is none to come, as far as is known."""
    transcript, recording = facts.transcript, _message(facts.recordings)
    if transcript.is_complete or over_at is None or recording is None or recording.stored_key is None:
        return None
    if not _has_settled(transcript) and now < over_at + STREAM_PATIENCE:
        return LookAgain(over_at + STREAM_PATIENCE)
    before = next((each for each in transcript.repairs if each.recording_sid == recording.sid), None)
    if before is not None:
        is_wanting = before.is_done and is_outdated(before, transcript.streams) and before.attempts < MAX_ATTEMPTS
        if before.is_over(now) and not is_wanting:
            return None
        if before.retry_at is not None and now < before.retry_at:
            return LookAgain(before.retry_at)
    return RepairTranscript(recording, next_attempt(transcript.call_sid, recording.sid, before, now))


def _has_settled(transcript: Transcript) -> bool:
    return transcript.is_ended or not transcript.coverage


def _is_ripe(call: Call, mailbox: Mailbox, facts: CallFacts, now: datetime, patience: timedelta) -> bool:
    transcript = facts.transcript
    has_paused = bool(transcript.pauses)  # then the end of a stream is not that of the message
    if transcript.is_complete and transcript.utterances and (call.status.is_final or not has_paused):
        return True  # every word is there: the recording's link works as soon as the copy does
    is_over = call.status.is_final
    over_at = _over_at(call, mailbox, facts)
    if over_at is not None and now >= over_at + patience:
        return True
    has_settled = _has_settled(transcript)
    sound_has_settled = bool(facts.recordings) and all(recording.is_settled for recording in facts.recordings)
    if is_over and call.stage is CallStage.RINGING_PERSON:
        # A call that is "completed" was answered: the report of the conversation is still on its way.
        return has_settled and call.status is not CallStatus.COMPLETED
    return is_over and has_settled and sound_has_settled and _pending_repair(facts, over_at, now) is None


def _over_at(call: Call, mailbox: Mailbox, facts: CallFacts) -> datetime | None:
    """Return when the call was over: Twilio's report, else what tells that it is, since a report can be lost."""
    if call.ended_at is not None:
        return call.ended_at
    signs = [recording.reported_at for recording in facts.recordings]
    if facts.transcript.ended_at is not None:
        # A socket can be lost in the middle of a message, which then goes on for a while unheard.
        unheard = timedelta(seconds=mailbox.max_message_seconds if facts.transcript.is_cut_short else 0)
        signs.append(facts.transcript.ended_at + unheard)
    return max(signs, default=call.started_at if call.status.is_final else None)


def _is_settled(facts: CallFacts, now: datetime) -> bool:
    """Tell whether nothing can come any more of a call about which there is nothing to do and to wait for now."""
    call = facts.call
    if call is None:
        return False
    if now >= call.started_at + LATEST:
        return True
    if not call.status.is_final or call.stage is CallStage.ANSWERED:
        return call.status.is_final
    # A recording is reported some time after the call is over, or the report is lost: without one, Twilio is asked.
    has_all = bool(facts.recordings) or facts.is_checked
    return has_all and not facts.open_streams and all(recording.is_settled for recording in facts.recordings)


def _debts(call: Call, mailbox: Mailbox, facts: CallFacts, now: datetime) -> tuple[Debt, ...]:
    over_at = _over_at(call, mailbox, facts) or call.started_at
    is_missed = _kind(facts.transcript, _message(facts.recordings)) is VoicemailKind.MISSED
    text = TextState(is_missed, _text_version(facts.transcript))
    owed = debts(call, mailbox, facts.deliveries, over_at=over_at, text=text, now=now)
    if facts.is_open or now < call.started_at + LATEST:
        return owed
    # Whoever the mailbox tells only since is not told of what is over; what was asked for again is.
    return tuple(debt for debt in owed if debt.begun is not None)


def _text_version(transcript: Transcript) -> int:
    return sum(repair.attempts for repair in transcript.repairs if repair.is_done)


def _tells(voicemail: Voicemail, due: list[Debt], now: datetime) -> tuple[Tell, ...]:
    groups = ((is_last, tuple(debt.id for debt in due if debt.is_last(now) is is_last)) for is_last in (False, True))
    return tuple(Tell(voicemail, ids, is_last) for is_last, ids in groups if ids)


def _digests(
    mailbox: Mailbox, owed: tuple[Debt, ...], over_at: datetime | None, now: datetime
) -> tuple[tuple[Enlist, ...], tuple[SendDigest, ...]]:
    """Return the digest that is to come, and the last one if the call was over by then."""
    digest = mailbox.telling.digest
    if digest is None or over_at is None or not any(debt.in_digest for debt in owed):
        return (), ()
    last = digest.last_until(now, mailbox.timezone)
    listing = (Enlist(mailbox.id, digest.next_after(now, mailbox.timezone)),)
    return listing, (SendDigest(mailbox.id, last),) if last >= over_at else ()


def _kind(transcript: Transcript, recording: Recording | None) -> VoicemailKind:
    if transcript.utterances:
        return VoicemailKind.MESSAGE
    if _is_all_heard(transcript, recording):
        has_message = recording is not None and recording.duration_ms > HANG_UP_MS
        return VoicemailKind.WORDLESS if has_message else VoicemailKind.MISSED
    if recording is not None:
        return VoicemailKind.UNREAD
    has_sound = any(coverage.received_ms for coverage in transcript.coverage)
    return VoicemailKind.UNHEARD if has_sound else VoicemailKind.MISSED


def _is_all_heard(transcript: Transcript, recording: Recording | None) -> bool:
    """Tell whether all sound, or all of the recording, came back as text or as silence."""
    if transcript.is_complete:
        return bool(transcript.coverage)
    repair = None if recording is None else transcript.repair_from(recording.sid)
    if repair is None or (span := repair.span) is None:
        return False
    return not any(gap.start_ms < span.end_ms and span.start_ms < gap.end_ms for gap in transcript.gaps)
