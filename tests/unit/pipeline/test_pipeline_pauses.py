"""What was said in a pause stays out, whatever the recording has, and nobody is told before the call is over."""

from dataclasses import replace
from datetime import timedelta

from telephony.calls import CallStatus
from telephony.coverage import Interval
from telephony.pauses import Pause
from telephony.repairs import RepairState
from telephony.streams import StreamSid
from telephony.voicemail import PATIENCE
from tests import examples
from tests.unit.pipeline.bicycle import BICYCLE, SAID, WORD_MS, leaves_message, live, repair_of, stream, transcript_of
from tests.unit.pipeline.world import World

LATER = StreamSid("MZ" + "9" * 32)


def _pauses(world: World, window: Interval, *, is_recording_paused: bool = True) -> None:
    """Let somebody have asked not to be listened to in *window* of the stream."""
    began_at = examples.ended_stream().started_at
    at = [began_at + timedelta(milliseconds=ms) for ms in (window.start_ms, window.end_ms)]
    world.table.pauses.begin(Pause(examples.CALL_SID, 1, at[0], "ada", at[1], is_recording_paused))
    world.table.transcripts.save([replace(examples.ended_stream(), sid=LATER, started_at=at[1])], [])


def test_a_repair_fills_nothing_of_a_pause_though_the_recording_has_it(world: World) -> None:
    hole = Interval(BICYCLE.start_ms - 2 * WORD_MS, BICYCLE.end_ms)
    world.has_transcript(live(0, 8), live(13), stream=stream(hole))
    _pauses(world, BICYCLE)
    leaves_message(world)

    for _ in range(3):
        world.wake()

    transcript = transcript_of(world)
    assert "red" not in transcript.text
    assert "bicycle" not in transcript.text
    assert SAID[8] in transcript.text.split()  # what was lost beside the pause was filled
    (repair,) = (each for each in transcript.repairs if each.is_done)
    assert not any(each.start_ms < BICYCLE.end_ms and BICYCLE.start_ms < each.end_ms for each in repair.windows)


def test_a_recording_that_was_not_held_in_a_pause_repairs_nothing(world: World) -> None:
    world.has_transcript(live(0, 8), live(13), stream=stream(Interval(0, 100), BICYCLE))
    _pauses(world, BICYCLE, is_recording_paused=False)
    leaves_message(world)

    world.wake()

    assert world.transcriber.asked_ms == []
    assert repair_of(world).state is RepairState.FAILED
    assert "not held in a pause" in repair_of(world).trouble


def test_nobody_is_told_while_a_call_is_paused_or_between_two_streams(world: World) -> None:
    world.has_call(is_over=False)
    world.has_transcript(live(), stream=stream())
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
