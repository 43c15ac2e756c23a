"""What the live text lacks is filled from the recording before people are told, and in time."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from telephony.coverage import Interval
from telephony.errors import ConfigurationError, TelephonyError, UpstreamError, WireError
from telephony.metrics import Metric
from telephony.recordings import RecordedWord
from telephony.repairs import BACKOFF, LAST_REQUEST, LEASE, MAX_ATTEMPTS, OffsetSource, Repair, RepairState
from telephony.streams import MediaStream, StreamEnd, StreamState
from telephony.transcripts import Rung, Transcript, Utterance
from telephony.voicemail import PATIENCE, STREAM_PATIENCE
from telephony.wire.wav import Sound
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.fakes.repairs import MemoryRepairs
from tests.fakes.state import State
from tests.unit.pipeline.world import ALL_WELL, World

MESSAGE = "hi this is ada please call me back about the red bicycle before noon thanks a lot and good bye now"
SAID = MESSAGE.split()
WORD_MS = 500
RECORDING_MS = WORD_MS * len(SAID)
TONE_MS = 4_000
HANG_UP_MS = TONE_MS + RECORDING_MS
BUSY = UpstreamError("deepgram", "503", retryable=True)
BICYCLE = Interval(TONE_MS + 10 * WORD_MS, TONE_MS + 13 * WORD_MS)
"""Of the call: "red bicycle before"."""


def _sound() -> Sound:
    """Return sound whose every millisecond says how many have gone before, so that a part of it can be placed."""
    return Sound(b"".join(at.to_bytes(2, "little") * 8 for at in range(RECORDING_MS)))


def _heard(audio: bytes, leave_out: tuple[str, ...] = ()) -> Sequence[RecordedWord]:
    """Hear the words that are whole in a part of the sound, in the part's own time."""
    samples = audio[44:]
    start_ms = int.from_bytes(samples[:2], "little")
    length_ms = len(samples) // 16
    words = [RecordedWord(word, at * WORD_MS, at * WORD_MS + 400, 0.9) for at, word in enumerate(SAID)]
    return [
        replace(word, start_ms=word.start_ms - start_ms, end_ms=word.end_ms - start_ms)
        for word in words
        if start_ms <= word.start_ms and word.end_ms <= start_ms + length_ms and word.text not in leave_out
    ]


def _live(first: int = 0, last: int = len(SAID), *, tone_ms: int = TONE_MS) -> Utterance:
    """Return words that were heard live, as one utterance."""
    said = examples.utterance(" ".join(SAID[first:last]))
    starts = [tone_ms + at * WORD_MS for at in range(first, last)]
    words = tuple(
        replace(word, start_ms=start, end_ms=start + 400) for word, start in zip(said.words, starts, strict=True)
    )
    return replace(said, words=words, start_ms=words[0].start_ms, end_ms=words[-1].end_ms)


def _stream(*holes: Interval, received_ms: int = HANG_UP_MS, end: StreamEnd = StreamEnd.STOPPED) -> MediaStream:
    return examples.ended_stream(examples.coverage(received_ms, holes=holes), end=end)


def _leaves_message(world: World) -> None:
    """Let the caller's recording be there; it is fetched with the first wake."""
    world.has_call()
    world.has_recording(
        replace(examples.RECORDING, reported_at=world.clock.now(), duration_ms=RECORDING_MS), _sound().as_wav()
    )
    world.transcriber.hears = _heard
    world.wake()


def _transcript(world: World) -> Transcript:
    return world.table.transcripts.transcript(examples.CALL_SID)


def _repair(world: World) -> Repair:
    (repair,) = _transcript(world).repairs
    return repair


def test_a_hole_is_filled_before_people_are_told(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)

    for _ in range(3):
        assert world.wake() == ALL_WELL

    transcript = _transcript(world)
    assert transcript.text.split() == SAID
    assert transcript.is_complete
    assert [said.rung for said in transcript.utterances] == [Rung.LIVE, Rung.BACKFILLED, Rung.LIVE]
    [sms] = world.texter.sent
    assert f'"{" ".join(SAID)}"\nListen:\n' in sms.text
    assert world.meter.total(Metric.REPAIRED_MS) == sum(window.length_ms for window in _repair(world).windows)


def test_only_the_hole_and_its_margins_are_transcribed(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)

    world.wake()

    assert world.transcriber.asked_ms == [BICYCLE.length_ms + 2 * 1_500]
    assert (_repair(world).offset_ms, _repair(world).offset_found_by) == (TONE_MS, OffsetSource.WORDS)


def test_a_call_without_a_stream_is_put_in_writing_from_its_recording(world: World) -> None:
    _leaves_message(world)

    for _ in range(3):
        world.wake()

    assert _transcript(world).text.split() == SAID
    assert _transcript(world).is_complete
    assert (_repair(world).offset_ms, _repair(world).offset_found_by) == (0, OffsetSource.ASSUMED)
    assert " ".join(SAID) in world.texter.sent[0].text
    assert "incomplete" not in world.texter.sent[0].text


def test_a_recording_that_ended_before_its_stream_is_aligned_by_all_of_its_words(world: World) -> None:
    thanked_ms = 2_500  # the caller pressed a key, and was thanked
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE, received_ms=HANG_UP_MS + thanked_ms))
    _leaves_message(world)

    world.wake()

    assert _transcript(world).text.split() == SAID
    assert world.transcriber.asked_ms[-1] == RECORDING_MS
    assert _repair(world).offset_ms == TONE_MS


def _cut_in_half(world: World, duration_ms: int = RECORDING_MS) -> None:
    """Let only the first half of the caller's recording be there, while Twilio says that all of it is."""
    world.has_call()
    half = _sound().cut(Interval(0, RECORDING_MS // 2))
    recording = replace(examples.RECORDING, reported_at=world.clock.now(), duration_ms=duration_ms)
    world.has_recording(recording, half.as_wav())
    world.transcriber.hears = _heard
    world.wake()


@pytest.mark.parametrize("duration_ms", [RECORDING_MS, RECORDING_MS // 2])
def test_the_end_of_a_call_is_not_filled_with_the_beginning_of_a_recording_that_was_cut(
    world: World, duration_ms: int
) -> None:
    lost = Interval(TONE_MS + RECORDING_MS // 2, HANG_UP_MS)
    world.has_transcript(_live(0, len(SAID) // 2), stream=_stream(lost))
    _cut_in_half(world, duration_ms)

    for _ in range(3):
        world.wake()

    transcript = _transcript(world)
    assert transcript.text.split() == SAID[: len(SAID) // 2]
    assert not transcript.is_complete
    assert _repair(world).offset_found_by is OffsetSource.WORDS
    assert "nothing is known" in world.texter.sent[0].text


def test_what_is_cut_off_a_recording_is_a_declared_gap_when_nothing_was_heard_live(world: World) -> None:
    _cut_in_half(world)

    for _ in range(3):
        world.wake()

    transcript = _transcript(world)
    assert transcript.text.split() == SAID[: len(SAID) // 2]
    assert transcript.gaps == (Interval(RECORDING_MS // 2, RECORDING_MS),)
    assert not transcript.is_complete


def test_a_recording_that_was_cut_is_not_put_at_the_end_of_a_call_of_which_nothing_was_heard(world: World) -> None:
    world.has_transcript(stream=_stream(Interval(0, HANG_UP_MS)))
    _cut_in_half(world)

    for _ in range(3):
        world.wake()

    transcript = _transcript(world)
    assert transcript.text.split() == SAID[: len(SAID) // 2]
    assert Interval(RECORDING_MS // 2, HANG_UP_MS) in transcript.gaps


def test_what_followed_a_stream_that_was_lost_comes_from_the_recording(world: World) -> None:
    lost_ms = TONE_MS + 8 * WORD_MS + 100  # in the middle of a word
    world.has_transcript(_live(0, 8), stream=_stream(received_ms=lost_ms, end=StreamEnd.LOST))
    _leaves_message(world)

    for _ in range(3):
        world.wake()

    transcript = _transcript(world)
    assert transcript.text.split() == SAID
    assert transcript.is_complete
    assert transcript.coverage[0].received_ms == HANG_UP_MS
    assert "missing" not in world.texter.sent[0].text


def test_a_stream_that_nobody_ended_is_taken_for_lost_some_time_after_the_call(world: World) -> None:
    opened = replace(_stream(received_ms=TONE_MS + 8 * WORD_MS), state=StreamState.OPEN, end=None, ended_at=None)
    world.has_transcript(_live(0, 8), stream=opened)
    _leaves_message(world)
    world.wake()
    assert world.transcriber.asked_ms == []
    assert world.follow_ups.scheduled[-1][1] == STREAM_PATIENCE - timedelta(milliseconds=500)

    world.clock.at = examples.ENDED_AT + STREAM_PATIENCE
    world.wake()
    world.wake()

    assert _transcript(world).text.split() == SAID
    assert len(world.texter.sent) == 1


def test_a_repair_that_leaves_the_greeting_unheard_says_so(world: World) -> None:
    world.has_transcript(_live(), stream=_stream(Interval(1_000, 3_000)))
    _leaves_message(world)

    world.wake()
    world.wake()

    assert _repair(world).windows == ()
    assert "All of the recording is in writing" in world.texter.sent[0].text


def test_silence_that_was_got_from_the_recording_is_told_as_wordless(world: World) -> None:
    world.has_transcript(stream=_stream(Interval(0, HANG_UP_MS)))
    _leaves_message(world)
    world.transcriber.hears = partial(_heard, leave_out=tuple(SAID))

    world.wake()
    world.wake()

    assert "No words could be made out." in world.texter.sent[0].text


def test_a_recogniser_that_fails_is_asked_again_ever_later(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)
    world.transcriber.refusals = [BUSY, ConfigurationError("no secret yet"), BUSY]

    waits = []
    for _ in range(MAX_ATTEMPTS - 1):
        world.wake()
        world.follow_ups.scheduled.clear()
        world.wake()
        waits.append(world.follow_ups.scheduled[-1][1])
        assert world.texter.sent == []
        world.clock.advance(waits[-1])
    world.wake()
    world.wake()

    assert waits == list(BACKOFF)
    assert _transcript(world).text.split() == SAID
    assert _repair(world).attempts == MAX_ATTEMPTS
    assert len(world.texter.sent) == 1


def test_after_the_last_attempt_what_there_is_is_told(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)
    world.transcriber.refusals = [BUSY] * MAX_ATTEMPTS

    for wait in (*BACKOFF, timedelta(0)):
        world.wake()
        world.clock.advance(wait)
    world.wake()

    assert (_repair(world).state, _repair(world).trouble) == (RepairState.FAILED, "deepgram 503")
    assert "The text is incomplete: nothing is known of 0:09-0:11 of the call." in world.texter.sent[0].text
    assert world.meter.total(Metric.REPAIR_FAILED) == 1
    assert len(world.transcriber.asked_ms) == MAX_ATTEMPTS


@pytest.mark.parametrize(
    "refusal",
    [WireError("the sound is not taken for sound"), UpstreamError("deepgram", "INVALID_AUTH", retryable=False)],
)
def test_what_cannot_go_better_is_not_tried_again(world: World, refusal: TelephonyError) -> None:
    _leaves_message(world)
    world.transcriber.refusals = [refusal]

    world.wake()
    world.wake()

    assert _repair(world).state is RepairState.FAILED
    assert "This message could not be put in writing." in world.texter.sent[0].text


def test_words_that_are_others_than_the_live_ones_fill_nothing(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)
    world.transcriber.hears = partial(_heard, leave_out=tuple(SAID))

    world.wake()
    world.wake()

    assert _repair(world).trouble == "the recording and the live text have other words"
    assert "nothing is known of 0:09-0:11 of the call" in world.texter.sent[0].text


def test_people_are_told_in_time_and_once_though_the_repair_ends_later(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)
    world.transcriber.refusals = [BUSY]
    world.wake()
    world.clock.at = examples.ENDED_AT + PATIENCE

    world.wake()
    world.wake()

    assert "incomplete" in world.texter.sent[0].text
    assert len(world.texter.sent) == len(world.bulletin.published) == 1
    assert _transcript(world).text.split() == SAID


def test_a_copy_that_is_out_of_reach_is_read_again_later(world: World) -> None:
    class Slow(MemoryAudio):
        def get(self, key: str) -> bytes:
            raise UpstreamError("s3", "SlowDown", retryable=True)

    _leaves_message(world)
    there, world.audio = world.audio, Slow()
    world.wake()
    assert (_repair(world).state, _repair(world).trouble) == (RepairState.WAITING, "s3 SlowDown")

    world.audio = there
    world.clock.advance(BACKOFF[0])
    world.wake()

    assert _transcript(world).text.split() == SAID


class _Meeting(MemoryRepairs):
    """Attempts that two processes come to at the same time."""

    def __init__(self, state: State, barrier: threading.Barrier) -> None:
        super().__init__(state)
        self._barrier = barrier

    def begin(self, attempt: Repair) -> None:
        self._barrier.wait(10)
        super().begin(attempt)


def test_two_processes_at_once_repair_once(world: World) -> None:
    _leaves_message(world)
    world.table.repairs = _Meeting(world.table.state, threading.Barrier(2))

    threads = [threading.Thread(target=world.wake) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(world.transcriber.asked_ms) == 1
    assert _transcript(world).text.split() == SAID


class _Dies(MemoryRepairs):
    """A table under a process that dies between an attempt's words and its outcome."""

    def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
        self._state.repaired.update({(said.call_sid, said.repaired_by, said.start_ms): said for said in utterances})
        raise UpstreamError("dynamodb", "gone", retryable=False)


def test_an_attempt_that_died_is_made_again_after_its_lease_and_leaves_no_word_twice(world: World) -> None:
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    _leaves_message(world)
    alive, world.table.repairs = world.table.repairs, _Dies(world.table.state)
    assert world.wake() != ALL_WELL
    world.table.repairs = alive

    world.wake()
    assert _repair(world).attempts == 1, "while the lease lasts nobody else begins"
    assert "bicycle" not in _transcript(world).text
    world.clock.advance(LEASE)
    world.wake()

    assert _transcript(world).text.split() == SAID
    assert _repair(world).attempts == 2


def test_an_attempt_that_is_too_slow_gives_up_before_its_lease_ends_and_another_one_goes_on(world: World) -> None:
    second = Interval(TONE_MS + WORD_MS, TONE_MS + 2 * WORD_MS)
    world.has_transcript(_live(0, 1), _live(2, 10), _live(13), stream=_stream(second, BICYCLE))
    _leaves_message(world)

    def hear_slowly(audio: bytes) -> Sequence[RecordedWord]:
        world.clock.advance(LEASE - LAST_REQUEST + timedelta(seconds=1))
        return _heard(audio)

    world.transcriber.hears = hear_slowly
    world.wake()
    repair = _repair(world)
    assert (repair.state, repair.attempts, repair.trouble) == (RepairState.WAITING, 1, "deepgram TooSlow")
    assert repair.retry_at == world.clock.now() + BACKOFF[0]
    assert len(world.transcriber.asked_ms) == 1

    world.transcriber.hears = _heard
    world.clock.advance(BACKOFF[0])
    world.wake()
    assert _transcript(world).text.split() == SAID


def test_an_attempt_that_outlasted_its_lease_does_not_overwrite_the_next_one(world: World) -> None:
    _leaves_message(world)

    class Overtaken(MemoryRepairs):
        def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
            self.begin(replace(attempt, state=RepairState.TRYING, attempts=attempt.attempts + 1))
            super().finish(attempt, utterances)

    world.table.repairs = Overtaken(world.table.state)

    assert world.wake() == ALL_WELL

    assert (_repair(world).state, _repair(world).attempts) == (RepairState.TRYING, 2)
    assert _transcript(world).text == ""


def test_a_stream_that_became_known_after_a_repair_without_one_is_repaired_anew(world: World) -> None:
    _leaves_message(world)
    world.wake()
    world.has_transcript(_live(0, 10), _live(13), stream=_stream(BICYCLE))
    assert "bicycle" not in _transcript(world).text

    world.wake()

    assert _transcript(world).text.split() == SAID
    assert (_repair(world).attempts, _repair(world).offset_ms) == (2, TONE_MS)
