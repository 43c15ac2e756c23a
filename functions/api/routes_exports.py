"""Exports: a mailbox's calls as files to take away."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response

from functions.api import idempotency
from functions.api.access import ManagedMailbox, Manager, Ports
from functions.api.idempotency import Once
from functions.api.models_exports import FileOut, FilesOut
from functions.api.models_jobs import JobOut, SpanIn
from functions.api.problems import COMMON_PROBLEMS, documented
from functions.api.routes_jobs import ManagedJob
from functions.api.submitting import submit
from telephony import exports
from telephony.errors import NotFoundError
from telephony.jobs import JobKind

FILE_LIFETIME: Final = timedelta(minutes=15)
"""How long an address of a file can be used, by whoever has it."""

_mailboxes = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["exports"])
_jobs = APIRouter(prefix="/api/jobs/{job_id}", tags=["exports"])
router = APIRouter()


@_mailboxes.post(
    "/exports",
    summary="Export a mailbox's calls",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobOut,
    responses=documented(HTTPStatus.BAD_REQUEST, *idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def export_calls(ports: Ports, manager: Manager, mailbox: ManagedMailbox, wanted: SpanIn, once: Once) -> Response:
    """Write the calls of a span of time as JSON lines, with their transcripts, and where their sound is.

    The files lie in the recordings bucket for seven days; `GET /api/jobs/{job_id}/files` gives their addresses.
    """

    def ask() -> JobOut:
        request = wanted.span().as_request()
        return JobOut.of(submit(ports, kind=JobKind.EXPORT, mailbox_id=mailbox.id, subject=manager, request=request))

    return once.answer(manager, HTTPStatus.ACCEPTED, ask)


@_jobs.get("/files", summary="Get the addresses of an export's files", responses=documented(*COMMON_PROBLEMS))
def list_files(ports: Ports, job: ManagedJob) -> FilesOut:
    """Give the addresses of the files that an export has written so far, for a quarter of an hour.

    A job that is no export has none, so they are not found.
    """
    now = ports.clock.now()
    kept_until = job.changed_at + exports.KEPT
    if job.kind is not JobKind.EXPORT or (job.state.is_over and now >= kept_until):
        raise NotFoundError("export")
    prefix = exports.prefix(job)
    files = [
        FileOut(name=name, url=ports.audio.url(prefix + name, FILE_LIFETIME, name, content_type=exports.JSON_LINES))
        for name in exports.files(job)
    ]
    return FilesOut(files=files, expires_at=now + FILE_LIFETIME, kept_until=kept_until)


router.include_router(_mailboxes)
router.include_router(_jobs)
