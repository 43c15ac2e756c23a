"""Nothing stays "in progress" for ever: whatever was lost, whoever died, the sweeper brings the call to its end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.pipeline import sweeping
from functions.pipeline.sweeping import MOST_CALLS, RUN_LIMIT
from telephony.calls import CallSid, CallStage, CallStatus
from telephony.coverage import Coverage, Interval, Track
from telephony.errors import UpstreamError
from telephony.events import CallFound, RecordingReported
from telephony.metrics import Metric
from telephony.recordings import RecordingStatus
from telephony.streams import StreamEnd, StreamState
from telephony.voicemail import LATEST, CallFacts
from tests import examples
from tests.fakes.calls import MemoryCalls
from tests.fakes.state import State
from tests.unit.pipeline.world import SWEEPS, World

COMPLETED = CallFound(CallStatus.COMPLETED, examples.ENDED_AT, 30)
NO_ANSWER = CallFound(CallStatus.NO_ANSWER, examples.ENDED_AT, None)
MADE = RecordingReported(examples.CALL_SID, examples.RECORDING_SID, RecordingStatus.COMPLETED, 12_000)
OPEN = replace(
    examples.ended_stream(Coverage(Track.INBOUND, 9_000, transcribed=(Interval(0, 8_000),))),
    state=StreamState.OPEN,
    end=None,
    ended_at=None,
)
DOWN = UpstreamError("twilio", "503", retryable=True)


def _minutes_later(world: World, minutes: int = 5) -> None:
    world.clock.advance(timedelta(minutes=minutes))


def test_a_call_whose_status_never_came_ends_and_is_told(world: World) -> None:
    world.has_call(is_over=False)
    world.has_transcript(stream=examples.ended_stream())
    world.has_recording()
    world.twilio_calls.found[examples.CALL_SID] = COMPLETED

    _minutes_later(world)
    world.sweep()
    world.run()

    call = world.table.calls.get(examples.CALL_SID)
    assert (call.status, call.ended_at, call.duration_s) == (CallStatus.COMPLETED, examples.ENDED_AT, 30)
    assert len(world.texter.sent) == 1
    assert world.meter.total(Metric.CALL_RECOVERED) == 1
    assert world.is_closed()


def test_the_age_of_the_oldest_message_that_nobody_was_told_is_measured(world: World) -> None:
    world.has_call()
    world.twilio_calls.trouble = DOWN

    _minutes_later(world, 5)
    world.sweep()
    told_late_ms = (world.clock.now() - examples.ENDED_AT) / timedelta(milliseconds=1)
    world.run()
    _minutes_later(world, 5)
    world.sweep()

    measured = [value for metric, value in world.meter.values if metric is Metric.OLDEST_UNTOLD_MS]
    assert measured == [told_late_ms, 0]
    assert told_late_ms > 0


def test_a_recording_whose_callback_never_came_is_found_copied_and_told(world: World) -> None:
    world.has_call()
    world.twilio_calls.made = [MADE]
    world.source.sound[examples.RECORDING_SID] = b"RIFF"

    _minutes_later(world)
    world.sweep()
    world.run()

    assert world.recording().stored_key is not None
    assert len(world.texter.sent) == 1
    assert "Listen:\n" in world.texter.sent[0].text
    assert world.is_closed()


def test_a_recording_that_was_announced_and_never_completed_is_found(world: World) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, status=RecordingStatus.ANNOUNCED))
    world.twilio_calls.made = [MADE]

    _minutes_later(world)
    world.sweep()
    world.run()

    assert world.recording().stored_key is not None
    assert world.is_closed()


def test_a_recording_that_twilio_is_still_preparing_is_waited_for(world: World) -> None:
    world.has_call()
    world.twilio_calls.made = [replace(MADE, status=RecordingStatus.ANNOUNCED)]
    _minutes_later(world)
    world.sweep()
    world.run()
    assert not world.is_closed()

    world.twilio_calls.made = [MADE]
    world.source.sound[examples.RECORDING_SID] = b"RIFF"
    _minutes_later(world)
    world.sweep()
    world.run()

    assert world.recording().stored_key is not None
    assert world.is_closed()


def test_the_stream_of_a_streamer_that_was_killed_is_given_up_once_the_call_is_over(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."), stream=OPEN)
    world.has_recording()
    _minutes_later(world)
    world.sweep()
    world.run()

    [stream] = world.table.state.streams.values()
    assert (stream.state, stream.end, stream.ended_at) == (StreamState.ENDED, StreamEnd.LOST, examples.ENDED_AT)
    assert stream.trouble == sweeping.LOST
    assert stream.coverage == OPEN.coverage
    assert len(world.texter.sent) == 1
    assert world.is_closed()


def test_a_stream_is_left_alone_while_its_last_words_may_still_come(world: World) -> None:
    world.has_call(is_over=False)
    world.has_transcript(examples.utterance("Hello."), stream=OPEN)
    world.clock.at = examples.NOON + timedelta(minutes=5)
    ended_at = world.clock.now() - SWEEPS.lost_stream + timedelta(seconds=1)
    world.twilio_calls.found[examples.CALL_SID] = replace(COMPLETED, ended_at=ended_at)

    world.sweep()

    assert [stream.state for stream in world.table.state.streams.values()] == [StreamState.OPEN]


@pytest.mark.parametrize("status", [CallStatus.RINGING, CallStatus.IN_PROGRESS])
def test_a_call_that_goes_on_is_left_alone_and_asked_about_again(world: World, status: CallStatus) -> None:
    world.has_call(is_over=False)
    world.has_transcript(examples.utterance("Hello."), stream=OPEN)
    world.twilio_calls.found[examples.CALL_SID] = CallFound(status, None, None)

    for _ in range(3):
        _minutes_later(world)
        world.sweep()

    assert len(world.twilio_calls.asked) == 3
    assert world.texter.sent == []
    assert not world.table.calls.get(examples.CALL_SID).status.is_final
    assert not world.is_closed()


def test_a_caller_who_hung_up_while_a_person_was_rung_and_whose_status_was_lost_is_told_as_missed(world: World) -> None:
    world.has_call(is_over=False, stage=CallStage.RINGING_PERSON)
    world.twilio_calls.found[examples.CALL_SID] = NO_ANSWER

    _minutes_later(world)
    world.sweep()
    world.run()

    assert "Missed call" in world.texter.sent[0].text
    _minutes_later(world)
    world.sweep()
    assert world.is_closed()


def test_an_answered_call_whose_status_was_lost_is_closed_and_nobody_told(world: World) -> None:
    world.has_call(is_over=False, stage=CallStage.ANSWERED)
    world.twilio_calls.found[examples.CALL_SID] = COMPLETED

    _minutes_later(world)
    world.sweep()
    world.run()

    assert world.is_closed()
    assert world.texter.sent == []


def test_a_call_that_twilio_does_not_know_has_failed_and_is_told(world: World) -> None:
    world.has_call(is_over=False)

    _minutes_later(world)
    world.sweep()
    assert world.table.calls.get(examples.CALL_SID).status is CallStatus.FAILED
    _minutes_later(world)
    world.sweep()
    world.run()
    _minutes_later(world)
    world.sweep()

    assert len(world.texter.sent) == 1
    assert world.is_closed()


def test_a_call_without_a_recording_is_asked_about_and_closed(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.wake()
    world.run()
    assert len(world.texter.sent) == 1
    assert not world.is_closed()

    _minutes_later(world)
    world.sweep()

    assert world.is_closed()
    assert world.twilio_calls.asked == [examples.CALL_SID]


def test_while_twilio_is_down_what_is_known_is_told_and_the_rest_found_later(world: World) -> None:
    world.has_call()
    world.twilio_calls.made = [MADE]
    world.source.sound[examples.RECORDING_SID] = b"RIFF"
    world.twilio_calls.trouble = DOWN
    for _ in range(12):
        _minutes_later(world)
        world.sweep()
    assert len(world.texter.sent) == 1, "after the patience, with what there is"
    assert not world.is_closed()
    assert world.meter.total(Metric.CALL_UNASKED) == 12

    world.twilio_calls.trouble = None
    _minutes_later(world)
    world.sweep()
    world.run()

    assert world.recording().stored_key is not None
    assert world.is_closed()
    assert len(world.texter.sent) == 1


def test_a_call_that_twilio_can_never_be_asked_about_ends_after_a_day_and_is_told(world: World) -> None:
    world.has_call(is_over=False)
    world.twilio_calls.trouble = UpstreamError("twilio", "401", retryable=False)
    world.clock.at = examples.NOON + LATEST - timedelta(hours=1)
    world.sweep()
    assert not world.table.calls.get(examples.CALL_SID).status.is_final
    assert not world.is_closed()

    world.clock.at = examples.NOON + LATEST
    world.sweep()
    assert world.table.calls.get(examples.CALL_SID).status is CallStatus.FAILED
    for _ in range(2):
        _minutes_later(world)
        world.sweep()

    assert len(world.texter.sent) == 1
    assert world.is_closed()


def test_a_young_call_is_not_asked_about(world: World) -> None:
    world.has_call(is_over=False)
    world.clock.at = examples.NOON + SWEEPS.age

    world.sweep()
    assert world.twilio_calls.asked == []

    world.clock.advance(timedelta(microseconds=1))
    world.sweep()
    assert world.twilio_calls.asked == [examples.CALL_SID, examples.CALL_SID]


def test_a_call_that_was_erased_is_closed(world: World) -> None:
    world.has_call()
    del world.table.state.calls[examples.CALL_SID]

    _minutes_later(world)
    world.sweep()

    assert world.is_closed()
    assert world.twilio_calls.asked == []


def test_twilios_clock_may_be_ahead(world: World) -> None:
    world.has_call(is_over=False)
    _minutes_later(world)
    ahead = world.clock.now() + timedelta(hours=3)
    world.twilio_calls.found[examples.CALL_SID] = replace(COMPLETED, ended_at=ahead)

    world.sweep()

    assert world.table.calls.get(examples.CALL_SID).ended_at == world.clock.now()


class _FailingCalls(MemoryCalls):
    """Fails for one call."""

    def __init__(self, state: State, failing: CallSid, failure: Exception) -> None:
        super().__init__(state)
        self._failing = failing
        self._failure = failure

    def facts(self, call_sid: CallSid) -> CallFacts:
        if call_sid == self._failing:
            raise self._failure
        return super().facts(call_sid)


def _sids(world: World, count: int) -> list[CallSid]:
    sids = [CallSid(f"CA{number:032x}") for number in range(count)]
    world.table.directory.put(examples.MAILBOX, ())
    for place, sid in enumerate(sids):
        began_at = examples.NOON + timedelta(seconds=place)
        world.table.calls.begin(replace(examples.CALL, sid=sid, started_at=began_at), None)
        world.twilio_calls.found[sid] = CallFound(CallStatus.IN_PROGRESS, None, None)
    return sids


@pytest.mark.parametrize("failure", [DOWN, ZeroDivisionError("a bug")])
def test_a_call_that_fails_keeps_no_other_from_being_swept(world: World, failure: Exception) -> None:
    first, *others = _sids(world, 3)
    world.table.calls = _FailingCalls(world.table.state, first, failure)
    _minutes_later(world)

    assert world.sweep() == 2
    assert world.twilio_calls.asked == others

    world.sweep()
    assert world.twilio_calls.asked == others, "they were just looked after, and so was the failed one"


def test_a_run_that_takes_too_long_ends_and_the_next_goes_on_where_it_ended(world: World) -> None:
    sids = _sids(world, 4)
    world.twilio_calls.clock, world.twilio_calls.delay = world.clock, RUN_LIMIT / 2
    _minutes_later(world)

    assert world.sweep() == 2
    assert world.sweep() == 2

    assert world.twilio_calls.asked == sids


def test_a_run_takes_so_many_calls_at_most(world: World) -> None:
    _sids(world, MOST_CALLS + 1)
    _minutes_later(world, 60)

    assert [world.sweep(), world.sweep(), world.sweep()] == [MOST_CALLS, 1, 0]
