"""An export has every call of its span once, with its words, and says where the sound is."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.jobs.exporting import Export
from telephony import exports
from telephony.consent import ConsentProof, ConsentStep
from telephony.jobs import Job, JobId, JobKind, JobState
from telephony.marks import Marks
from tests import examples
from tests.unit.jobs.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    world = World()
    world.has_mailbox()
    return world


def _ask(world: World, hours: int = 24) -> JobId:
    until = examples.NOON + hours * HOUR
    return world.ask(JobKind.EXPORT, since=examples.NOON.isoformat(), until=until.isoformat())


def _lines(world: World, job: Job, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in world.audio.sound[exports.prefix(job) + name].decode().splitlines()]


def test_a_call_is_written_with_its_words_and_where_its_sound_is(world: World) -> None:
    sid = world.has_call()
    job = world.run(_ask(world))
    assert (job.state, job.done, job.total, job.counts) == (JobState.DONE, 1, 1, {"calls": 1, "recordings": 1})
    (call,) = _lines(world, job, "calls-0001.jsonl")
    assert (call["format"], call["call_sid"], call["caller"]) == (1, sid, examples.CALLER)
    assert (call["status"], call["duration_s"]) == ("completed", 30)
    assert call["transcript"]["text"] == "words of call 1"
    assert call["transcript"]["utterances"][0]["words"][0] == ["words", 0, 350, 0.98]
    (audio,) = _lines(world, job, "audio-0001.jsonl")
    assert (audio["call_sid"], audio["bytes"]) == (sid, len(b"RIFF sound"))
    assert audio["sha256"] == hashlib.sha256(b"RIFF sound").hexdigest()
    assert audio["key"] in world.audio.sound


def test_what_was_noted_and_agreed_to_goes_along(world: World) -> None:
    sid = world.has_call()
    marks = Marks(read_at=examples.NOON, note="Call back", tags=("vip",), revision=1)
    world.table.calls.mark(sid, marks)
    proof = ConsentProof(sid, ConsentStep.AGREED, examples.NOON, "We record this.", "/twilio/consented", "1")
    world.table.consents.record(proof)
    (call,) = _lines(world, world.run(_ask(world)), "calls-0001.jsonl")
    assert call["marks"] == {
        "read_at": "2026-03-02T12:00:00+00:00",
        "archived_at": None,
        "note": "Call back",
        "tags": ["vip"],
    }
    (consent,) = call["consents"]
    assert consent == {
        "step": "agreed",
        "at": "2026-03-02T12:00:00+00:00",
        "text": "We record this.",
        "version": proof.version,
        "webhook": "/twilio/consented",
        "key": "1",
    }
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")
    assert not [name for name in call if f"`{name}" not in page]


def test_who_withheld_the_number_has_none_and_who_is_on_the_line_still_has_no_end(world: World) -> None:
    world.table.calls.begin(replace(examples.CALL, caller="anonymous"), None)
    (call,) = _lines(world, world.run(_ask(world)), "calls-0001.jsonl")
    assert (call["caller"], call["ended_at"], call["transcript"]["utterances"]) == (None, None, [])


def test_many_calls_are_several_parts_and_none_is_lost_or_written_twice(world: World) -> None:
    world.export = Export(world.ports(), part_calls=4)
    sids = [world.has_call(number, started_at=examples.NOON + number * HOUR) for number in range(10)]
    job = world.run(_ask(world))
    assert exports.files(job)[::2] == ("calls-0001.jsonl", "calls-0002.jsonl", "calls-0003.jsonl")
    written = [call["call_sid"] for name in exports.files(job)[::2] for call in _lines(world, job, name)]
    assert written == sids
    assert (job.done, job.total) == (10, 10)


def test_a_step_that_is_done_twice_writes_the_same(world: World) -> None:
    world.has_call()
    job = world.table.jobs.take(_ask(world), world.clock.now())
    export = Export(world.ports())
    first = export.step(job)
    files = dict(world.audio.sound)
    assert export.step(job) == first
    assert world.audio.sound == files


def test_only_calls_of_the_span_are_written(world: World) -> None:
    for number in range(4):
        world.has_call(number, started_at=examples.NOON + (number - 1) * HOUR)
    job = world.run(_ask(world, hours=2))
    assert [call["call_sid"][-1] for call in _lines(world, job, "calls-0001.jsonl")] == ["1", "2"]


def test_an_empty_span_is_one_empty_part(world: World) -> None:
    job = world.run(_ask(world))
    assert (job.state, job.done, _lines(world, job, "calls-0001.jsonl")) == (JobState.DONE, 0, [])


def test_an_erased_call_is_not_written(world: World) -> None:
    sid = world.has_call()
    world.eraser().erase(sid, examples.MAILBOX.id)
    assert world.run(_ask(world)).done == 0


def test_sound_that_is_not_there_is_named(world: World) -> None:
    sid = world.has_call()
    world.audio.sound.clear()
    job = world.run(_ask(world))
    assert (job.state, job.left) == (JobState.DONE, (f"The sound of {sid} is not in the bucket",))


def test_too_many_calls_are_refused_with_what_to_do(world: World) -> None:
    world.export = Export(world.ports(), part_calls=1, max_parts=2)
    for number in range(3):
        world.has_call(number, started_at=examples.NOON + number * HOUR)
    job = world.run(_ask(world))
    assert job.state is JobState.FAILED
    assert "shorter time" in job.trouble
