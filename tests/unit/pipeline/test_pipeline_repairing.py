"""What the live text lacks is filled from the recording before people are told, and in time."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from telephony.coverage import Interval
from telephony.errors import ConfigurationError, TelephonyError, UpstreamError, WireError
from telephony.metrics import Metric
from telephony.repairs import BACKOFF, MAX_ATTEMPTS, OffsetSource, RepairState
from telephony.streams import StreamEnd, StreamState
from telephony.transcripts import Rung
from telephony.voicemail import PATIENCE, STREAM_PATIENCE
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.unit.pipeline.bicycle import (
    BICYCLE,
    BUSY,
    HANG_UP_MS,
    RECORDING_MS,
    SAID,
    TONE_MS,
    WORD_MS,
    heard,
    leaves_message,
    live,
    repair_of,
    sound,
    stream,
    transcript_of,
)
from tests.unit.pipeline.world import ALL_WELL, World


def test_a_hole_is_filled_before_people_are_told(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)

    for _ in range(3):
        assert world.wake() == ALL_WELL

    transcript = transcript_of(world)
    assert transcript.text.split() == SAID
    assert transcript.is_complete
    assert [said.rung for said in transcript.utterances] == [Rung.LIVE, Rung.BACKFILLED, Rung.LIVE]
    [sms] = world.texter.sent
    assert f'"{" ".join(SAID)}"\nListen:\n' in sms.text
    assert world.meter.total(Metric.REPAIRED_MS) == sum(window.length_ms for window in repair_of(world).windows)


def test_only_the_hole_and_its_margins_are_transcribed(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)

    world.wake()

    assert world.transcriber.asked_ms == [BICYCLE.length_ms + 2 * 1_500]
    assert (repair_of(world).offset_ms, repair_of(world).offset_found_by) == (TONE_MS, OffsetSource.WORDS)


def test_a_call_without_a_stream_is_put_in_writing_from_its_recording(world: World) -> None:
    leaves_message(world)

    for _ in range(3):
        world.wake()

    assert transcript_of(world).text.split() == SAID
    assert transcript_of(world).is_complete
    assert (repair_of(world).offset_ms, repair_of(world).offset_found_by) == (0, OffsetSource.ASSUMED)
    assert " ".join(SAID) in world.texter.sent[0].text
    assert "incomplete" not in world.texter.sent[0].text


def test_a_recording_that_ended_before_its_stream_is_aligned_by_all_of_its_words(world: World) -> None:
    thanked_ms = 2_500  # the caller pressed a key, and was thanked
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE, received_ms=HANG_UP_MS + thanked_ms))
    leaves_message(world)

    world.wake()

    assert transcript_of(world).text.split() == SAID
    assert world.transcriber.asked_ms[-1] == RECORDING_MS
    assert repair_of(world).offset_ms == TONE_MS


def _cut_in_half(world: World, duration_ms: int = RECORDING_MS) -> None:
    """Let only the first half of the caller's recording be there, while Twilio says that all of it is."""
    world.has_call()
    half = sound().cut(Interval(0, RECORDING_MS // 2))
    recording = replace(examples.RECORDING, reported_at=world.clock.now(), duration_ms=duration_ms)
    world.has_recording(recording, half.as_wav())
    world.transcriber.hears = heard
    world.wake()


@pytest.mark.parametrize("duration_ms", [RECORDING_MS, RECORDING_MS // 2])
def test_the_end_of_a_call_is_not_filled_with_the_beginning_of_a_recording_that_was_cut(
    world: World, duration_ms: int
) -> None:
    lost = Interval(TONE_MS + RECORDING_MS // 2, HANG_UP_MS)
    world.has_transcript(live(0, len(SAID) // 2), stream=stream(lost))
    _cut_in_half(world, duration_ms)

    for _ in range(3):
        world.wake()

    transcript = transcript_of(world)
    assert transcript.text.split() == SAID[: len(SAID) // 2]
    assert not transcript.is_complete
    assert repair_of(world).offset_found_by is OffsetSource.WORDS
    assert "nothing is known" in world.texter.sent[0].text


def test_what_is_cut_off_a_recording_is_a_declared_gap_when_nothing_was_heard_live(world: World) -> None:
    _cut_in_half(world)

    for _ in range(3):
        world.wake()

    transcript = transcript_of(world)
    assert transcript.text.split() == SAID[: len(SAID) // 2]
    assert transcript.gaps == (Interval(RECORDING_MS // 2, RECORDING_MS),)
    assert not transcript.is_complete


def test_a_recording_that_was_cut_is_not_put_at_the_end_of_a_call_of_which_nothing_was_heard(world: World) -> None:
    world.has_transcript(stream=stream(Interval(0, HANG_UP_MS)))
    _cut_in_half(world)

    for _ in range(3):
        world.wake()

    transcript = transcript_of(world)
    assert transcript.text.split() == SAID[: len(SAID) // 2]
    assert Interval(RECORDING_MS // 2, HANG_UP_MS) in transcript.gaps


def test_what_followed_a_stream_that_was_lost_comes_from_the_recording(world: World) -> None:
    lost_ms = TONE_MS + 8 * WORD_MS + 100  # in the middle of a word
    world.has_transcript(live(0, 8), stream=stream(received_ms=lost_ms, end=StreamEnd.LOST))
    leaves_message(world)

    for _ in range(3):
        world.wake()

    transcript = transcript_of(world)
    assert transcript.text.split() == SAID
    assert transcript.is_complete
    assert transcript.coverage[0].received_ms == HANG_UP_MS
    assert "missing" not in world.texter.sent[0].text


def test_a_stream_that_nobody_ended_is_taken_for_lost_some_time_after_the_call(world: World) -> None:
    opened = replace(stream(received_ms=TONE_MS + 8 * WORD_MS), state=StreamState.OPEN, end=None, ended_at=None)
    world.has_transcript(live(0, 8), stream=opened)
    leaves_message(world)
    world.wake()
    assert world.transcriber.asked_ms == []
    assert world.follow_ups.scheduled[-1][1] == STREAM_PATIENCE - timedelta(milliseconds=500)

    world.clock.at = examples.ENDED_AT + STREAM_PATIENCE
    world.wake()
    world.wake()

    assert transcript_of(world).text.split() == SAID
    assert len(world.texter.sent) == 1


def test_a_repair_that_leaves_the_greeting_unheard_says_so(world: World) -> None:
    world.has_transcript(live(), stream=stream(Interval(1_000, 3_000)))
    leaves_message(world)

    world.wake()
    world.wake()

    assert repair_of(world).windows == ()
    assert "All of the recording is in writing" in world.texter.sent[0].text


def test_silence_that_was_got_from_the_recording_is_told_as_wordless(world: World) -> None:
    world.has_transcript(stream=stream(Interval(0, HANG_UP_MS)))
    leaves_message(world)
    world.transcriber.hears = partial(heard, leave_out=tuple(SAID))

    world.wake()
    world.wake()

    assert "No words could be made out." in world.texter.sent[0].text


def test_a_recogniser_that_fails_is_asked_again_ever_later(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)
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
    assert transcript_of(world).text.split() == SAID
    assert repair_of(world).attempts == MAX_ATTEMPTS
    assert len(world.texter.sent) == 1


def test_after_the_last_attempt_what_there_is_is_told(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)
    world.transcriber.refusals = [BUSY] * MAX_ATTEMPTS

    for wait in (*BACKOFF, timedelta(0)):
        world.wake()
        world.clock.advance(wait)
    world.wake()

    assert (repair_of(world).state, repair_of(world).trouble) == (RepairState.FAILED, "deepgram 503")
    assert "The text is incomplete: nothing is known of 0:09-0:11 of the call." in world.texter.sent[0].text
    assert world.meter.total(Metric.REPAIR_FAILED) == 1
    assert len(world.transcriber.asked_ms) == MAX_ATTEMPTS


@pytest.mark.parametrize(
    "refusal",
    [WireError("the sound is not taken for sound"), UpstreamError("deepgram", "INVALID_AUTH", retryable=False)],
)
def test_what_cannot_go_better_is_not_tried_again(world: World, refusal: TelephonyError) -> None:
    leaves_message(world)
    world.transcriber.refusals = [refusal]

    world.wake()
    world.wake()

    assert repair_of(world).state is RepairState.FAILED
    assert "This message could not be put in writing." in world.texter.sent[0].text


def test_words_that_are_others_than_the_live_ones_fill_nothing(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)
    world.transcriber.hears = partial(heard, leave_out=tuple(SAID))

    world.wake()
    world.wake()

    assert repair_of(world).trouble == "the recording and the live text have other words"
    assert "nothing is known of 0:09-0:11 of the call" in world.texter.sent[0].text


def test_people_are_told_in_time_and_once_though_the_repair_ends_later(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)
    world.transcriber.refusals = [BUSY]
    world.wake()
    world.clock.at = examples.ENDED_AT + PATIENCE

    world.wake()
    world.wake()

    assert "incomplete" in world.texter.sent[0].text
    assert len(world.texter.sent) == len(world.bulletin.published) == 1
    assert transcript_of(world).text.split() == SAID


def test_a_copy_that_is_out_of_reach_is_read_again_later(world: World) -> None:
    class Slow(MemoryAudio):
        def get(self, key: str) -> bytes:
            raise UpstreamError("s3", "SlowDown", retryable=True)

    leaves_message(world)
    there, world.audio = world.audio, Slow()
    world.wake()
    assert (repair_of(world).state, repair_of(world).trouble) == (RepairState.WAITING, "s3 SlowDown")

    world.audio = there
    world.clock.advance(BACKOFF[0])
    world.wake()

    assert transcript_of(world).text.split() == SAID


def test_a_stream_that_became_known_after_a_repair_without_one_is_repaired_anew(world: World) -> None:
    leaves_message(world)
    world.wake()
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    assert "bicycle" not in transcript_of(world).text

    world.wake()

    assert transcript_of(world).text.split() == SAID
    assert (repair_of(world).attempts, repair_of(world).offset_ms) == (2, TONE_MS)
