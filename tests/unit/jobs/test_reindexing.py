"""Calls that can't be found come to be found, each once, by the rules of today; and none that was erased."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from telephony.calls import CallSid, CallStatus
from telephony.errors import ConflictError, TelephonyError, UpstreamError
from telephony.jobs import MAX_ATTEMPTS, JobId, JobKind, JobState, Span
from telephony.mailboxes import Listening
from telephony.postings import Document
from tests import examples
from tests.fakes.search import MemorySearch
from tests.unit.jobs.world import World

HOUR = timedelta(hours=1)
BUSY = UpstreamError("dynamodb", "500", retryable=True)


class _Search(MemorySearch):
    """Counts what is written; fails for some calls as often as is said, and lets one be erased meanwhile."""

    def __init__(self, world: World) -> None:
        super().__init__(world.table.state)
        self.world = world
        self.written: list[CallSid] = []
        self.failures: dict[CallSid, list[TelephonyError]] = {}
        self.erased_meanwhile: set[CallSid] = set()

    def index(self, document: Document, at: datetime) -> None:
        sid = document.entry.call_sid
        if self.failures.get(sid):
            raise self.failures[sid].pop(0)
        if sid in self.erased_meanwhile:
            self.world.eraser().erase(sid, examples.MAILBOX.id)
        super().index(document, at)
        self.written.append(sid)


@pytest.fixture
def world() -> World:
    world = World()
    world.has_mailbox()
    return world


@pytest.fixture
def search(world: World) -> _Search:
    """Ten calls, one an hour, of which none is found."""
    for number in range(10):
        world.has_call(number, started_at=examples.NOON + number * HOUR)
    world.table.state.documents.clear()
    search = world.table.search = _Search(world)
    return search


def _sid(number: int) -> CallSid:
    return CallSid(f"CA{number:032x}")


def _ask(world: World, since: int = 0, until: int = 24) -> JobId:
    span = Span(examples.NOON + since * HOUR, examples.NOON + until * HOUR)
    return world.ask(JobKind.REINDEX, **span.as_request())


def test_calls_of_before_are_found_by_their_words_and_counted(world: World, search: _Search) -> None:
    job = world.run(_ask(world))

    assert (job.state, job.done, job.total, job.counts) == (JobState.DONE, 10, 10, {"indexed": 10})
    assert search.written == [_sid(number) for number in range(10)]
    entry = world.table.state.documents[_sid(3)].entry
    assert (entry.caller, entry.spoken[0].words) == (examples.CALLER, ("words", "of", "call", "3"))


def test_it_is_seen_how_far_it_is_and_goes_on_from_there(world: World, search: _Search) -> None:
    job_id = _ask(world)
    worker = world.worker()
    search.failures[_sid(4)] = [BUSY]
    worker.work(job_id)
    job = world.table.jobs.get(job_id)
    assert (job.state, job.done, job.total, job.counts) == (JobState.QUEUED, 4, None, {"indexed": 4})
    assert job.trouble == "The table answered 500."

    done = world.run(job_id)

    assert (done.state, done.done, done.counts) == (JobState.DONE, 10, {"indexed": 10})
    assert search.written == [_sid(number) for number in range(10)]


def test_only_calls_of_the_span_are_indexed(world: World, search: _Search) -> None:
    job = world.run(_ask(world, since=2, until=5))

    assert (job.done, search.written) == (3, [_sid(2), _sid(3), _sid(4)])


def test_what_is_indexed_as_it_stands_is_only_looked_at(world: World, search: _Search) -> None:
    world.run(_ask(world))
    del world.table.state.documents[_sid(7)]
    search.written.clear()

    job = world.run(_ask(world))

    assert (job.done, job.counts, search.written) == (10, {"indexed": 1}, [_sid(7)])


def test_a_mailbox_whose_language_has_changed_is_indexed_by_the_new_one(world: World, search: _Search) -> None:
    world.run(_ask(world))
    world.table.directory.put(replace(examples.MAILBOX, listening=Listening(language="de")), ())

    job = world.run(_ask(world))

    assert job.counts == {"indexed": 10}
    assert {each.entry.language for each in search.world.table.state.documents.values()} == {"de"}


def test_a_call_that_goes_on_is_left_to_whoever_follows_it(world: World) -> None:
    world.table.calls.begin(replace(examples.CALL, status=CallStatus.IN_PROGRESS), None)

    job = world.run(_ask(world))

    assert (job.state, job.done, world.table.state.documents) == (JobState.DONE, 1, {})


def test_an_erased_call_is_not_found_again(world: World, search: _Search) -> None:
    world.eraser().erase(_sid(2), examples.MAILBOX.id)

    world.run(_ask(world))

    assert _sid(2) not in search.written
    assert world.traces(_sid(2)) == []


def test_a_call_that_is_erased_while_it_is_indexed_is_not_found_either(world: World, search: _Search) -> None:
    search.erased_meanwhile.add(_sid(2))

    job = world.run(_ask(world))

    assert _sid(2) in search.written
    assert world.traces(_sid(2)) == []
    assert job.counts == {"indexed": 9}


def test_a_call_that_somebody_else_is_indexing_is_looked_at_again(world: World, search: _Search) -> None:
    search.failures[_sid(2)] = [ConflictError("somebody else is indexing the call")] * 2

    job = world.run(_ask(world))

    assert (job.state, job.counts) == (JobState.DONE, {"indexed": 10})


def test_a_call_that_cannot_be_indexed_is_named_and_keeps_no_other_from_it(world: World, search: _Search) -> None:
    search.failures[_sid(2)] = [BUSY] * MAX_ATTEMPTS

    job = world.run(_ask(world))

    assert (job.state, job.done, job.counts) == (JobState.FAILED, 10, {"indexed": 9})
    assert job.left == (f"{_sid(2)}: The table answered 500.",)
    assert "could not be indexed" in job.trouble
    assert world.run(_ask(world)).counts == {"indexed": 1}
