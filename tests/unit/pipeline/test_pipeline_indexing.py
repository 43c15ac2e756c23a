"""Calls are found by what was said in them, and nobody who is to be told waits for that."""

from dataclasses import replace
from datetime import datetime

import pytest

from telephony.calls import CallStage
from telephony.coverage import Interval
from telephony.errors import ConflictError, UpstreamError
from telephony.index_entries import IndexEntry
from telephony.ports.search import INDEXING_LEASE
from telephony.postings import Document
from telephony.repairs import OffsetSource, RepairState, next_attempt
from telephony.transcripts import Rung
from telephony.voicemail import IndexTranscript, next_steps
from tests import examples
from tests.fakes.search import MemorySearch
from tests.unit.pipeline.world import ALL_WELL, World


class _FailingSearch(MemorySearch):
    """Fails until its failures are used up."""

    failures: list[Exception]

    def index(self, document: Document, at: datetime) -> None:
        if self.failures:
            raise self.failures.pop(0)
        super().index(document, at)


def _failing(world: World, *failures: Exception) -> None:
    world.table.search = _FailingSearch(world.table.state)
    world.table.search.failures = list(failures)


def _indexed(world: World) -> IndexEntry:
    return world.table.state.documents[examples.CALL_SID].entry


def _words(world: World) -> list[str]:
    return [word for spoken in _indexed(world).spoken for word in spoken.words]


def test_a_call_is_found_by_its_words_once_its_transcript_has_ended(world: World) -> None:
    world.has_call(is_over=False)
    world.has_transcript(examples.utterance("My roof leaks."))

    assert world.wake() == ALL_WELL

    assert _words(world) == ["My", "roof", "leaks."]
    assert _indexed(world).caller == examples.CALLER


def test_a_call_without_a_word_is_found_by_its_caller_when_it_is_over(world: World) -> None:
    world.has_call()
    world.wake()

    assert (_indexed(world).caller, _indexed(world).spoken) == (examples.CALLER, ())


def test_a_call_that_a_person_answered_is_found_by_its_caller(world: World) -> None:
    world.has_call(stage=CallStage.ANSWERED)
    world.wake()

    assert _indexed(world).caller == examples.CALLER


def test_a_call_that_goes_on_is_not_indexed(world: World) -> None:
    world.has_call(is_over=False)
    world.wake()

    assert world.table.state.documents == {}


def test_a_repaired_transcript_is_indexed_again(world: World) -> None:
    world.has_call()
    covered = examples.coverage(holes=(Interval(4_000, 6_000),))
    world.has_transcript(examples.utterance("My roof"), stream=examples.ended_stream(covered))
    world.wake()
    attempt = next_attempt(examples.CALL_SID, examples.RECORDING_SID, None, world.clock.now())
    done = replace(
        attempt,
        state=RepairState.DONE,
        retry_at=None,
        stream_sid=examples.STREAM_SID,
        offset_ms=0,
        offset_found_by=OffsetSource.WORDS,
        recording_ms=12_000,
        windows=(Interval(4_000, 6_000),),
    )
    said = replace(examples.utterance("leaks.", 4_200), rung=Rung.BACKFILLED, repaired_by=done.mark)
    world.table.repairs.begin(attempt)
    world.table.repairs.finish(done, [said])

    world.wake()

    assert _words(world) == ["My", "roof", "leaks."]


def test_a_call_is_closed_only_after_it_was_indexed(world: World) -> None:
    _failing(world, *[UpstreamError("dynamodb", "500", retryable=True)] * 2)
    world.has_call()
    world.has_transcript(examples.utterance("My roof leaks."))
    world.has_recording()

    outcomes = [world.wake() for _ in range(3)]

    assert [outcome == ALL_WELL for outcome in outcomes] == [False, False, True]
    assert not world.is_closed()
    world.run()
    assert world.is_closed()


def test_people_are_told_before_a_call_is_indexed_though_that_fails(world: World) -> None:
    _failing(world, UpstreamError("dynamodb", "500", retryable=True))
    world.has_call()
    world.has_transcript(examples.utterance("My roof leaks."))

    assert world.wake() != ALL_WELL

    assert len(world.texter.sent) == 1
    assert world.table.state.documents == {}


def test_whoever_finds_somebody_else_at_it_looks_again_when_they_must_be_done(world: World) -> None:
    _failing(world, ConflictError("somebody else is indexing the call"))
    world.has_call(stage=CallStage.ANSWERED)

    assert world.wake() == ALL_WELL

    assert world.follow_ups.scheduled == [(examples.CALL_SID, INDEXING_LEASE)]
    world.run()
    assert _indexed(world).call_sid == examples.CALL_SID


def test_what_is_indexed_as_it_stands_is_not_indexed_again(world: World) -> None:
    world.has_call(stage=CallStage.ANSWERED)
    world.wake()
    _failing(world, AssertionError("indexed twice"))

    assert world.wake() == ALL_WELL


def test_indexing_comes_last(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("My roof leaks."))
    world.has_recording()

    steps = next_steps(world.table.calls.facts(examples.CALL_SID), world.clock.now())

    assert [type(step) for step in steps].index(IndexTranscript) == len(steps) - 1 > 0


def test_a_log_says_that_a_call_was_indexed_and_none_of_its_words(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("My roof leaks."))
    world.wake()

    logged = capsys.readouterr().out
    assert "call-indexed" in logged
    assert "roof" not in logged
