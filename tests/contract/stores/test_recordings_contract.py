"""What every RecordingStore promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.errors import NotFoundError
from telephony.recordings import Recording, RecordingStatus
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid, any_recording


def _known(table: AnyTable, recording: Recording) -> Recording:
    (known,) = table.calls.facts(recording.call_sid).recordings
    return known


def test_a_recording_goes_forward_only_and_its_first_end_stands(table: AnyTable) -> None:
    completed = any_recording(any_call_sid())
    announced = replace(completed, status=RecordingStatus.ANNOUNCED, duration_ms=0)
    absent = replace(completed, status=RecordingStatus.ABSENT, duration_ms=0)
    table.recordings.report(announced)
    table.recordings.report(completed)
    table.recordings.report(absent)
    table.recordings.report(announced)
    table.recordings.report(replace(completed, reported_at=NOW + timedelta(seconds=9)))
    assert _known(table, completed) == completed


def test_a_repeated_report_does_not_lose_our_copy(table: AnyTable) -> None:
    recording = any_recording(any_call_sid())
    table.recordings.report(recording)
    table.recordings.stored(recording.call_sid, recording.sid, "recordings/ü.wav")
    table.recordings.report(recording)
    assert _known(table, recording) == replace(recording, stored_key="recordings/ü.wav")


def test_a_copy_that_came_after_all_ends_the_trouble_and_stays(table: AnyTable) -> None:
    recording = any_recording(any_call_sid())
    table.recordings.report(recording)
    table.recordings.failed(recording.call_sid, recording.sid, "404")
    assert _known(table, recording) == replace(recording, trouble="404")
    table.recordings.stored(recording.call_sid, recording.sid, "recordings/a.wav")
    table.recordings.failed(recording.call_sid, recording.sid, "500")
    assert _known(table, recording) == replace(recording, stored_key="recordings/a.wav")


def test_what_was_never_reported_cannot_be_stored_or_fail(table: AnyTable) -> None:
    recording = any_recording(any_call_sid())
    with pytest.raises(NotFoundError):
        table.recordings.stored(recording.call_sid, recording.sid, "recordings/a.wav")
    with pytest.raises(NotFoundError):
        table.recordings.failed(recording.call_sid, recording.sid, "404")
    assert table.calls.facts(recording.call_sid).recordings == ()
