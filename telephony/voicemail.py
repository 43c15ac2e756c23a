"""From what has arrived of a call so far to what must happen next: pure decisions.

Everything that follows a call asks `next_steps` again and again: whenever an item of the call changes, and whenever a
wait is over. So each step may be lost or done twice without harm: what was done is seen in the facts, and what was
not is asked for again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telephony.calls import Call, CallStage, CallStatus, Direction
from telephony.consent import ConsentProof
from telephony.coverage import Interval
from telephony.deliveries import TRYING, Channel, Delivery, DeliveryId
from telephony.mailboxes import Mailbox
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


class VoicemailKind(StrEnum):
    """What a caller left."""

    MESSAGE = "message"
    """Words."""
    WORDLESS = "wordless"
    """Sound, all of it listened to, and no word in it."""
    MISSED = "missed"
    """Nothing: the caller hung up without leaving a message."""
    UNREAD = "unread"
    """A recording that no recogniser has listened to, or not to the end."""
    UNHEARD = "unheard"
    """Sound of which there is neither text nor, so far, a recording."""


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
    """

    call: Call | None
    mailbox: Mailbox | None
    transcript: Transcript
    recordings: tuple[Recording, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    open_streams: tuple[StreamSid, ...] = ()
    is_open: bool = False
    is_checked: bool = False
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
class LookAgain:
    """Ask again at this time, unless something arrives before."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """Write down that nothing more is expected of the call."""


Step = FetchRecording | RepairTranscript | Tell | LookAgain | Close


def next_steps(facts: CallFacts, now: datetime, patience: timedelta = PATIENCE) -> tuple[Step, ...]:
    """Say what must happen now; nothing when all is done or more must arrive first.

    *patience* is how long after the hang-up people are told what there is.
    """
    steps = _steps(facts, now, patience)
    return steps or ((Close(),) if facts.is_open and _is_settled(facts, now) else ())


def _steps(facts: CallFacts, now: datetime, patience: timedelta) -> tuple[Step, ...]:
    fetches = tuple(FetchRecording(recording) for recording in facts.recordings if recording.is_fetchable)
    if facts.call is None or facts.mailbox is None or facts.call.stage is CallStage.ANSWERED:
        return fetches
    call, mailbox = facts.call, facts.mailbox
    over_at = _over_at(call, mailbox, facts)
    owed, alarms = _owed(call, mailbox, facts.deliveries, now)
    repair = _pending_repair(facts, over_at, now)
    if isinstance(repair, LookAgain):
        alarms.append(repair.at)
    tells: tuple[Step, ...] = ()
    if owed and _is_ripe(call, mailbox, facts, now, patience):
        is_last = now >= (over_at or call.started_at) + TRYING
        tells = (Tell(describe(call, mailbox, facts), owed, is_last),)
    elif owed and over_at is not None:
        alarms.append(over_at + patience)
    repairs = (repair,) if isinstance(repair, RepairTranscript) else ()
    # Alarms are set before what may take long or fail.
    return (*((LookAgain(min(alarms)),) if alarms else ()), *tells, *fetches, *repairs)


def describe(call: Call, mailbox: Mailbox, facts: CallFacts) -> Voicemail:
    """Put together the voicemail as it stands."""
    recording = _message(facts.recordings)
    return Voicemail(call, mailbox, _kind(facts.transcript, recording), facts.transcript, recording)


def untold_since(facts: CallFacts) -> datetime | None:
    """Return since when a call has been over of which somebody is still to be told; None when nobody is."""
    if facts.call is None or facts.mailbox is None or _is_told(facts.call, facts.mailbox, facts.deliveries):
        return None
    return _over_at(facts.call, facts.mailbox, facts)


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
    if call is None or not call.status.is_final:
        return False
    if call.stage is CallStage.ANSWERED or now >= call.started_at + LATEST:
        return True
    # A recording is reported some time after the call is over, or the report is lost: without one, Twilio is asked.
    has_all = bool(facts.recordings) or facts.is_checked
    return has_all and not facts.open_streams and all(recording.is_settled for recording in facts.recordings)


def _is_told(call: Call, mailbox: Mailbox, deliveries: tuple[Delivery, ...]) -> bool:
    if call.stage is CallStage.ANSWERED:
        return True
    return {delivery.id for delivery in deliveries if delivery.is_over}.issuperset(_wanted(call, mailbox))


def _owed(
    call: Call, mailbox: Mailbox, deliveries: tuple[Delivery, ...], now: datetime
) -> tuple[tuple[DeliveryId, ...], list[datetime]]:
    """Return the deliveries that may be begun now, and when those that somebody has begun are to be looked at."""
    known = {delivery.id: delivery for delivery in deliveries}
    owed: list[DeliveryId] = []
    alarms: list[datetime] = []
    for wanted in _wanted(call, mailbox):
        begun = known.get(wanted)
        if begun is None:
            owed.append(wanted)
        elif not begun.is_over:
            due_at = begun.due_at(call.ended_at or call.started_at)
            if due_at > now:
                alarms.append(due_at)
            else:
                owed.append(wanted)
    return tuple(owed), alarms


def _wanted(call: Call, mailbox: Mailbox) -> list[DeliveryId]:
    if call.direction is Direction.OUTBOUND:  # whoever asked for it looks at it
        return []
    wanted = [DeliveryId(call.sid, Channel.SMS, recipient) for recipient in mailbox.sms_recipients]
    if mailbox.email_recipients:
        wanted.append(DeliveryId(call.sid, Channel.EMAIL, mailbox.id))
    return wanted


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
    if repair is None or repair.span is None:
        return False
    span = repair.span
    return not any(gap.start_ms < span.end_ms and span.start_ms < gap.end_ms for gap in transcript.gaps)
