"""What was said in a pause stays out, whatever the recording has, and nobody is told before the call is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from telephony.calls import CallStatus
from telephony.coverage import Interval
from telephony.pauses import Pause
from telephony.recordings import RecordedWord
from telephony.repairs import Repair, RepairState
from telephony.streams import MediaStream, StreamSid
from telephony.transcripts import Transcript, Utterance
from telephony.voicemail import PATIENCE
from telephony.wire.wav import Sound
from tests import examples
from tests.unit.pipeline.world import World

MESSAGE = "hi this is ada please call me back about the red bicycle before noon thanks a lot and good bye now"
SAID = MESSAGE.split()
WORD_MS = 500
RECORDING_MS = WORD_MS * len(SAID)
TONE_MS = 4_000
HANG_UP_MS = TONE_MS + RECORDING_MS
BICYCLE = Interval(TONE_MS + 10 * WORD_MS, TONE_MS + 13 * WORD_MS)
"""Of the call: "red bicycle before"."""
LATER = StreamSid("MZ" + "9" * 32)


def _heard(audio: bytes) -> Sequence[RecordedWord]:
    """Hear the words that are whole in a part of the sound, whose samples say where it begins."""
    samples = audio[44:]
    start_ms, length_ms = int.from_bytes(samples[:2], "little"), len(samples) // 16
    starts = ((word, at * WORD_MS - start_ms) for at, word in enumerate(SAID))
    return [RecordedWord(word, at, at + 400, 0.9) for word, at in starts if 0 <= at <= length_ms - 400]


def _live(first: int = 0, last: int = len(SAID)) -> Utterance:
    """Return words that were heard live, as one utterance."""
    said = examples.utterance(" ".join(SAID[first:last]))
    starts = [TONE_MS + at * WORD_MS for at in range(first, last)]
    words = tuple(replace(word, start_ms=at, end_ms=at + 400) for word, at in zip(said.words, starts, strict=True))
    return replace(said, words=words, start_ms=words[0].start_ms, end_ms=words[-1].end_ms)


def _stream(*holes: Interval) -> MediaStream:
    return examples.ended_stream(examples.coverage(HANG_UP_MS, holes=holes))


def _leaves_message(world: World) -> None:
    """Let the caller's recording be there; it is fetched with the first wake."""
    sound = Sound(b"".join(at.to_bytes(2, "little") * 8 for at in range(RECORDING_MS)))
    recording = replace(examples.RECORDING, reported_at=world.clock.now(), duration_ms=RECORDING_MS)
    world.has_call()
    world.has_recording(recording, sound.as_wav())
    world.transcriber.hears = _heard
    world.wake()


def _transcript(world: World) -> Transcript:
    return world.table.transcripts.transcript(examples.CALL_SID)


def _repair(world: World) -> Repair:
    (repair,) = _transcript(world).repairs
    return repair


def _pauses(world: World, window: Interval, *, is_recording_paused: bool = True) -> None:
    """Let somebody have asked not to be listened to in *window* of the stream."""
    began_at = examples.ended_stream().started_at
    at = [began_at + timedelta(milliseconds=ms) for ms in (window.start_ms, window.end_ms)]
    world.table.pauses.begin(Pause(examples.CALL_SID, 1, at[0], "ada", at[1], is_recording_paused))
    world.table.transcripts.save([replace(examples.ended_stream(), sid=LATER, started_at=at[1])], [])


def test_a_repair_fills_nothing_of_a_pause_though_the_recording_has_it(world: World) -> None:
    hole = Interval(BICYCLE.start_ms - 2 * WORD_MS, BICYCLE.end_ms)
    world.has_transcript(_live(0, 8), _live(13), stream=_stream(hole))
    _pauses(world, BICYCLE)
    _leaves_message(world)

    for _ in range(3):
        world.wake()

    transcript = _transcript(world)
    assert "red" not in transcript.text
    assert "bicycle" not in transcript.text
    assert SAID[8] in transcript.text.split()  # what was lost beside the pause was filled
    (repair,) = (each for each in transcript.repairs if each.is_done)
    assert not any(each.start_ms < BICYCLE.end_ms and BICYCLE.start_ms < each.end_ms for each in repair.windows)


def test_a_recording_that_was_not_held_in_a_pause_repairs_nothing(world: World) -> None:
    world.has_transcript(_live(0, 8), _live(13), stream=_stream(Interval(0, 100), BICYCLE))
    _pauses(world, BICYCLE, is_recording_paused=False)
    _leaves_message(world)

    world.wake()

    assert world.transcriber.asked_ms == []
    assert _repair(world).state is RepairState.FAILED
    assert "not held in a pause" in _repair(world).trouble


def test_nobody_is_told_while_a_call_is_paused_or_between_two_streams(world: World) -> None:
    world.has_call(is_over=False)
    world.has_transcript(_live(), stream=_stream())
    pause = Pause(examples.CALL_SID, 1, examples.ENDED_AT - timedelta(seconds=1), "ada", is_recording_paused=True)
    world.table.pauses.begin(pause)
    world.wake()
    world.table.pauses.change(replace(pause, ended_at=world.clock.now()))
    world.clock.advance(PATIENCE)
    world.wake()
    assert world.texter.sent == []

    world.table.calls.report(examples.CALL_SID, CallStatus.COMPLETED, world.clock.now(), 30)
    world.clock.advance(PATIENCE)
    world.wake()
    assert len(world.texter.sent) == 1
