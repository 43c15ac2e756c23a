"""Works on jobs: takes one, does steps for as long as it may, writes down how far it came, and puts it back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol

from functions.jobs.ports import JobsPorts
from functions.jobs.reasons import OURS, reason
from telephony.errors import ConflictError, NotFoundError, TelephonyError
from telephony.jobs import MAX_ATTEMPTS, Job, JobId, JobKind, JobState
from telephony.log import logger
from telephony.metrics import Metric

DIED: Final = "Whoever worked on it died, again and again; the log may say why."
NOBODY: Final = "Nobody here knows how to do this."


class ImpossibleError(TelephonyError):
    """What a job is to do can't be done, ever; the text tells the owner why, in a sentence."""


class Work(Protocol):
    """How one kind of job is done."""

    def step(self, job: Job) -> Job:
        """Do the next step of a job that was taken, and return the job after it.

        A step that is done twice must come to the same. It takes less than a minute unless a service is slow.
        Raises: ImpossibleError, and TelephonyError for what another attempt can mend.
        """
        ...


class Worker:
    """Does jobs. A message that comes twice, or while somebody else is at its job, changes nothing."""

    def __init__(self, ports: JobsPorts, works: Mapping[JobKind, Work], limit: timedelta) -> None:
        self._ports = ports
        self._works = works
        self._limit = limit

    def work(self, job_id: JobId) -> None:
        """Go on with a job until it is over, or *limit* is. Raises: UpstreamError if AWS failed."""
        end_at = self._ports.clock.now() + self._limit
        try:
            job = self._ports.jobs.take(job_id, self._ports.clock.now())
        except (ConflictError, NotFoundError):
            return
        try:
            while job.state is JobState.RUNNING:
                job = self._after_step(job)
                if job.state is JobState.RUNNING and self._ports.clock.now() >= end_at:
                    job = job.postponed(self._ports.clock.now())
                self._ports.jobs.save(job)
        except ConflictError:  # it took so long that somebody else has taken it
            logger().warning("job-lost", job_id=job_id)
            return
        self._tell(job)
        if job.state is JobState.QUEUED and job.due_at is not None:
            self._ports.queue.wake(job.id, job.due_at - self._ports.clock.now())

    def _after_step(self, job: Job) -> Job:
        if job.attempts > MAX_ATTEMPTS:
            return job.failed(self._ports.clock.now(), DIED)
        work = self._works.get(job.kind)
        if work is None:
            return job.failed(self._ports.clock.now(), NOBODY)
        try:
            return work.step(job)
        except ImpossibleError as exc:
            return job.failed(self._ports.clock.now(), str(exc))
        except TelephonyError as exc:
            logger().warning("step-failed", job_id=job.id, kind=job.kind, error=str(exc))
            return job.stumbled(self._ports.clock.now(), reason(exc))
        except Exception:  # noqa: BLE001 - the outermost edge of a step: a bug ends this job, and no other
            logger().error("step-crashed", job_id=job.id, kind=job.kind, exc_info=True)
            return job.stumbled(self._ports.clock.now(), OURS)

    def _tell(self, job: Job) -> None:
        logger().info(
            "job-over" if job.state.is_over else "job-put-back",
            job_id=job.id,
            kind=job.kind,
            state=job.state,
            done=job.done,
            counts=dict(job.counts),
        )
        if job.state is JobState.FAILED:
            self._ports.meter.add(Metric.JOB_FAILED)
        elif job.state is JobState.DONE:
            self._ports.meter.add(Metric.JOB_DONE)
