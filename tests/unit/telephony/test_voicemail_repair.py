"""When a transcript is repaired, and how telling waits for that."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.calls import Call, CallStage, CallStatus, VoicemailKind
from telephony.coverage import Interval
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.recordings import Recording, RecordingStatus
from telephony.repairs import (
    BACKOFF,
    LEASE,
    MAX_ATTEMPTS,
    OffsetSource,
    Repair,
    RepairState,
    next_attempt,
)
from telephony.streams import MediaStream, StreamEnd, StreamState
from telephony.transcripts import Transcript
from telephony.voicemail import (
    PATIENCE,
    STREAM_PATIENCE,
    CallFacts,
    FetchRecording,
    LookAgain,
    RepairTranscript,
    Step,
    Tell,
    describe,
)
from tests import examples
from tests.unit.telephony.following import next_steps

SOON = examples.ENDED_AT + timedelta(seconds=1)
LATE = examples.ENDED_AT + PATIENCE
HELLO = examples.utterance("Hello, it's me.", 1_000)
HOLE = Interval(4_000, 6_000)
HOLED = examples.ended_stream(examples.coverage(holes=(HOLE,)))
LOST = examples.ended_stream(end=StreamEnd.LOST)
OPEN = replace(examples.ended_stream(), state=StreamState.OPEN, end=None, ended_at=None)
STORED = replace(examples.RECORDING, stored_key="recordings/a.wav")
FIRST = next_attempt(examples.CALL_SID, STORED.sid, None, SOON)
DONE = replace(
    FIRST,
    state=RepairState.DONE,
    retry_at=None,
    stream_sid=HOLED.sid,
    offset_ms=2_000,
    offset_found_by=OffsetSource.WORDS,
    recording_ms=10_000,
    windows=(HOLE,),
)
BOTH = tuple(
    Delivery(each, DeliveryState.SENT, examples.NOON)
    for each in (
        DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER),
        DeliveryId(examples.CALL_SID, Channel.EMAIL, examples.MAILBOX.id),
    )
)


def _facts(
    stream: MediaStream | None = HOLED,
    *repairs: Repair,
    recordings: tuple[Recording, ...] = (STORED,),
    call: Call = examples.ENDED_CALL,
    deliveries: tuple[Delivery, ...] = (),
    has_words: bool = True,
) -> CallFacts:
    streams = [stream] if stream is not None else []
    transcript = Transcript.assemble(examples.CALL_SID, streams, [HELLO] if has_words and stream else [], repairs)
    return CallFacts(call, examples.MAILBOX, transcript, recordings, deliveries)


def _told(steps: tuple[Step, ...]) -> bool:
    return any(isinstance(step, Tell) for step in steps)


def _repairs(steps: tuple[Step, ...]) -> list[Repair]:
    return [step.attempt for step in steps if isinstance(step, RepairTranscript)]


@pytest.mark.parametrize("stream", [HOLED, LOST, None])
def test_an_incomplete_transcript_is_repaired_before_people_are_told(stream: MediaStream | None) -> None:
    assert next_steps(_facts(stream), SOON) == (LookAgain(LATE), RepairTranscript(STORED, FIRST))


def test_a_complete_transcript_needs_no_repair() -> None:
    steps = next_steps(_facts(examples.ended_stream()), SOON)

    assert _told(steps)
    assert _repairs(steps) == []


@pytest.mark.parametrize(
    "recordings",
    [
        (),
        (examples.RECORDING,),
        (replace(STORED, status=RecordingStatus.ABSENT),),
        (replace(examples.RECORDING, trouble="not there"),),
    ],
)
def test_without_a_copy_of_a_recording_nothing_can_be_repaired(recordings: tuple[Recording, ...]) -> None:
    assert _repairs(next_steps(_facts(recordings=recordings), SOON)) == []


def test_the_end_of_a_stream_is_waited_for_for_a_while() -> None:
    assert _repairs(next_steps(_facts(OPEN), SOON)) == []
    assert LookAgain(examples.ENDED_AT + STREAM_PATIENCE) in next_steps(_facts(OPEN), SOON)
    assert len(_repairs(next_steps(_facts(OPEN), examples.ENDED_AT + STREAM_PATIENCE))) == 1


def test_while_an_attempt_goes_on_nothing_is_done_until_its_lease_is_over() -> None:
    assert next_steps(_facts(HOLED, FIRST), SOON) == (LookAgain(min(LATE, SOON + LEASE)),)

    [second] = _repairs(next_steps(_facts(HOLED, FIRST), SOON + LEASE))
    assert (second.attempts, second.retry_at) == (2, SOON + 2 * LEASE)


@pytest.mark.parametrize("attempt", range(1, MAX_ATTEMPTS))
def test_a_failed_attempt_is_followed_by_another_after_ever_longer_waits(attempt: int) -> None:
    failed = replace(FIRST, attempts=attempt).failed("deepgram 503", SOON, is_passing=True)
    wait = BACKOFF[attempt - 1]

    assert next_steps(_facts(HOLED, failed), SOON) == (LookAgain(SOON + wait),)
    assert [each.attempts for each in _repairs(next_steps(_facts(HOLED, failed), SOON + wait))] == [attempt + 1]


@pytest.mark.parametrize(
    "repair",
    [
        DONE,
        FIRST.failed("not a WAV", SOON, is_passing=False),
        replace(FIRST, attempts=MAX_ATTEMPTS).failed("deepgram 503", SOON, is_passing=True),
        replace(FIRST, attempts=MAX_ATTEMPTS, retry_at=SOON),
    ],
    ids=["done", "failed for good", "failed often", "died often"],
)
def test_after_a_repair_people_are_told_whatever_came_of_it(repair: Repair) -> None:
    steps = next_steps(_facts(HOLED, repair), SOON)

    assert _told(steps)
    assert _repairs(steps) == []


def test_people_are_told_at_the_deadline_and_the_repair_goes_on() -> None:
    failed = FIRST.failed("deepgram 503", LATE - timedelta(seconds=1), is_passing=True)

    assert [type(step) for step in next_steps(_facts(HOLED), LATE)] == [Tell, RepairTranscript]
    assert [type(step) for step in next_steps(_facts(HOLED, failed), LATE)] == [LookAgain, Tell]


def test_the_archive_is_completed_though_everybody_was_told() -> None:
    failed = FIRST.failed("deepgram 503", SOON, is_passing=True)

    assert len(_repairs(next_steps(_facts(deliveries=BOTH), SOON))) == 1
    assert next_steps(_facts(HOLED, failed, deliveries=BOTH), SOON) == (LookAgain(SOON + BACKOFF[0]),)
    assert next_steps(_facts(HOLED, DONE, deliveries=BOTH), SOON) == ()


def test_a_call_that_a_person_answered_is_not_repaired() -> None:
    answered = replace(examples.ENDED_CALL, stage=CallStage.ANSWERED)

    assert next_steps(_facts(call=answered), SOON) == ()


def test_a_repair_made_without_a_stream_is_made_again_when_one_turns_up() -> None:
    without = replace(DONE, stream_sid=None)

    assert [each.attempts for each in _repairs(next_steps(_facts(HOLED, without), SOON))] == [2]
    assert _repairs(next_steps(_facts(HOLED, replace(without, attempts=MAX_ATTEMPTS)), SOON)) == []


@pytest.mark.parametrize(
    ("repair", "kind"),
    [
        (DONE, VoicemailKind.WORDLESS),
        (replace(DONE, windows=()), VoicemailKind.UNREAD),
        (FIRST.failed("not a WAV", SOON, is_passing=False), VoicemailKind.UNREAD),
    ],
)
def test_silence_in_all_of_a_recording_differs_from_a_recording_that_was_not_listened_to(
    repair: Repair, kind: VoicemailKind
) -> None:
    greeting_unheard = examples.ended_stream(examples.coverage(holes=(Interval(0, 1_500), HOLE)))
    facts = _facts(greeting_unheard, repair, has_words=False)

    assert describe(examples.ENDED_CALL, examples.MAILBOX, facts).kind is kind


def test_where_a_recording_lies_in_call_time_is_known_once_it_was_aligned() -> None:
    def span(*repairs: Repair) -> Interval | None:
        return describe(examples.ENDED_CALL, examples.MAILBOX, _facts(HOLED, *repairs)).span

    assert span() is None
    assert span(FIRST) is None
    assert span(DONE) == Interval(2_000, 12_000)
    assert span(replace(DONE, offset_ms=-500)) == Interval(0, 9_500)
    assert span(replace(DONE, offset_ms=-10_001)) is None


REPAIRS = st.sampled_from(
    [
        None,
        FIRST,
        DONE,
        replace(DONE, stream_sid=None),
        replace(FIRST, attempts=MAX_ATTEMPTS),
        FIRST.failed("x", SOON, is_passing=True),
        FIRST.failed("x", SOON, is_passing=False),
    ]
)
CALLS = st.sampled_from(
    [examples.ENDED_CALL, examples.CALL, replace(examples.CALL, status=CallStatus.COMPLETED, ended_at=None)]
)
AFTER = st.integers(0, 2_000).map(lambda seconds: examples.ENDED_AT + timedelta(seconds=seconds))


@given(st.sampled_from([None, OPEN, HOLED, LOST, examples.ended_stream()]), REPAIRS, CALLS, AFTER, st.booleans())
def test_repairs_end_telling_is_never_late_and_no_wait_is_in_the_past(
    stream: MediaStream | None, repair: Repair | None, call: Call, now: datetime, has_copy: bool
) -> None:
    recordings = (STORED if has_copy else examples.RECORDING,)
    facts = _facts(stream, *([repair] if repair else []), call=call, recordings=recordings)

    steps = next_steps(facts, now)

    attempts = _repairs(steps)
    assert all(each.attempts <= MAX_ATTEMPTS for each in attempts)
    assert all(step.at > now for step in steps if isinstance(step, LookAgain))
    if call.ended_at is not None:
        assert _told(steps) or any(isinstance(step, LookAgain) and step.at <= LATE for step in steps)
    if attempts:
        assert not any(isinstance(step, FetchRecording) for step in steps)


@pytest.mark.parametrize(
    ("stream", "is_again"),
    [
        (replace(HOLED, coverage=(examples.coverage(12_000, holes=(Interval(0, 12_000),)),)), True),
        (replace(HOLED, coverage=(examples.coverage(9_000, holes=(Interval(0, 9_000),)),)), False),
        (replace(LOST, coverage=(examples.coverage(12_000, holes=(Interval(0, 12_000),)),)), False),
    ],
    ids=["the end is now known", "the stream is shorter than the recording", "the stream was lost"],
)
def test_a_recording_whose_place_was_assumed_is_placed_again_once_it_can_be_known(
    stream: MediaStream, *, is_again: bool
) -> None:
    assumed = replace(DONE, offset_ms=0, offset_found_by=OffsetSource.ASSUMED, windows=(Interval(0, 8_000),))
    transcript = Transcript.assemble(examples.CALL_SID, [stream], [], [assumed])
    facts = CallFacts(examples.CALL, examples.MAILBOX, transcript, (STORED,), BOTH)

    steps = next_steps(facts, LATE)

    assert any(isinstance(step, RepairTranscript) for step in steps) is is_again
