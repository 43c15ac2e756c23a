"""Jobs: how far they are."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query

from functions.api.access import Manager, Ports, ReadableMailbox, Reader
from functions.api.auth import Subject, may_read
from functions.api.models_jobs import JobListOut, JobOut
from functions.api.ports import ApiPorts
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.errors import NotFoundError
from telephony.jobs import Job, JobId

MOST_JOBS: Final = 50
USUAL_JOBS: Final = 20

_jobs = APIRouter(prefix="/api/jobs/{job_id}", tags=["jobs"])
_mailboxes = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["jobs"])
router = APIRouter()

JobPath = Annotated[str, Path(description="From the answer to what asked for it.", pattern="^[0-9a-f]{32}$")]


def visible_job(ports: ApiPorts, subject: Subject, job_id: str) -> Job:
    """Return a job of a mailbox that lists *subject*. Raises: NotFoundError."""
    job = ports.jobs.get(JobId(job_id))
    try:
        mailbox = ports.directory.mailbox(job.mailbox_id)
    except NotFoundError:
        raise NotFoundError("job") from None
    if not may_read(subject, mailbox):
        raise NotFoundError("job")
    return job


def readable_job(ports: Ports, reader: Reader, job_id: JobPath) -> Job:
    """Return a job that *reader* may see. Raises: NotFoundError."""
    return visible_job(ports, reader, job_id)


def managed_job(ports: Ports, manager: Manager, job_id: JobPath) -> Job:
    """Return a job that *manager* may have to do with. Raises: NotFoundError."""
    return visible_job(ports, manager, job_id)


ReadableJob = Annotated[Job, Depends(readable_job)]
ManagedJob = Annotated[Job, Depends(managed_job)]


@_jobs.get("", summary="Show a job", responses=documented(*COMMON_PROBLEMS))
def show_job(job: ReadableJob) -> JobOut:
    """Show how far a job is, what it did, and what it could not do."""
    return JobOut.of(job)


@_mailboxes.get(
    "/jobs",
    summary="List a mailbox's jobs, newest first",
    responses=documented(HTTPStatus.BAD_REQUEST, *COMMON_PROBLEMS),
)
def list_jobs(
    ports: Ports,
    mailbox: ReadableMailbox,
    limit: Annotated[int, Query(ge=1, le=MOST_JOBS, description="How many at most.")] = USUAL_JOBS,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> JobListOut:
    """List what was asked for in the last thirty days, by people, programs, or the mailbox's own term."""
    page = ports.jobs.newest(mailbox.id, limit, cursor)
    return JobListOut(jobs=[JobOut.of(job) for job in page.jobs], next_cursor=page.cursor)


router.include_router(_jobs)
router.include_router(_mailboxes)
