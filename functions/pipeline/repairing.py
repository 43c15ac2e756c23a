"""Repairs transcripts: transcribes what they lack from the recording, and puts it in its place."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from functions.pipeline.ports import PipelinePorts
from functions.pipeline.retrying import patiently
from telephony import alignment, repair
from telephony.alignment import Alignment
from telephony.coverage import Coverage, Interval, Track, outside
from telephony.errors import ConflictError, NotFoundError, TelephonyError, UpstreamError, WireError
from telephony.log import logger
from telephony.mailboxes import Listening
from telephony.metrics import Metric
from telephony.ports.services import Transcription
from telephony.recordings import RecordedWord, Recording
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.streams import MediaStream, StreamEnd
from telephony.transcripts import Transcript, Utterance, Word
from telephony.voicemail import CallFacts, RepairTranscript
from telephony.wire import wav
from telephony.wire.wav import Sound

TRACK = Track.INBOUND
"""Whose words a message is; a stereo recording has the caller in its first channel."""

COUNTING_MS = 1_500
"""By how much a recording's samples may fall short of Twilio's count, in whole seconds; beyond it, some are missing."""

Ask = Callable[[Sequence[Interval]], tuple[RecordedWord, ...]]
"""Returns the words of these parts of the recording, in the recording's time."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """What of the recording has been transcribed, and where in call time it belongs."""

    words: tuple[RecordedWord, ...]
    alignment: Alignment


class Repairer:
    """Fills transcripts from recordings; two processes at once do it once."""

    def __init__(self, ports: PipelinePorts) -> None:
        self._ports = ports

    def repair(self, step: RepairTranscript, facts: CallFacts) -> None:
        """Make the attempt, unless somebody else has begun it, and write down what came of it.

        A failure is part of the outcome, not raised. Raises: UpstreamError if the outcome could not be written.
        """
        step = replace(step, attempt=step.attempt.begun(self._ports.clock.now()))
        try:
            self._ports.repairs.begin(step.attempt)
        except ConflictError:
            return
        outcome, utterances = self._outcome(step, facts)
        # An attempt that took so long that another one has begun is that one's to finish.
        with suppress(ConflictError):
            patiently(lambda: self._ports.repairs.finish(outcome, utterances), self._ports.sleep)
        self._tell(outcome)

    def _outcome(self, step: RepairTranscript, facts: CallFacts) -> tuple[Repair, tuple[Utterance, ...]]:
        try:
            return self._filled(step, facts)
        except TelephonyError as exc:
            is_passing = exc.retryable if isinstance(exc, UpstreamError) else not isinstance(exc, WireError)
            return step.attempt.failed(_trouble(exc), self._ports.clock.now(), is_passing=is_passing), ()

    def _filled(self, step: RepairTranscript, facts: CallFacts) -> tuple[Repair, tuple[Utterance, ...]]:
        if step.recording.stored_key is None:
            raise NotFoundError("copy of the recording")
        audio = self._ports.audio.get(step.recording.stored_key)
        if facts.call is not None and facts.call.is_imported:
            return self._written(step, audio, facts)
        sound = wav.parse(audio)
        stream = _stream(facts.transcript)
        coverage = _coverage(stream)
        is_cut_short = stream is not None and stream.end is not StreamEnd.STOPPED
        if not all(pause.is_recording_paused for pause in facts.transcript.pauses):
            raise WireError("the recording was not held in a pause: it has what must not be written")
        paused = facts.transcript.paused_of(stream)
        live = _live_words(facts.transcript, stream)
        lacks_end = _lacks_end(step.recording, sound.length_ms)
        # After a pause, and without its own end, the end of a stream says nothing of where the recording is.
        is_apart = is_cut_short or lacks_end or bool(facts.transcript.pauses)
        ask = partial(self._words, step.attempt, sound, _listening(facts))
        heard = _heard(ask, sound, coverage, live, is_apart=is_apart)
        offset_ms = heard.alignment.offset_ms
        attempt = replace(
            step.attempt,
            state=RepairState.DONE,
            retry_at=None,
            stream_sid=None if stream is None else stream.sid,
            track=TRACK,
            offset_ms=offset_ms,
            offset_found_by=heard.alignment.found_by,
            recording_ms=step.recording.duration_ms if lacks_end else sound.length_ms,
        )
        if offset_ms + sound.length_ms < 0:
            raise WireError("the recording ends before the stream begins")
        there = Interval(max(offset_ms, 0), offset_ms + sound.length_ms)
        gaps = repair.gaps(coverage, is_cut_short=is_cut_short, end_ms=there.end_ms)
        filled = outside(repair.windows(outside(gaps, paused), live, there), paused)
        spliced = repair.spliced(heard.words, live, filled, offset_ms)
        words = tuple(word for word in spliced if not any(_overlap(word, each) for each in paused))
        said = repair.utterances(words, live, filled, call_sid=attempt.call_sid, track=TRACK, mark=attempt.mark)
        return replace(attempt, windows=filled), said

    def _written(self, step: RepairTranscript, file: bytes, facts: CallFacts) -> tuple[Repair, tuple[Utterance, ...]]:
        """Put a file that was imported in writing: as it is, as nothing of it was heard live."""
        heard = self._transcribed(step.attempt, file, _listening(facts))
        if not heard.duration_ms:
            raise WireError("there is no sound in it")
        attempt, whole = step.attempt, (Interval(0, heard.duration_ms),)
        words = repair.spliced(heard.words, (), whole, 0)
        said = repair.utterances(words, (), whole, call_sid=attempt.call_sid, track=TRACK, mark=attempt.mark)
        lacks_end = _lacks_end(step.recording, heard.duration_ms)
        done = replace(
            attempt,
            state=RepairState.DONE,
            retry_at=None,
            track=TRACK,
            offset_ms=0,
            offset_found_by=OffsetSource.ASSUMED,
            recording_ms=step.recording.duration_ms if lacks_end else heard.duration_ms,
            windows=whole,
        )
        return done, said

    def _words(
        self, attempt: Repair, sound: Sound, listening: Listening, parts: Sequence[Interval]
    ) -> tuple[RecordedWord, ...]:
        words: list[RecordedWord] = []
        for part in parts:
            if part.length_ms:
                said = self._transcribed(attempt, sound.cut(part).as_wav(), listening)
                words.extend(
                    replace(word, start_ms=word.start_ms + part.start_ms, end_ms=word.end_ms + part.start_ms)
                    for word in said.words
                )
        return tuple(words)

    def _transcribed(self, attempt: Repair, audio: bytes, listening: Listening) -> Transcription:
        if not attempt.may_ask(self._ports.clock.now()):
            raise UpstreamError("deepgram", "TooSlow", retryable=True)
        return self._ports.transcriber.transcribe(audio, listening)

    def _tell(self, outcome: Repair) -> None:
        if outcome.is_done:
            self._ports.meter.add(Metric.REPAIRED_MS, sum(window.length_ms for window in outcome.windows))
        elif outcome.state is RepairState.FAILED:
            self._ports.meter.add(Metric.REPAIR_FAILED)
        logger().info(
            "repair-attempted",
            call_sid=outcome.call_sid,
            recording_sid=outcome.recording_sid,
            state=outcome.state,
            attempts=outcome.attempts,
            offset_found_by=outcome.offset_found_by,
            trouble=outcome.trouble,
        )


def _heard(ask: Ask, sound: Sound, coverage: Coverage | None, live: Sequence[Word], *, is_apart: bool) -> _Heard:
    """Transcribe as much of the recording as it takes to fill the gaps and to know where they are in it."""
    whole = Interval(0, sound.length_ms)
    if coverage is None:
        return _Heard(ask([whole]), Alignment(0, OffsetSource.ASSUMED))
    guess_ms = None if is_apart else alignment.by_end(coverage.received_ms, sound.length_ms)
    if guess_ms is not None:
        gaps = repair.gaps(coverage, is_cut_short=False, end_ms=coverage.received_ms)
        parts = repair.parts(gaps, guess_ms, sound.length_ms)
        words = ask(parts)
        found = alignment.from_parts(guess_ms, words, live, sound.length_ms) if parts else None
        if found is not None:
            return _Heard(words, found)
    words = ask([whole])
    found = alignment.from_whole(guess_ms, words, live, sound.length_ms)
    if found is None:
        raise WireError("the recording and the live text have other words")
    return _Heard(words, found)


def _listening(facts: CallFacts) -> Listening:
    return facts.mailbox.listening if facts.mailbox is not None else Listening()


def _lacks_end(recording: Recording, length_ms: int) -> bool:
    return length_ms + COUNTING_MS < recording.duration_ms


def _stream(transcript: Transcript) -> MediaStream | None:
    """Return the stream that call time is taken from: of several, the one that brought the most sound."""
    return max(transcript.streams, key=_received_ms, default=None)


def _received_ms(stream: MediaStream) -> int:
    coverage = _coverage(stream)
    return 0 if coverage is None else coverage.received_ms


def _coverage(stream: MediaStream | None) -> Coverage | None:
    if stream is None:
        return None
    return next((each for each in stream.coverage if each.track is TRACK), Coverage(TRACK))


def _live_words(transcript: Transcript, stream: MediaStream | None) -> tuple[Word, ...]:
    """Return the words that were heard live in *stream*'s call time."""
    known = {"" if stream is None else stream.sid, ""}
    said = (each for each in transcript.utterances if each.track is TRACK and not each.repaired_by)
    return tuple(word for each in said if each.stream_sid in known for word in each.words)


def _overlap(word: Word, window: Interval) -> bool:
    return word.start_ms < window.end_ms and window.start_ms < word.end_ms


def _trouble(exc: TelephonyError) -> str:
    match exc:
        case UpstreamError():
            return f"{exc.service} {exc.code}"
        case WireError() | NotFoundError():
            return str(exc)
        case _:
            return type(exc).__name__
