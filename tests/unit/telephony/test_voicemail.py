"""What must happen next, from what has arrived so far."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.calls import Call, CallStage, CallStatus, VoicemailKind
from telephony.coverage import Interval
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from telephony.streams import MediaStream, StreamEnd, StreamState
from telephony.transcripts import Transcript, Utterance
from telephony.voicemail import (
    HANG_UP_MS,
    PATIENCE,
    STREAM_PATIENCE,
    CallFacts,
    FetchRecording,
    LookAgain,
    Step,
    Tell,
    describe,
)
from tests import examples
from tests.unit.telephony.following import next_steps

SOON = examples.ENDED_AT + timedelta(seconds=1)
LATE = examples.ENDED_AT + PATIENCE
HELLO = examples.utterance("Hello, it's me.", 1_000)
SMS = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
EMAIL = DeliveryId(examples.CALL_SID, Channel.EMAIL, examples.MAILBOX.id)
HOLED = examples.ended_stream(examples.coverage(holes=(Interval(2_000, 5_000),)))
OPEN = replace(examples.ended_stream(), state=StreamState.OPEN, end=None, ended_at=None)
STORED = replace(examples.RECORDING, stored_key="recordings/a.wav")
ANNOUNCED = replace(examples.RECORDING, status=RecordingStatus.ANNOUNCED)
UNCOPIED = replace(examples.RECORDING, trouble="not there")
ABSENT = replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0)
LIVE_CALL = examples.CALL
RINGING = replace(examples.CALL, stage=CallStage.RINGING_PERSON)


def _facts(
    *said: Utterance,
    call: Call | None = examples.ENDED_CALL,
    stream: MediaStream | None = None,
    recordings: tuple[Recording, ...] = (),
    deliveries: tuple[DeliveryId, ...] = (),
) -> CallFacts:
    begun = (Delivery(each, DeliveryState.SENT, examples.NOON) for each in deliveries)
    transcript = Transcript.assemble(examples.CALL_SID, [stream] if stream else [], said)
    mailbox = examples.MAILBOX if call else None
    return CallFacts(call, mailbox, transcript, recordings, tuple(begun))


def _told(steps: tuple[Step, ...]) -> VoicemailKind | None:
    return next((step.voicemail.kind for step in steps if isinstance(step, Tell)), None)


def test_a_complete_transcript_is_told_at_once_without_its_recording() -> None:
    steps = next_steps(_facts(HELLO, call=LIVE_CALL, stream=examples.ended_stream()), SOON)

    [tell] = steps
    assert isinstance(tell, Tell)
    assert tell.deliveries == (SMS, EMAIL)
    assert (tell.voicemail.kind, tell.voicemail.recording) == (VoicemailKind.MESSAGE, None)


def test_telling_goes_before_fetching() -> None:
    steps = next_steps(_facts(HELLO, stream=examples.ended_stream(), recordings=(examples.RECORDING,)), SOON)

    assert [type(step) for step in steps] == [Tell, FetchRecording]


def test_looking_again_is_arranged_before_fetching() -> None:
    steps = next_steps(_facts(recordings=(examples.RECORDING,)), SOON)

    assert steps == (LookAgain(LATE), FetchRecording(examples.RECORDING))


def test_who_was_told_is_not_told_again() -> None:
    facts = _facts(HELLO, stream=examples.ended_stream(), deliveries=(SMS,))

    [tell] = next_steps(facts, SOON)

    assert isinstance(tell, Tell)
    assert tell.deliveries == (EMAIL,)
    assert next_steps(replace(facts, deliveries=_facts(deliveries=(SMS, EMAIL)).deliveries), SOON) == ()


def test_a_mailbox_that_tells_nobody_still_has_its_recordings_fetched() -> None:
    silent = replace(examples.MAILBOX, sms_recipients=(), email_recipients=())
    facts = replace(_facts(recordings=(examples.RECORDING,)), mailbox=silent)

    assert next_steps(facts, LATE) == (FetchRecording(examples.RECORDING),)


def test_a_recording_of_an_unknown_call_is_fetched_and_nobody_told() -> None:
    assert next_steps(_facts(call=None, recordings=(examples.RECORDING,)), LATE) == (
        FetchRecording(examples.RECORDING),
    )


def test_a_call_that_a_person_answered_leaves_no_voicemail() -> None:
    answered = replace(examples.ENDED_CALL, stage=CallStage.ANSWERED)

    assert next_steps(_facts(call=answered), LATE) == ()


def test_while_the_caller_speaks_there_is_nothing_to_do() -> None:
    assert next_steps(_facts(HELLO, call=LIVE_CALL, stream=OPEN), SOON) == ()
    assert next_steps(_facts(call=RINGING), SOON) == ()


@pytest.mark.parametrize("recordings", [(), (ANNOUNCED,), (examples.RECORDING,), (STORED, ANNOUNCED)])
def test_without_words_the_sound_is_waited_for(recordings: tuple[Recording, ...]) -> None:
    steps = next_steps(_facts(stream=examples.ended_stream(), recordings=recordings), SOON)

    assert _told(steps) is None
    assert LookAgain(LATE) in steps


@pytest.mark.parametrize(
    ("recording", "kind"),
    [
        (replace(examples.RECORDING, trouble="not there"), VoicemailKind.UNREAD),
        (ABSENT, VoicemailKind.MISSED),
    ],
)
def test_without_a_stream_the_recording_decides(recording: Recording, kind: VoicemailKind) -> None:
    assert _told(next_steps(_facts(recordings=(recording,)), SOON)) is kind


def test_an_open_stream_is_waited_for_though_the_sound_is_there() -> None:
    until = examples.ENDED_AT + STREAM_PATIENCE

    assert next_steps(_facts(HELLO, stream=OPEN, recordings=(STORED,)), SOON) == (LookAgain(until),)


@pytest.mark.parametrize("stream", [None, OPEN, HOLED])
def test_after_the_patience_people_are_told_what_there_is(stream: MediaStream | None) -> None:
    said = (HELLO,) if stream else ()

    just_before = next_steps(_facts(*said, stream=stream), LATE - timedelta(microseconds=1))
    then = next_steps(_facts(*said, stream=stream), LATE)

    assert _told(just_before) is None
    assert _told(then) is (VoicemailKind.MESSAGE if stream else VoicemailKind.MISSED)


def test_a_caller_who_hung_up_while_it_rang_is_told_as_missed_at_once() -> None:
    hung_up = replace(RINGING, status=CallStatus.NO_ANSWER, ended_at=examples.ENDED_AT)

    assert _told(next_steps(_facts(call=hung_up), SOON)) is VoicemailKind.MISSED


@pytest.mark.parametrize(
    ("stream", "recordings", "over_at"),
    [
        (None, (UNCOPIED,), UNCOPIED.reported_at),
        (HOLED, (), examples.ENDED_AT),
        (HOLED, (UNCOPIED,), UNCOPIED.reported_at),
        (replace(HOLED, end=StreamEnd.LOST), (), examples.ENDED_AT + timedelta(seconds=300)),
    ],
)
def test_when_twilios_word_that_the_call_is_over_is_lost_people_are_told_all_the_same(
    stream: MediaStream | None, recordings: tuple[Recording, ...], over_at: datetime
) -> None:
    facts = _facts(call=LIVE_CALL, stream=stream, recordings=recordings)

    assert next_steps(facts, over_at + PATIENCE - timedelta(seconds=1)) == (LookAgain(over_at + PATIENCE),)
    assert _told(next_steps(facts, over_at + PATIENCE)) is not None


@pytest.mark.parametrize(
    ("stream", "recording", "kind"),
    [
        (examples.ended_stream(), STORED, VoicemailKind.WORDLESS),
        (examples.ended_stream(), replace(STORED, duration_ms=HANG_UP_MS), VoicemailKind.MISSED),
        (examples.ended_stream(), ABSENT, VoicemailKind.MISSED),
        (HOLED, STORED, VoicemailKind.UNREAD),
        (HOLED, ABSENT, VoicemailKind.UNHEARD),
        (OPEN, ABSENT, VoicemailKind.UNHEARD),
        (replace(examples.ended_stream(), end=StreamEnd.LOST), STORED, VoicemailKind.UNREAD),
    ],
)
def test_silence_that_was_listened_to_differs_from_sound_that_was_not(
    stream: MediaStream, recording: Recording, kind: VoicemailKind
) -> None:
    facts = _facts(stream=stream, recordings=(recording,))

    assert describe(examples.ENDED_CALL, examples.MAILBOX, facts).kind is kind


def test_a_recording_that_is_there_goes_before_one_that_is_not() -> None:
    other = replace(ABSENT, sid=RecordingSid("RE" + "9" * 32))

    assert describe(examples.ENDED_CALL, examples.MAILBOX, _facts(recordings=(other, STORED))).recording == STORED


def test_a_messages_length_is_twilios_or_up_to_the_last_word() -> None:
    def length_ms(*said: Utterance, recordings: tuple[Recording, ...] = ()) -> int:
        return describe(examples.ENDED_CALL, examples.MAILBOX, _facts(*said, recordings=recordings)).length_ms

    assert length_ms(HELLO, recordings=(STORED,)) == 12_000
    assert length_ms(HELLO, examples.utterance("Bye.", 9_000), recordings=(ABSENT,)) == 8_350
    assert length_ms(HELLO, recordings=(replace(ANNOUNCED, duration_ms=0),)) == 1_150
    assert length_ms() == 0


CALLS = st.builds(
    replace,
    st.just(examples.CALL),
    stage=st.sampled_from(CallStage),
    status=st.sampled_from(CallStatus),
    ended_at=st.none() | st.just(examples.ENDED_AT),
)
STREAMS = st.none() | st.sampled_from([OPEN, HOLED, examples.ended_stream(), replace(HOLED, end=StreamEnd.LOST)])
RECORDINGS = st.lists(st.sampled_from([STORED, ANNOUNCED, ABSENT, examples.RECORDING]), max_size=2).map(tuple)
BEGUN = st.lists(st.sampled_from([SMS, EMAIL]), unique=True).map(tuple)


@given(CALLS, STREAMS, RECORDINGS, BEGUN, st.booleans(), st.integers(0, 1_000))
def test_a_call_that_is_over_is_told_or_looked_at_again_until_everyone_is_told(
    call: Call,
    stream: MediaStream | None,
    recordings: tuple[Recording, ...],
    begun: tuple[DeliveryId, ...],
    has_words: bool,
    seconds: int,
) -> None:
    said = (HELLO,) if has_words and stream else ()
    facts = _facts(*said, call=call, stream=stream, recordings=recordings, deliveries=begun)
    now = examples.ENDED_AT + timedelta(seconds=seconds)

    steps = next_steps(facts, now)

    told = [delivery for step in steps if isinstance(step, Tell) for delivery in step.deliveries]
    waits = [step.at for step in steps if isinstance(step, LookAgain)]
    assert not set(told) & set(begun)
    assert all(at > now for at in waits)
    owes = call.stage is not CallStage.ANSWERED and len(begun) < 2
    if owes and call.ended_at is not None:
        assert bool(told) != bool(waits)
    if owes and call.ended_at is not None and now >= LATE:
        assert told
