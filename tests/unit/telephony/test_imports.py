"""What a file becomes when it is imported."""

from datetime import timedelta

import pytest

from telephony import imports
from telephony.calls import CallStatus, Direction, parse_call_sid
from telephony.errors import WireError
from telephony.imports import ImportRequest
from telephony.jobs import Job
from telephony.numbers import E164, is_withheld
from telephony.recordings import RecordingStatus, SoundFile, SoundFormat, format_of, parse_recording_sid
from telephony.voicemail import next_steps, untold_since
from tests import examples
from tests.contract.stores.backends import NOW, AnyTable, any_job
from tests.fakes.table import MemoryTable

WANTED = ImportRequest("+14155550199", E164("+14155550100"), NOW - timedelta(days=3))


def _job(wanted: ImportRequest = WANTED) -> Job:
    return any_job("praxis", request=wanted.as_request())


@pytest.mark.parametrize("is_quiet", [True, False])
def test_what_was_asked_for_is_read_as_it_was_written(*, is_quiet: bool) -> None:
    wanted = ImportRequest("client:ü", E164("+14155550100"), NOW, is_quiet)
    assert imports.request_of(_job(wanted)) == wanted


def test_a_job_that_is_no_import_is_refused() -> None:
    with pytest.raises(WireError):
        imports.request_of(any_job())


def test_the_call_is_made_of_the_job_and_one_however_often() -> None:
    job, other = _job(), _job()
    call = imports.imported_call(job, 61_499)
    assert call == imports.imported_call(job, 61_499)
    assert parse_call_sid(call.sid) == imports.call_sid(job.id) != imports.call_sid(other.id)
    assert (call.mailbox_id, call.number, call.caller) == ("praxis", WANTED.number, WANTED.caller)
    assert (call.status, call.direction) == (CallStatus.COMPLETED, Direction.INBOUND)
    assert (call.ended_at, call.duration_s) == (WANTED.started_at + timedelta(milliseconds=61_499), 61)
    assert call.is_imported


def test_the_recording_has_its_copy_where_copies_are() -> None:
    job = _job()
    recording = imports.imported_recording(job, SoundFile(SoundFormat.MP4, 2_000), NOW)
    assert (recording.status, recording.duration_ms) == (RecordingStatus.COMPLETED, 2_000)
    assert parse_recording_sid(recording.sid)
    assert recording.stored_key == f"recordings/praxis/{imports.call_sid(job.id)}/{recording.sid}.m4a"
    assert format_of(recording.stored_key) is SoundFormat.MP4
    assert imports.upload_key(job) == f"imports/praxis/{job.id}"


def test_who_is_not_named_withheld_the_number() -> None:
    assert is_withheld(imports.UNKNOWN_CALLER)


@pytest.mark.parametrize("is_quiet", [True, False])
def test_an_imported_call_is_put_in_writing_and_nobody_is_told_unless_asked_to(*, is_quiet: bool) -> None:
    table: AnyTable = MemoryTable()
    table.directory.put(examples.MAILBOX, ())
    job = any_job(examples.MAILBOX.id, request=ImportRequest("a", E164("+1415"), NOW, is_quiet).as_request())
    call = imports.imported_call(job, 5_000)
    table.recordings.report(imports.imported_recording(job, SoundFile(SoundFormat.WAV, 5_000), NOW))
    table.calls.begin(call, None)
    facts = table.calls.facts(call.sid)
    steps = {type(step).__name__ for step in next_steps(facts, NOW + timedelta(hours=1))}
    assert steps == {"RepairTranscript", "IndexTranscript", *(() if is_quiet else ("Tell",))}
    assert (untold_since(facts, NOW) is None) is is_quiet
