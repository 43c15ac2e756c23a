"""A file becomes a call of the archive once, or the job says what is wrong with it."""

from dataclasses import replace

import pytest

from functions.jobs import importing
from telephony import imports
from telephony.coverage import Interval
from telephony.imports import ImportRequest
from telephony.jobs import Job, JobKind, JobState
from telephony.recordings import SoundFile, SoundFormat
from telephony.repairs import RepairState, next_attempt
from telephony.wire.wav import Sound
from tests import examples, sounds
from tests.unit.jobs.world import World

WAV = Sound(bytes(16 * 3_000)).as_wav()
WANTED = ImportRequest(examples.CALLER, examples.NUMBER, examples.NOON)


@pytest.fixture
def world() -> World:
    world = World()
    world.has_mailbox()
    return world


def _ask(world: World, file: bytes | None = WAV) -> Job:
    job = world.table.jobs.get(world.ask(JobKind.IMPORT, **WANTED.as_request()))
    if file is not None:
        world.audio.put(imports.upload_key(job), file, "audio/wav")
    return job


def _work(world: World, job: Job) -> Job:
    world.worker().work(job.id)
    return world.table.jobs.get(job.id)


def _write(world: World, job: Job, *, state: RepairState = RepairState.DONE, trouble: str = "") -> None:
    """Do what the pipeline does when it sees the call."""
    recording = imports.imported_recording(job, SoundFile(SoundFormat.WAV, 3_000), world.clock.now())
    attempt = next_attempt(recording.call_sid, recording.sid, None, world.clock.now())
    world.table.repairs.begin(attempt)
    said = replace(examples.utterance("hello there"), call_sid=recording.call_sid, repaired_by=attempt.mark)
    outcome = replace(
        attempt, state=state, offset_ms=0, recording_ms=3_000, windows=(Interval(0, 3_000),), trouble=trouble
    )
    world.table.repairs.finish(outcome, [said])


def test_a_file_becomes_a_call_with_its_sound_and_the_job_waits_for_its_words(world: World) -> None:
    job = _ask(world)
    waiting = _work(world, job)
    sid = imports.call_sid(job.id)
    facts = world.table.calls.facts(sid)
    assert (waiting.state, waiting.checkpoint["call_sid"]) == (JobState.QUEUED, sid)
    assert world.queue.woken == [(job.id, importing.LOOK_AGAIN)]
    assert facts.call == imports.imported_call(job, 3_000)
    assert [world.audio.sound[each.stored_key or ""] for each in facts.recordings] == [WAV]
    assert imports.upload_key(job) not in world.audio.sound

    _write(world, job)
    done = _work(world, job)
    assert (done.state, done.done, done.counts) == (JobState.DONE, 1, {"calls": 1})
    assert world.table.calls.facts(sid).transcript.text == "hello there"
    assert "caller" not in done.request


def test_whoever_dies_over_an_import_leaves_one_call(world: World) -> None:
    job = _ask(world)
    taken = world.table.jobs.take(job.id, world.clock.now())
    importing.Import(world.ports()).step(taken)  # and died before it could be written down
    world.clock.advance(importing.LOOK_AGAIN * 1_000)
    assert _work(world, job).state is JobState.QUEUED
    assert len(world.table.state.calls) == len(world.table.state.recordings) == 1


def test_a_file_that_nobody_uploaded_ends_the_job(world: World) -> None:
    job = _work(world, _ask(world, None))
    assert (job.state, job.trouble) == (JobState.FAILED, importing.NO_FILE)
    assert world.table.state.calls == {}


def test_a_file_is_kept_as_it_is_and_as_what_its_bytes_say(world: World) -> None:
    job = _ask(world, sounds.M4A)  # which was said to be a WAV

    _work(world, job)

    facts = world.table.calls.facts(imports.call_sid(job.id))
    (key,) = [each.stored_key or "" for each in facts.recordings]
    assert (key[-4:], world.audio.content_types[key], world.audio.sound[key]) == (".m4a", "audio/mp4", sounds.M4A)
    assert facts.call is not None
    assert facts.call.duration_s == 3
    world.eraser().erase(imports.call_sid(job.id), examples.MAILBOX.id)
    assert key not in world.audio.sound


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "it is empty"),
        (b"ID3\x03 an mp3", "it is no sound that we know"),
        (b"RIFF\x24\x00\x00\x00WAVE<html>", "it is cut off"),
        (sounds.FTYP + sounds.moov(3_000, b"vide", b"soun"), "it is a video"),
    ],
)
def test_a_file_that_cannot_be_taken_ends_the_job_with_how_to_make_one(world: World, file: bytes, why: str) -> None:
    job = _work(world, _ask(world, file))
    assert job.state is JobState.FAILED
    assert job.trouble.startswith(f"The file can't be taken: {why}. ")
    assert imports.HOW_TO_MAKE_ONE in job.trouble
    assert world.table.state.calls == {}


def test_a_file_without_sound_ends_the_job(world: World) -> None:
    job = _work(world, _ask(world, Sound(b"").as_wav()))
    assert (job.state, job.trouble) == (JobState.FAILED, importing.NO_SOUND)


def test_a_file_that_is_small_and_says_that_it_is_too_long_ends_the_job(world: World) -> None:
    longest, longer = (
        _work(world, _ask(world, sounds.FTYP + sounds.moov(length_ms)))
        for length_ms in (imports.MAX_LENGTH_MS, imports.MAX_LENGTH_MS + 60_000)
    )
    assert longest.state is JobState.QUEUED
    assert (longer.state, longer.trouble) == (JobState.FAILED, importing.TOO_LONG)
    assert len(world.table.state.calls) == 1


def test_sound_that_cannot_be_put_in_writing_is_in_the_archive_all_the_same(world: World) -> None:
    job = _ask(world)
    _work(world, job)
    _write(world, job, state=RepairState.FAILED, trouble="deepgram 402")
    failed = _work(world, job)
    assert failed.state is JobState.FAILED
    assert "deepgram 402" in failed.trouble
    assert world.table.calls.facts(imports.call_sid(job.id)).call is not None


def test_it_is_not_waited_for_without_end(world: World) -> None:
    job = world.run(_ask(world).id, turns=importing.MAX_LOOKS + 5)
    assert (job.state, job.trouble) == (JobState.FAILED, importing.UNWRITTEN)


def test_a_call_that_is_erased_while_it_is_imported_does_not_come_back(world: World) -> None:
    job = _ask(world)
    _work(world, job)
    sid = imports.call_sid(job.id)
    world.eraser().erase(sid, examples.MAILBOX.id)
    over = _work(world, job)
    assert (over.state, over.trouble) == (JobState.FAILED, importing.ERASED)
    assert world.table.erasure.remains(sid) == 0
