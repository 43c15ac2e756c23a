"""How a request becomes a job: stored, and woken; the same request with the same key is the same job."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import Header

from functions.api.auth import Subject
from functions.api.ports import ApiPorts
from functions.api.problems import ReusedKeyError
from telephony.errors import ConflictError
from telephony.jobs import Job, JobId, JobKind, JobState
from telephony.numbers import MailboxId

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="Of your making. The same request with the same key is the same job, however often it is sent.",
    ),
]


def submit(
    ports: ApiPorts,
    *,
    kind: JobKind,
    mailbox_id: MailboxId,
    subject: Subject,
    request: Mapping[str, str],
    key: str | None,
    state: JobState = JobState.QUEUED,
) -> Job:
    """Return the job that was asked for, new or as far as it is by now.

    Raises: ReusedKeyError if *key* was used for another request, UpstreamError.
    """
    now = ports.clock.now()
    name = ports.new_id() if key is None else f"{subject}#{key}"
    job_id = JobId(hashlib.sha256(name.encode()).hexdigest()[:32])
    job = Job(job_id, kind, mailbox_id, subject, now, now, request, state)
    try:
        ports.jobs.submit(job)
    except ConflictError:
        job = _known(ports, job)
    if job.state is JobState.QUEUED:
        ports.queue.wake(job.id, timedelta())  # a message too many does no harm
    return job


def _known(ports: ApiPorts, asked: Job) -> Job:
    known = ports.jobs.get(asked.id)
    # What names a caller is forgotten when a job is over, so it is not compared then.
    is_same = all(known.request.get(name, value) == value for name, value in asked.request.items())
    if (known.kind, known.mailbox_id) != (asked.kind, asked.mailbox_id) or not is_same:
        raise ReusedKeyError("this Idempotency-Key was used for another request")
    return known
