"""Our copy of each recording is made, later if need be, or it is written down why not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.pipeline.fetching import DENIED_FOR, RETRY_AGES
from telephony.errors import ConfigurationError, NotFoundError, TelephonyError, UpstreamError, WireError
from telephony.metrics import Metric
from telephony.voicemail import PATIENCE
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.unit.pipeline.world import ALL_WELL, World

KEY = f"recordings/front-desk/{examples.CALL_SID}/{examples.RECORDING_SID}.wav"


def test_a_recording_is_copied_once(world: World) -> None:
    world.has_call()
    world.has_recording(sound=b"RIFF....WAVE")

    for _ in range(3):
        world.wake()

    assert world.audio.sound == {KEY: b"RIFF....WAVE"}
    assert world.audio.content_types == {KEY: "audio/wav"}
    assert world.recording().stored_key == KEY
    assert world.source.fetched == [examples.RECORDING_SID]
    assert world.meter.total(Metric.RECORDING_STORED) == 1


def test_people_are_told_before_the_recording_is_fetched(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.has_recording()
    told_first: list[bool] = []

    class Watching(MemoryAudio):
        def put(self, key: str, audio: bytes, content_type: str) -> None:
            told_first.append(bool(world.texter.sent))

    world.audio = Watching()
    world.wake()

    assert told_first == [True]


def test_a_recording_that_is_not_there_yet_is_asked_for_again_ever_later(world: World) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, reported_at=world.clock.now()))
    world.source.refusals = [NotFoundError("recording"), UpstreamError("twilio", "503", retryable=True)]

    waits = []
    for _ in range(3):
        world.follow_ups.scheduled.clear()
        assert world.wake() == ALL_WELL
        waits.append(world.follow_ups.scheduled[-1][1].total_seconds())
        world.clock.advance(timedelta(seconds=waits[-1]))

    assert waits[:2] == [5, 15]
    assert world.recording().stored_key == KEY
    assert world.recording().trouble == ""


def test_a_recording_that_never_comes_is_given_up_after_half_an_hour(world: World) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, reported_at=world.clock.now()), sound=None)

    for _ in RETRY_AGES:
        world.wake()
        world.clock.advance(world.follow_ups.scheduled[-1][1])
        assert world.recording().trouble == ""
    world.wake()

    assert world.recording().trouble == "not there"
    assert len(world.source.fetched) == len(RETRY_AGES) + 1
    assert world.meter.total(Metric.RECORDING_FAILED) == 1


def test_what_is_no_wav_is_given_up_at_once(world: World) -> None:
    world.has_call()
    world.has_recording()
    world.source.refusals = [WireError("the recording is not a WAV")]

    assert world.wake() == ALL_WELL
    world.wake()

    assert world.recording().trouble == "not a WAV file"
    assert world.source.fetched == [examples.RECORDING_SID]
    assert world.audio.sound == {}
    assert world.meter.total(Metric.RECORDING_FAILED) == 1
    assert "This message could not be put in writing." in world.texter.sent[0].text


def test_a_refusal_for_good_is_given_up_at_once(world: World) -> None:
    world.has_call()
    world.has_recording()
    world.source.refusals = [UpstreamError("twilio", "410", retryable=False)]

    world.wake()

    assert world.recording().trouble == "410"


DENIALS = [
    UpstreamError("twilio", "401", retryable=False, is_denied=True),
    ConfigurationError("the secret cannot be read"),
]


@pytest.mark.parametrize("denial", DENIALS)
def test_a_recording_we_are_denied_is_copied_once_our_credentials_are_mended(
    world: World, denial: TelephonyError
) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, reported_at=world.clock.now()))
    world.source.refusals = [denial]
    assert world.wake() == ALL_WELL
    assert world.follow_ups.scheduled[-1] == (examples.CALL_SID, RETRY_AGES[0])

    for _ in range(23):
        world.clock.advance(timedelta(hours=1))
        world.follow_ups.scheduled.clear()
        world.source.refusals = [denial]
        assert world.sweep() == 1
        assert world.follow_ups.scheduled == [], "no round of its own beside the sweeper's"
    assert world.recording().trouble == ""
    assert len(world.texter.sent) == 1, "people are told with what there is"
    world.clock.advance(timedelta(minutes=10))
    world.sweep()

    assert world.recording().stored_key == KEY


@pytest.mark.parametrize("denial", DENIALS)
def test_a_recording_that_we_are_denied_for_a_day_is_given_up(world: World, denial: TelephonyError) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, reported_at=world.clock.now()))
    world.clock.advance(DENIED_FOR)
    world.source.refusals = [denial]

    world.sweep()

    assert world.recording().trouble
    assert world.meter.total(Metric.RECORDING_FAILED) == 1


def test_a_recording_that_comes_before_its_call_is_copied_and_told_when_the_call_comes(world: World) -> None:
    world.has_recording()

    assert world.wake() == ALL_WELL
    assert world.recording().stored_key == f"recordings/unknown/{examples.CALL_SID}/{examples.RECORDING_SID}.wav"
    assert world.texter.sent == []

    world.has_call()
    world.wake()
    world.wake()

    assert "This message could not be put in writing." in world.texter.sent[0].text
    assert world.source.fetched == [examples.RECORDING_SID]


class _FullAudio(MemoryAudio):
    """A bucket that takes nothing."""

    def put(self, key: str, audio: bytes, content_type: str) -> None:
        raise UpstreamError("s3", "AccessDenied", retryable=False)


def test_a_copy_that_cannot_be_stored_is_lambdas_to_repeat_and_people_are_told_in_time(world: World) -> None:
    world.has_call()
    world.has_recording()
    world.audio = _FullAudio()

    assert world.wake() != ALL_WELL

    assert world.recording().stored_key is None
    assert world.follow_ups.scheduled == [(examples.CALL_SID, PATIENCE - timedelta(milliseconds=500))]
    world.clock.at = examples.ENDED_AT + PATIENCE
    world.wake()
    assert len(world.texter.sent) == 1
