"""Imports: a file of sound that becomes a call of the archive."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Response

from functions.api import idempotency
from functions.api.access import ManagedMailbox, Manager, Ports
from functions.api.auth import Subject
from functions.api.idempotency import Once
from functions.api.models_imports import ImportIn, ImportOut, UploadOut
from functions.api.models_jobs import JobOut
from functions.api.ports import ApiPorts
from functions.api.problems import COMMON_PROBLEMS, documented
from functions.api.routes_jobs import ManagedJob
from functions.api.submitting import submit
from telephony import imports
from telephony.errors import ConflictError, WireError
from telephony.jobs import JobKind, JobState
from telephony.mailboxes import Mailbox

_mailboxes = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["imports"])
_jobs = APIRouter(prefix="/api/jobs/{job_id}", tags=["imports"])
router = APIRouter()


@_mailboxes.post(
    "/imports",
    summary="Import a file of sound",
    status_code=HTTPStatus.CREATED,
    response_model=ImportOut,
    responses=documented(HTTPStatus.BAD_REQUEST, *idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def import_file(ports: Ports, manager: Manager, mailbox: ManagedMailbox, wanted: ImportIn, once: Once) -> Response:
    """Give an address to upload a file to, and the job that makes a call of it once it is there.

    The file is a WAV, MP3, M4A, OGG (Opus or Vorbis) or FLAC of up to 105 minutes, which is told by its bytes and kept
    as it is; for any other, the job says how to make one of it. Of several channels the first is put in writing: the
    caller's. A repeat with its `Idempotency-Key` gets the same address, which lasts no longer for it.
    """
    return once.answer(manager, HTTPStatus.CREATED, lambda: _await_file(ports, manager, mailbox, wanted))


def _await_file(ports: ApiPorts, manager: Subject, mailbox: Mailbox, wanted: ImportIn) -> ImportOut:
    """Ask for an import. Raises: WireError, UpstreamError."""
    now = ports.clock.now()
    kept_since = mailbox.keeping.kept_since(now)
    if wanted.started_at > now:
        raise WireError("started_at is in the future")
    if kept_since is not None and wanted.started_at < kept_since:
        raise WireError(f"the mailbox keeps calls for {mailbox.keeping.retention_days} days, and this one is older")
    job = submit(
        ports,
        kind=JobKind.IMPORT,
        mailbox_id=mailbox.id,
        subject=manager,
        request={**wanted.request().as_request(), "size_bytes": str(wanted.size_bytes)},
        state=JobState.WAITING,
    )
    key, lifetime = imports.upload_key(job), imports.UPLOAD_LIFETIME
    upload = UploadOut(
        url=ports.uploads.upload_url(key, wanted.size_bytes, imports.UPLOAD_TYPE, lifetime),
        headers={"Content-Type": imports.UPLOAD_TYPE, "Content-Length": str(wanted.size_bytes)},
        expires_at=now + lifetime,
    )
    return ImportOut.waiting(job, imports.call_sid(job.id), upload)


@_jobs.post(
    "/start",
    summary="Start an import whose file is uploaded",
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(HTTPStatus.CONFLICT, *COMMON_PROBLEMS),
)
def start_import(ports: Ports, job: ManagedJob) -> JobOut:
    """Have the file made a call, put in writing, and listed. To start it again changes nothing."""
    if job.kind is not JobKind.IMPORT:
        raise ConflictError("only an import waits to be started")
    started = ports.jobs.start(job.id, ports.clock.now())
    if started.state is JobState.QUEUED:
        ports.queue.wake(started.id, timedelta())
    return JobOut.of(started)


router.include_router(_mailboxes)
router.include_router(_jobs)
