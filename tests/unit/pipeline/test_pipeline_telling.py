"""People are told, once, as soon as there is something to tell, whatever fails on the way."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from functions.pipeline.telling import TELLING
from telephony.coverage import Interval
from telephony.deliveries import (
    LEASE,
    LONGEST_PAUSE,
    TRYING,
    Attempt,
    Channel,
    Claim,
    Delivery,
    DeliveryId,
    DeliveryState,
)
from telephony.errors import ConfigurationError, TelephonyError, UpstreamError
from telephony.metrics import Metric
from telephony.numbers import E164
from telephony.recordings import RecordingStatus
from telephony.streams import StreamEnd
from telephony.voicemail import PATIENCE
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.deliveries import MemoryDeliveries
from tests.fakes.sending import MemoryTexter
from tests.fakes.state import State
from tests.unit.pipeline.world import ALL_WELL, World

BUSY = UpstreamError("twilio", "20429", retryable=True)


def test_a_complete_live_transcript_is_told_before_any_recording_came(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Please call me back."))

    assert world.wake() == ALL_WELL

    [sms] = world.texter.sent
    token = world.table.links.link(examples.CALL_SID, timedelta(days=30), world.clock.now())
    assert (sms.to, sms.sender) == (examples.OWNER, examples.NUMBER)
    assert sms.text == (
        "Voicemail from +15005550001, 2 Mar 12:00 UTC, 0:02.\n"
        '"Please call me back."\n'
        f"Listen:\nhttps://calls.example/api/listen/{token}"
    )
    [(mailbox_id, email)] = world.bulletin.published
    assert mailbox_id == examples.MAILBOX.id
    assert "Please call me back." in email.body
    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT
    assert world.delivery(Channel.SMS, examples.OWNER).reference.startswith("SM")
    assert world.delivery(Channel.EMAIL, "front-desk").reference == "message-1"
    assert world.meter.values == [(Metric.MESSAGE_SENT, 1), (Metric.TOLD_AFTER_MS, 500), (Metric.MESSAGE_SENT, 1)]


def test_the_link_lives_a_month(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.wake()
    token = world.texter.sent[0].text.rpartition("/")[2]

    last_moment = world.clock.now() + timedelta(days=30) - timedelta(seconds=1)

    assert world.table.links.call_of(token, last_moment) == examples.CALL_SID


def test_the_time_is_taken_from_the_streams_end_while_the_calls_is_not_known(world: World) -> None:
    world.has_call(is_over=False)
    world.has_transcript(examples.utterance("Hello."))

    world.wake()

    assert (Metric.TOLD_AFTER_MS, 500) in world.meter.values


def test_waking_again_and_again_tells_once(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))

    for _ in range(5):
        world.wake()

    assert len(world.texter.sent) == 1
    assert len(world.bulletin.published) == 1


class _Meeting(MemoryDeliveries):
    """Claims that two processes come to at the same time."""

    def __init__(self, state: State, barrier: threading.Barrier) -> None:
        super().__init__(state)
        self._barrier = barrier

    def claim(self, delivery: DeliveryId, at: datetime, attempt: Attempt | None = None) -> Claim:
        self._barrier.wait(10)
        return super().claim(delivery, at)


def test_two_processes_at_once_tell_once(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.table.deliveries = _Meeting(world.table.state, threading.Barrier(2))

    world.wake_twice_at_once()

    assert len(world.texter.sent) == 1
    assert len(world.bulletin.published) == 1


def test_a_recipient_who_opted_out_does_not_keep_the_others_from_being_told(world: World) -> None:
    world.has_call(mailbox=replace(examples.MAILBOX, sms_recipients=(examples.OWNER, examples.DEPUTY)))
    world.has_transcript(examples.utterance("Hello."))
    world.texter.refusals = [UpstreamError("twilio", "21610", retryable=False)]

    assert world.wake() == ALL_WELL

    refused = world.delivery(Channel.SMS, examples.OWNER)
    assert (refused.state, refused.trouble) == (DeliveryState.FAILED, "21610")
    assert [sms.to for sms in world.texter.sent] == [examples.DEPUTY]
    assert len(world.bulletin.published) == 1
    assert world.meter.total(Metric.MESSAGE_FAILED) == 1
    assert world.meter.total(Metric.TOLD_AFTER_MS) == 500, "measured at the first that was taken"
    assert world.slept == []


def test_a_passing_failure_is_tried_again_shortly(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.texter.refusals = [BUSY, BUSY]

    world.wake()

    assert len(world.texter.sent) == 1
    assert world.slept == [0.3, 1.5]


NO_ANSWER = UpstreamError("twilio", "timeout", retryable=False, is_uncertain=True)
DENIED = UpstreamError("twilio", "20003", retryable=False, is_denied=True)
BROKEN = UpstreamError("twilio", "20500", retryable=False, is_uncertain=True)


@pytest.mark.parametrize(
    ("refusals", "trouble"),
    [
        ([BUSY] * 3, "20429"),
        ([ConfigurationError("no secret")], "ConfigurationError"),
        ([NO_ANSWER], "timeout"),
        ([BROKEN], "20500"),
        ([DENIED], "20003"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again_later_and_the_others_are_told(
    world: World, refusals: list[TelephonyError], trouble: str
) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.texter.refusals = refusals

    assert world.wake() == ALL_WELL
    waiting = world.delivery(Channel.SMS, examples.OWNER)
    assert (waiting.state, waiting.trouble) == (DeliveryState.CLAIMED, trouble)
    assert world.follow_ups.scheduled == [(examples.CALL_SID, LEASE)]
    assert len(world.bulletin.published) == 1
    world.wake()
    assert world.texter.sent == []
    world.clock.advance(LEASE)
    world.wake()

    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT
    assert len(world.texter.sent) == 1
    assert len(world.bulletin.published) == 1


def test_what_fails_for_six_hours_has_failed(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    attempts = []
    while world.clock.now() < examples.ENDED_AT + TRYING + LONGEST_PAUSE:
        world.texter.refusals = [BUSY] * 3
        world.wake()
        if len(world.texter.refusals) < 3:
            attempts.append(world.clock.now())
        world.clock.advance(timedelta(minutes=1))

    failed = world.delivery(Channel.SMS, examples.OWNER)
    assert (failed.state, failed.trouble) == (DeliveryState.FAILED, "20429")
    assert attempts[-2] < examples.ENDED_AT + TRYING <= attempts[-1]
    assert 15 < len(attempts) < 30, "ever less often"
    assert world.texter.sent == []
    assert not world.table.calls.facts(examples.CALL_SID).deliveries[0].trouble, "the e-mail went out"


def test_whoever_is_left_when_telling_takes_too_long_is_told_in_the_next_run(world: World) -> None:
    world.has_call(mailbox=replace(examples.MAILBOX, sms_recipients=(examples.OWNER, examples.DEPUTY)))
    world.has_transcript(examples.utterance("Hello."))
    world.texter = _Slow(clock=world.clock)

    assert world.wake() == ALL_WELL
    assert [sms.to for sms in world.texter.sent] == [examples.OWNER]
    assert world.follow_ups.scheduled == [(examples.CALL_SID, timedelta())]
    world.wake()

    assert [sms.to for sms in world.texter.sent] == [examples.OWNER, examples.DEPUTY]


class _Slow(MemoryTexter):
    """Takes a minute for each SMS."""

    def send(self, to: E164, sender: E164, text: str) -> str:
        assert isinstance(self.clock, FixedClock)
        self.clock.advance(TELLING)
        return super().send(to, sender, text)


class _Forgetful(MemoryDeliveries):
    """A table that takes claims and, now and then, no outcomes."""

    def __init__(self, state: State, *, refusals: int) -> None:
        super().__init__(state)
        self._refusals = refusals

    def finish(self, delivery: Delivery) -> None:
        if self._refusals:
            self._refusals -= 1
            raise UpstreamError("dynamodb", "Throttling", retryable=True)
        super().finish(delivery)


def test_an_outcome_is_stored_at_the_second_attempt(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.table.deliveries = _Forgetful(world.table.state, refusals=1)

    assert world.wake() == ALL_WELL

    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT


def test_an_outcome_that_cannot_be_stored_tells_nobody_twice(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.table.deliveries = _Forgetful(world.table.state, refusals=3)

    assert world.wake() != ALL_WELL
    assert world.wake() == ALL_WELL

    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.CLAIMED
    assert len(world.texter.sent) == 1
    assert len(world.bulletin.published) == 1, "the failure of one is not the others'"

    world.clock.advance(LEASE)
    world.wake()
    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT
    assert len(world.texter.sent) == 1


def test_silence_is_told_as_wordless_once_the_sound_is_there(world: World) -> None:
    world.has_call()
    world.has_transcript()
    world.has_recording()

    world.wake()
    assert world.texter.sent == []
    world.wake()

    assert "No words could be made out." in world.texter.sent[0].text
    assert "Listen:\nhttps://calls.example/api/listen/" in world.texter.sent[0].text


def test_a_caller_who_left_nothing_is_told_as_missed(world: World) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0), sound=None)

    world.wake()

    [sms] = world.texter.sent
    assert sms.text == "Missed call from +15005550001, 2 Mar 12:00 UTC. No message was left."


def test_a_call_without_a_stream_is_told_once_its_sound_can_be_heard_and_could_not_be_put_in_writing(
    world: World,
) -> None:
    world.has_call()
    world.has_recording(sound=b"RIFF but no sound")

    world.wake()
    assert world.texter.sent == []
    assert world.recording().stored_key is not None
    world.wake()
    assert world.texter.sent == []
    world.wake()

    [sms] = world.texter.sent
    assert "This message could not be put in writing." in sms.text
    assert "Listen:\n" in sms.text


def test_after_the_patience_what_there_is_is_told(world: World) -> None:
    world.has_call()
    world.has_transcript(
        examples.utterance("Please call"),
        stream=examples.ended_stream(examples.coverage(holes=(Interval(4_000, 6_000),)), end=StreamEnd.LOST),
    )

    world.wake()
    assert world.texter.sent == []
    assert world.follow_ups.scheduled == [(examples.CALL_SID, PATIENCE - timedelta(milliseconds=500))]
    world.clock.at = examples.ENDED_AT + PATIENCE
    world.wake()

    assert '"Please call"' in world.texter.sent[0].text
    assert "nothing is known of 0:04-0:06 of the call, and its end may be missing." in world.texter.sent[0].text


def test_nothing_is_sent_while_the_table_is_out_of_reach(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.table.is_down = True

    assert world.wake() == {"batchItemFailures": [{"itemIdentifier": "1"}]}

    world.table.is_down = False
    assert world.texter.sent == []
    assert world.wake() == ALL_WELL
    assert len(world.texter.sent) == 1


def test_a_call_whose_end_nobody_reported_is_told_and_not_measured(world: World) -> None:
    world.has_call(is_over=False)
    world.has_recording()
    world.wake()

    world.clock.at = examples.RECORDING.reported_at + PATIENCE
    world.wake()

    assert len(world.texter.sent) == 1
    assert Metric.TOLD_AFTER_MS not in dict(world.meter.values)
