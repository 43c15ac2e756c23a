"""JobStore and JobQueue in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex

from telephony.errors import ConflictError, NotFoundError, WireError
from telephony.jobs import Job, JobId, JobState
from telephony.numbers import MailboxId
from telephony.ports.jobs import JobPage
from tests.fakes.state import State


class MemoryJobs:
    """Keeps jobs; keeps the promises of `telephony.ports.JobStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def submit(self, job: Job) -> None:
        """Store a new job. Raises: ConflictError if there is one with its id."""
        with self._state.reached():
            if job.id in self._state.jobs:
                raise ConflictError("there is a job with this id")
            self._state.jobs[job.id] = job

    def get(self, job_id: JobId) -> Job:
        """Return a job. Raises: NotFoundError."""
        with self._state.reached():
            if job_id not in self._state.jobs:
                raise NotFoundError("job")
            return self._state.jobs[job_id]

    def start(self, job_id: JobId, now: datetime) -> Job:
        """Have a WAITING job QUEUED, and return it. Raises: NotFoundError."""
        with self._state.reached():
            job = self.get(job_id)
            if job.state is JobState.WAITING:
                job = self._state.jobs[job_id] = job.postponed(now)
            return job

    def take(self, job_id: JobId, now: datetime) -> Job:
        """Take a job for LEASE, and return it. Raises: NotFoundError, ConflictError."""
        with self._state.reached():
            job = self.get(job_id)
            if not job.may_be_taken(now):
                raise ConflictError("the job is another's, or over")
            taken = self._state.jobs[job_id] = job.taken(now, token_hex(8))
            return taken

    def save(self, job: Job) -> None:
        """Store how far a job is. Raises: ConflictError if somebody else has taken it since."""
        with self._state.reached():
            if self.get(job.id).holder != job.holder:
                raise ConflictError("the job is another's")
            self._state.jobs[job.id] = job

    def newest(self, mailbox_id: MailboxId, limit: int, cursor: str | None) -> JobPage:
        """Return a page of a mailbox's jobs, newest first. Raises: WireError."""
        with self._state.reached():
            mine = [job for job in self._state.jobs.values() if job.mailbox_id == mailbox_id]
            whose, _, last = (f"{mailbox_id}|~" if cursor is None else cursor).partition("|")
            if whose != mailbox_id or not last:
                raise WireError("cursor is not one of yours")
            places = {f"{job.requested_at.isoformat()}#{job.id}": job for job in mine}
            older = sorted((place for place in places if place < last), reverse=True)
            shown = tuple(places[place] for place in older[:limit])
            return JobPage(shown, f"{mailbox_id}|{older[limit - 1]}" if len(older) >= limit else None)

    def stale(self, before: datetime, limit: int) -> tuple[JobId, ...]:
        """Return up to *limit* jobs that must go on and last changed before then, longest ago first."""
        with self._state.reached():
            going = [job for job in self._state.jobs.values() if job.state in {JobState.QUEUED, JobState.RUNNING}]
            late = sorted((job.changed_at, job.id) for job in going if job.changed_at < before)
            return tuple(job_id for _, job_id in late[:limit])


@dataclass
class MemoryJobQueue:
    """Remembers which jobs are to go on, and when."""

    woken: list[tuple[JobId, timedelta]] = field(default_factory=list)

    def wake(self, job_id: JobId, delay: timedelta) -> None:
        """Remember the job and the delay."""
        self.woken.append((job_id, delay))
