"""What the domain asks of where jobs are kept and of what wakes them. Every method may raise UpstreamError."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telephony.jobs import Job, JobId
from telephony.numbers import MailboxId


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, and where the next page begins.

    Attributes:
        cursor: opaque; None on the last page.
    """

    jobs: tuple[Job, ...]
    cursor: str | None


class JobStore(Protocol):
    """Jobs and how far they are."""

    def submit(self, job: Job) -> None:
        """Store a new job. Raises: ConflictError if there is one with its id."""
        ...

    def get(self, job_id: JobId) -> Job:
        """Return a job. Raises: NotFoundError."""
        ...

    def start(self, job_id: JobId, now: datetime) -> Job:
        """Have a WAITING job QUEUED, and return it; one that has begun stays as it is. Raises: NotFoundError."""
        ...

    def take(self, job_id: JobId, now: datetime) -> Job:
        """Take a job for LEASE, at most one taker at a time, and return it with one attempt more.

        Raises: NotFoundError, ConflictError if it is another's, over, or waits for whoever asked for it.
        """
        ...

    def save(self, job: Job) -> None:
        """Store how far a job is that was taken. Raises: ConflictError if somebody else has taken it since."""
        ...

    def newest(self, mailbox_id: MailboxId, limit: int, cursor: str | None) -> JobPage:
        """Return a page of a mailbox's jobs, newest first; it may be short while more follow.

        Raises: WireError on a cursor that is not ours or another mailbox's.
        """
        ...

    def stale(self, before: datetime, limit: int) -> tuple[JobId, ...]:
        """Return up to *limit* jobs that are not over and last changed before then, longest ago first.

        What was written a moment ago may be missing. WAITING jobs are not among them.
        """
        ...


class JobQueue(Protocol):
    """Wakes whoever works on jobs."""

    def wake(self, job_id: JobId, delay: timedelta) -> None:
        """Have the job looked at after *delay*, or somewhat before when it is longer than the queue can wait."""
        ...
