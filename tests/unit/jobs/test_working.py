"""A job is done by one at a time, step by step, to its end, whatever is repeated, dies or fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from functions.jobs.messages import on_messages
from functions.jobs.working import ImpossibleError
from telephony.errors import ConflictError, NotFoundError, UpstreamError, WireError
from telephony.jobs import LEASE, MAX_ATTEMPTS, Job, JobId, JobKind, JobState
from telephony.metrics import Metric
from tests.unit.jobs.world import LIMIT, World


@dataclass
class Counting:
    """Counts to *steps*, then is done; what is in `failures` is raised first, one at each step."""

    world: World
    steps: int = 3
    takes: timedelta = timedelta()
    failures: list[Exception] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    meanwhile: Callable[[Job], None] = lambda _: None

    def step(self, job: Job) -> Job:
        self.seen.append(job.done)
        now = self.world.clock.advance(self.takes)
        self.meanwhile(job)
        if self.failures:
            raise self.failures.pop(0)
        further = job.advanced(now, checkpoint={"at": str(job.done + 1)}, done=1, counts={"steps": 1})
        return further if further.done < self.steps else further.finished(now)


@pytest.fixture
def world() -> World:
    return World()


def _work(world: World, work: Counting, job_id: JobId) -> Job:
    world.worker({JobKind.EXPORT: work}).work(job_id)
    return world.table.jobs.get(job_id)


def test_a_job_is_done_step_by_step_and_counted(world: World) -> None:
    work = Counting(world)
    job = _work(world, work, world.ask(JobKind.EXPORT))
    assert (job.state, job.done, job.counts, job.checkpoint) == (JobState.DONE, 3, {"steps": 3}, {"at": "3"})
    assert work.seen == [0, 1, 2]
    assert world.queue.woken == []
    assert world.meter.total(Metric.JOB_DONE) == 1


def test_a_job_that_takes_long_is_put_back_and_goes_on_from_where_it_was(world: World) -> None:
    work = Counting(world, steps=5, takes=LIMIT / 2)
    job_id = world.ask(JobKind.EXPORT)
    job = _work(world, work, job_id)
    assert (job.state, job.done, world.queue.woken) == (JobState.QUEUED, 2, [(job_id, timedelta())])
    while not job.state.is_over:
        job = _work(world, work, job_id)
    assert work.seen == [0, 1, 2, 3, 4]
    assert job.counts == {"steps": 5}


def test_a_message_that_comes_again_changes_nothing(world: World) -> None:
    work = Counting(world)
    job_id = world.ask(JobKind.EXPORT)
    done = _work(world, work, job_id)
    assert _work(world, work, job_id) == done
    assert work.seen == [0, 1, 2]
    world.worker({}).work(JobId("f" * 32))  # nobody's


def test_a_message_that_comes_while_somebody_is_at_the_job_changes_nothing(world: World) -> None:
    rival = Counting(world)
    job_id = world.ask(JobKind.EXPORT)
    work = Counting(world, meanwhile=lambda _: world.worker({JobKind.EXPORT: rival}).work(job_id))
    assert _work(world, work, job_id).counts == {"steps": 3}
    assert rival.seen == []


def test_whoever_was_so_slow_that_another_took_over_writes_nothing_more(world: World) -> None:
    job_id = world.ask(JobKind.EXPORT)
    rival = Counting(world)

    def overtake(job: Job) -> None:
        if job.done == 0:
            world.clock.advance(LEASE)
            world.worker({JobKind.EXPORT: rival}).work(job_id)

    job = _work(world, Counting(world, meanwhile=overtake), job_id)
    assert (job.state, job.counts, rival.seen) == (JobState.DONE, {"steps": 3}, [0, 1, 2])


def test_a_step_that_fails_is_tried_again_later(world: World) -> None:
    work = Counting(world, failures=[UpstreamError("twilio", "503", retryable=True)])
    job_id = world.ask(JobKind.EXPORT)
    job = _work(world, work, job_id)
    assert (job.state, job.trouble) == (JobState.QUEUED, "Twilio answered 503.")
    assert world.queue.woken == [(job_id, timedelta(seconds=10))]
    done = _work(world, work, job_id)
    assert (done.state, done.trouble) == (JobState.DONE, "")


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (UpstreamError("s3", "SlowDown", retryable=True), "The recordings bucket answered SlowDown."),
        (UpstreamError("sms", "X", retryable=False, is_uncertain=True), "Sms did not answer."),
        (WireError("the recording is not a WAV"), "The recording is not a WAV."),
        (NotFoundError("mailbox"), "No such mailbox."),
        (ConflictError("lost"), "Something went wrong on our side; the log has it."),
        (ZeroDivisionError("a bug"), "Something went wrong on our side; the log has it."),
    ],
)
def test_a_step_that_always_fails_ends_the_job_with_a_reason(world: World, failure: Exception, reason: str) -> None:
    work = Counting(world, failures=[failure] * 100)
    job_id = world.ask(JobKind.EXPORT)
    for _ in range(MAX_ATTEMPTS):
        _work(world, work, job_id)
    job = world.table.jobs.get(job_id)
    assert (job.state, job.trouble, len(work.seen)) == (JobState.FAILED, reason, MAX_ATTEMPTS)
    assert world.meter.total(Metric.JOB_FAILED) == 1


def test_what_cannot_be_done_is_not_tried_again(world: World) -> None:
    work = Counting(world, failures=[ImpossibleError("There is no such thing.")])
    job = _work(world, work, world.ask(JobKind.EXPORT))
    assert (job.state, job.trouble) == (JobState.FAILED, "There is no such thing.")


def test_a_kind_that_nobody_knows_fails_and_is_not_tried_for_ever(world: World) -> None:
    job_id = world.ask(JobKind.REINDEX)
    world.worker({}).work(job_id)
    assert world.table.jobs.get(job_id).state is JobState.FAILED


def test_a_step_over_which_everybody_dies_ends_the_job(world: World) -> None:
    job_id = world.ask(JobKind.EXPORT)
    for _ in range(MAX_ATTEMPTS):
        world.table.jobs.take(job_id, world.clock.now())
        world.clock.advance(LEASE)
    work = Counting(world)
    job = _work(world, work, job_id)
    assert (job.state, work.seen) == (JobState.FAILED, [])
    assert "died" in job.trouble


def test_messages_that_cannot_be_read_are_passed_over_and_failures_named() -> None:
    worked: list[JobId] = []

    def work(job_id: JobId) -> None:
        worked.append(job_id)
        if job_id.startswith("1"):
            raise UpstreamError("dynamodb", "Throttled", retryable=True)
        if job_id.startswith("2"):
            raise ZeroDivisionError

    bodies = ['{"job_id": "%s"}' % (str(digit) * 32) for digit in range(3)]
    records: list[object] = [{"messageId": f"m-{at}", "body": body} for at, body in enumerate([*bodies, "nonsense"])]
    answer = on_messages({"Records": [*records, {"messageId": 3}, None]}, work)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]}
    assert [job_id[0] for job_id in worked] == ["0", "1", "2"]
    for event in (None, {}, {"Records": 3}):
        assert on_messages(event, work) == {"batchItemFailures": []}


def test_the_clock_never_ends_a_job_that_is_over(world: World) -> None:
    work = Counting(world, steps=1, takes=2 * LIMIT)
    assert _work(world, work, world.ask(JobKind.EXPORT)).state is JobState.DONE
