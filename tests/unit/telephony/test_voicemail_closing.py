"""When a delivery that somebody began is begun again, and when nothing more is expected of a call."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import voicemail
from telephony.calls import Call, CallStage, CallStatus
from telephony.deliveries import LEASE, LONGEST_PAUSE, TRYING, Channel, Delivery, DeliveryId, DeliveryState
from telephony.recordings import Recording, RecordingStatus
from telephony.transcripts import Transcript
from telephony.voicemail import LATEST, PATIENCE, CallFacts, Close, LookAgain, Tell
from tests import examples
from tests.unit.telephony.following import next_steps

SMS = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
EMAIL = DeliveryId(examples.CALL_SID, Channel.EMAIL, examples.MAILBOX.id)
STORED = replace(examples.RECORDING, stored_key="recordings/a.wav")
ANNOUNCED = replace(examples.RECORDING, status=RecordingStatus.ANNOUNCED)
ABSENT = replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0)
TROUBLED = replace(examples.RECORDING, trouble="not there")
SOON = examples.ENDED_AT + timedelta(seconds=5)
BOTH_SENT = tuple(Delivery(each, DeliveryState.SENT, SOON) for each in (SMS, EMAIL))


def _facts(
    *,
    call: Call = examples.ENDED_CALL,
    recordings: tuple[Recording, ...] = (STORED,),
    deliveries: tuple[Delivery, ...] = BOTH_SENT,
) -> CallFacts:
    transcript = Transcript.assemble(examples.CALL_SID, [examples.ended_stream()], [examples.utterance("Hello.")])
    return CallFacts(call, examples.MAILBOX, transcript, recordings, deliveries, is_open=True)


def _claimed(at: datetime, trouble: str = "") -> tuple[Delivery, ...]:
    return (Delivery(SMS, DeliveryState.CLAIMED, at, trouble=trouble), BOTH_SENT[1])


def test_a_claim_is_looked_at_when_its_lease_ends_and_then_owed_again() -> None:
    facts = _facts(deliveries=_claimed(SOON))

    assert next_steps(facts, SOON) == (LookAgain(SOON + LEASE),)
    assert next_steps(facts, SOON + LEASE - timedelta(seconds=1)) == (LookAgain(SOON + LEASE),)
    [tell] = next_steps(facts, SOON + LEASE)
    assert isinstance(tell, Tell)
    assert (tell.deliveries, tell.is_last_attempt) == ((SMS,), False)


def test_of_two_deliveries_one_is_waited_for_while_the_other_is_told() -> None:
    wait, tell = next_steps(_facts(deliveries=_claimed(SOON)[:1]), SOON)

    assert wait == LookAgain(SOON + LEASE)
    assert isinstance(tell, Tell)
    assert tell.deliveries == (EMAIL,)


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        (timedelta(seconds=1), LEASE),
        (timedelta(minutes=2), LEASE),
        (timedelta(minutes=10), timedelta(minutes=5)),
        (timedelta(hours=5), LONGEST_PAUSE),
    ],
)
def test_what_was_tried_in_vain_is_tried_ever_less_often(after: timedelta, pause: timedelta) -> None:
    failed_at = examples.ENDED_AT + after

    assert next_steps(_facts(deliveries=_claimed(failed_at, "503")), failed_at) == (LookAgain(failed_at + pause),)
    assert next_steps(_facts(deliveries=_claimed(failed_at)), failed_at) == (LookAgain(failed_at + LEASE),)


def test_the_attempt_after_six_hours_is_the_last() -> None:
    [before] = next_steps(_facts(deliveries=()), examples.ENDED_AT + TRYING - timedelta(seconds=1))
    [then] = next_steps(_facts(deliveries=()), examples.ENDED_AT + TRYING)

    assert isinstance(before, Tell)
    assert isinstance(then, Tell)
    assert (before.is_last_attempt, then.is_last_attempt) == (False, True)


def test_patience_is_a_setting() -> None:
    facts = replace(_facts(deliveries=(), recordings=()), transcript=Transcript(examples.CALL_SID))
    at = examples.ENDED_AT + timedelta(seconds=7)

    assert next_steps(facts, SOON, timedelta(seconds=7)) == (LookAgain(at),)
    assert [type(step) for step in next_steps(facts, at, timedelta(seconds=7))] == [Tell]


@pytest.mark.parametrize("recordings", [(STORED,), (ABSENT,), (TROUBLED,), (ABSENT, STORED)])
def test_a_call_is_closed_when_all_are_told_and_its_sound_is_settled(recordings: tuple[Recording, ...]) -> None:
    assert next_steps(_facts(recordings=recordings), SOON) == (Close(),)


def test_a_delivery_that_failed_for_good_keeps_no_call_open() -> None:
    failed = (Delivery(SMS, DeliveryState.FAILED, SOON, trouble="21610"), BOTH_SENT[1])

    assert next_steps(_facts(deliveries=failed), SOON) == (Close(),)


def test_a_call_that_is_closed_is_not_closed_again() -> None:
    assert next_steps(replace(_facts(), is_open=False), SOON) == ()


@pytest.mark.parametrize(
    "facts",
    [
        _facts(recordings=(ANNOUNCED,)),
        _facts(recordings=(STORED, ANNOUNCED)),
        replace(_facts(recordings=(ANNOUNCED,)), is_checked=True),
        replace(_facts(), open_streams=(examples.STREAM_SID,)),
    ],
)
def test_a_call_of_which_more_can_come_stays_open_for_a_day_at_most(facts: CallFacts) -> None:
    last = examples.NOON + LATEST - timedelta(seconds=1)

    assert next_steps(facts, SOON) == next_steps(facts, last) == ()
    over = replace(facts, call=examples.ENDED_CALL)
    assert next_steps(over, examples.NOON + LATEST) == (Close(),)


@pytest.mark.parametrize("stage", list(CallStage))
def test_a_call_that_nobody_says_is_over_is_closed_after_a_day(stage: CallStage) -> None:
    facts = _facts(call=replace(examples.CALL, stage=stage))
    assert next_steps(facts, examples.NOON + LATEST - timedelta(seconds=1)) == ()
    assert next_steps(facts, examples.NOON + LATEST) == (Close(),)


def test_a_call_without_a_recording_is_closed_once_twilio_says_that_there_is_none() -> None:
    facts = _facts(recordings=())

    assert next_steps(facts, SOON) == ()
    assert next_steps(replace(facts, is_checked=True), SOON) == (Close(),)


def test_a_call_that_was_answered_is_closed_when_it_is_over() -> None:
    answered = replace(examples.ENDED_CALL, stage=CallStage.ANSWERED)

    assert next_steps(_facts(call=answered, recordings=(), deliveries=()), SOON) == (Close(),)
    talking = replace(answered, status=CallStatus.IN_PROGRESS, ended_at=None)
    assert next_steps(_facts(call=talking, recordings=(), deliveries=()), SOON) == ()


def test_a_call_that_is_over_nobody_knows_since_when_is_told_all_the_same() -> None:
    facts = replace(
        _facts(call=replace(examples.ENDED_CALL, ended_at=None), recordings=(), deliveries=()),
        transcript=Transcript(examples.CALL_SID),
    )

    assert next_steps(facts, examples.NOON) == (LookAgain(examples.NOON + PATIENCE),)
    assert [type(step) for step in next_steps(facts, examples.NOON + PATIENCE)] == [Tell]


def test_a_call_whose_mailbox_is_gone_is_closed_without_telling_anybody() -> None:
    assert next_steps(replace(_facts(deliveries=()), mailbox=None), SOON) == (Close(),)


DELIVERIES = st.lists(
    st.builds(
        Delivery,
        st.sampled_from([SMS, EMAIL]),
        st.sampled_from(DeliveryState),
        st.integers(0, 30_000).map(lambda seconds: examples.ENDED_AT + timedelta(seconds=seconds)),
        trouble=st.sampled_from(["", "503"]),
    ),
    unique_by=lambda each: each.id,
    max_size=2,
).map(tuple)


@given(DELIVERIES, st.integers(0, 100_000), st.booleans())
def test_an_owed_delivery_is_told_now_or_looked_at_within_half_an_hour(
    deliveries: tuple[Delivery, ...], seconds: int, is_checked: bool
) -> None:
    now = examples.ENDED_AT + timedelta(seconds=seconds)
    begun_before = tuple(each for each in deliveries if each.changed_at <= now)

    steps = next_steps(replace(_facts(deliveries=begun_before), is_checked=is_checked), now)

    told = {each for step in steps if isinstance(step, Tell) for each in step.deliveries}
    waits = [step.at for step in steps if isinstance(step, LookAgain)]
    over = {each.id for each in begun_before if each.is_over}
    assert not told & over
    assert all(now < at <= now + LONGEST_PAUSE for at in waits)
    assert (Close() in steps) == (over == {SMS, EMAIL})
    assert told or waits or over == {SMS, EMAIL}


def test_of_a_call_that_was_never_announced_nothing_is_closed() -> None:
    facts = replace(_facts(), call=None, mailbox=None)

    assert next_steps(facts, SOON) == ()


def test_where_nothing_is_searched_nothing_is_indexed_and_calls_are_closed_all_the_same() -> None:
    assert voicemail.next_steps(replace(_facts(), indexed=None), SOON, is_searched=False) == (Close(),)
