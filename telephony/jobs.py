"""Job: work for a mailbox that takes longer than an answer may, done step by step and visible while it goes on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

from telephony.errors import WireError
from telephony.numbers import MailboxId

JobId = NewType("JobId", str)

LEASE: Final = timedelta(minutes=10)
"""How long whoever took a job has it to himself: as long as a function may run. After it, he must have died."""

LIFETIME: Final = timedelta(days=30)
"""How long a job can be looked at."""

MAX_ATTEMPTS: Final = 5
"""How often in a row a step may fail, or die, before its job is given up."""

MESSAGE_ATTEMPTS: Final = MAX_ATTEMPTS + 1
"""How often its message is handed out: once more, so that the job says what is wrong before the message is given up."""

MAX_LEFT: Final = 20
"""How many things that could not be done are named; more are counted."""

BACKOFF: Final = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Before the second attempt at a step and each later one."""

_JOB_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NO_COUNTS: Final[Mapping[str, int]] = MappingProxyType({})


class JobKind(StrEnum):
    """What is to be done."""

    ERASE_CALL = "erase-call"
    ERASE_CALLER = "erase-caller"
    EXPIRE = "expire"
    """Erase what the mailbox may not keep any longer."""
    EXPORT = "export"
    IMPORT = "import"
    REINDEX = "reindex"
    """Have calls found that were stored before they could be, or by other rules than today's."""


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    """Whoever asked for it has something to do first, such as to upload a file."""
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done."""
        return self in {JobState.DONE, JobState.FAILED}


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes:
        requested_by: the subject who asked for it, or "retention".
        request: what is to be done, in the words of its kind; what of it names a caller is forgotten with the end.
        attempts: how often its next step was begun and not ended.
        holder: the mark of whoever took it last.
        leased_until: while RUNNING, until when it is somebody's.
        due_at: while QUEUED, when it goes on.
        checkpoint: how far it came, in the words of its kind.
        done: how many calls are done.
        total: of how many; None when that is not known.
        counts: what was done, by its name.
        left: what could not be done, in words for the owner: at most MAX_LEFT.
        trouble: why it failed, or what it waits for, in a sentence for the owner; empty when all goes well.
    """

    id: JobId
    kind: JobKind
    mailbox_id: MailboxId
    requested_by: str
    requested_at: datetime
    changed_at: datetime
    request: Mapping[str, str] = field(default_factory=dict)
    state: JobState = JobState.QUEUED
    attempts: int = 0
    holder: str = ""
    leased_until: datetime | None = None
    due_at: datetime | None = None
    checkpoint: Mapping[str, str] = field(default_factory=dict)
    done: int = 0
    total: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def expires_at(self) -> datetime:
        """When it can no longer be looked at."""
        return self.requested_at + LIFETIME

    def may_be_taken(self, now: datetime) -> bool:
        """Whether somebody may set out on its next step."""
        if self.state is JobState.QUEUED:
            return True
        return self.state is JobState.RUNNING and (self.leased_until is None or now >= self.leased_until)

    def taken(self, now: datetime, holder: str) -> "Job":
        """Return it in the hands of *holder*, who sets out on its next step now."""
        return replace(
            self,
            state=JobState.RUNNING,
            attempts=self.attempts + 1,
            holder=holder,
            leased_until=now + LEASE,
            due_at=None,
            changed_at=now,
        )

    def advanced(
        self,
        now: datetime,
        *,
        checkpoint: Mapping[str, str],
        done: int = 0,
        counts: Mapping[str, int] = _NO_COUNTS,
        left: tuple[str, ...] = (),
    ) -> "Job":
        """Return it after a step that did *done* more calls; the lease goes on."""
        return replace(
            self.having(counts, left),
            checkpoint=dict(checkpoint),
            done=self.done + done,
            attempts=1,
            leased_until=now + LEASE,
            changed_at=now,
            trouble="",
        )

    def having(self, counts: Mapping[str, int], left: tuple[str, ...] = ()) -> "Job":
        """Return it with *counts* added to its own, and *left* named beside what it names."""
        names = dict.fromkeys((*self.left, *left))
        added = {name: self.counts.get(name, 0) + count for name, count in counts.items() if count}
        return replace(self, counts={**self.counts, **added}, left=tuple(names)[:MAX_LEFT])

    def postponed(self, now: datetime, delay: timedelta = timedelta(), trouble: str = "") -> "Job":
        """Return it put back, to go on after *delay*; what went before was no failure."""
        return replace(
            self,
            state=JobState.QUEUED,
            attempts=0,
            leased_until=None,
            due_at=now + delay,
            changed_at=now,
            trouble=trouble,
        )

    def stumbled(self, now: datetime, trouble: str) -> "Job":
        """Return it after its step failed: to be tried again, or given up when that was the last attempt."""
        if self.attempts >= MAX_ATTEMPTS:
            return self.failed(now, trouble)
        delay = BACKOFF[min(self.attempts, len(BACKOFF)) - 1]
        return replace(self.postponed(now, delay, trouble), attempts=self.attempts)

    def finished(self, now: datetime) -> "Job":
        """Return it done."""
        return self._over(JobState.DONE, now, "")

    def failed(self, now: datetime, trouble: str) -> "Job":
        """Return it given up."""
        return self._over(JobState.FAILED, now, trouble)

    def _over(self, state: JobState, now: datetime, trouble: str) -> "Job":
        request = {name: value for name, value in self.request.items() if name not in PERSONAL}
        return replace(
            self,
            state=state,
            request=request,
            leased_until=None,
            due_at=None,
            changed_at=now,
            trouble=trouble,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Which calls of a mailbox are meant: those that began from *since* on and before *until*."""

    since: datetime
    until: datetime

    def as_request(self) -> dict[str, str]:
        """Write it as a job's request."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


def span_of(job: Job) -> Span:
    """Return which calls a job is about. Raises: WireError, if it is not of a kind that says so."""
    try:
        return Span(datetime.fromisoformat(job.request["since"]), datetime.fromisoformat(job.request["until"]))
    except (KeyError, ValueError) as exc:
        raise WireError("the job has no time since and time until") from exc


PERSONAL: Final = frozenset({"caller"})
"""What of a request names a person: forgotten when the job is over."""


def parse_job_id(text: str) -> JobId:
    """Return *text* as a JobId. Raises: WireError if it is not one."""
    if _JOB_ID.fullmatch(text) is None:
        raise WireError("a job's id is 32 hexadecimal digits")
    return JobId(text)
