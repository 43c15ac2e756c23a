"""Calls go forward only."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.calls import CallStage, CallStatus, parse_call_sid
from telephony.errors import WireError
from telephony.recordings import Recording, RecordingStatus, parse_recording_sid
from tests import examples

STATUSES = st.sampled_from(CallStatus)


def test_a_call_rings_is_answered_and_ends() -> None:
    way = [CallStatus.QUEUED, CallStatus.INITIATED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED]

    assert all(later.may_follow(earlier) for earlier, later in itertools.pairwise(way))
    assert not any(earlier.may_follow(later) for earlier, later in itertools.pairwise(way))


@given(STATUSES, STATUSES)
def test_a_final_status_stands(earlier: CallStatus, later: CallStatus) -> None:
    assert not (earlier.is_final and later.may_follow(earlier))
    assert not later.may_follow(later)


def test_these_statuses_are_final() -> None:
    assert {status for status in CallStatus if status.is_final} == {
        "completed",
        "busy",
        "failed",
        "no-answer",
        "canceled",
    }


def test_a_person_is_rung_before_the_message_is_taken() -> None:
    assert CallStage.RINGING_PERSON.rank < CallStage.TAKING_MESSAGE.rank < CallStage.ANSWERED.rank


def test_sids_are_read_and_others_refused() -> None:
    assert parse_call_sid(examples.CALL_SID) == examples.CALL_SID
    assert parse_recording_sid(examples.RECORDING_SID) == examples.RECORDING_SID
    for text in ("", "CA", "CA" + "g" * 32, "CA" + "1" * 33, examples.CALL_SID + "\n"):
        with pytest.raises(WireError):
            parse_call_sid(text)
        with pytest.raises(WireError):
            parse_recording_sid(text.replace("CA", "RE"))


@pytest.mark.parametrize(
    ("status", "stored_key", "trouble", "is_fetchable"),
    [
        (RecordingStatus.COMPLETED, None, "", True),
        (RecordingStatus.COMPLETED, "recordings/a.wav", "", False),
        (RecordingStatus.COMPLETED, None, "not there", False),
        (RecordingStatus.ANNOUNCED, None, "", False),
        (RecordingStatus.ABSENT, None, "", False),
    ],
)
def test_a_recording_is_fetched_when_it_is_complete_and_not_yet_ours(
    status: RecordingStatus, stored_key: str | None, trouble: str, *, is_fetchable: bool
) -> None:
    recording = Recording(
        examples.RECORDING_SID, examples.CALL_SID, status, 1_000, examples.NOON, stored_key=stored_key, trouble=trouble
    )

    assert recording.is_fetchable is is_fetchable


def test_a_recordings_end_is_the_same_whether_it_is_there_or_not() -> None:
    assert RecordingStatus.ANNOUNCED.rank < RecordingStatus.COMPLETED.rank == RecordingStatus.ABSENT.rank
