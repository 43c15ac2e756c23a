"""How a request becomes a job: stored, and woken."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from functions.api.auth import Subject
from functions.api.ports import ApiPorts
from telephony.jobs import Job, JobId, JobKind, JobState
from telephony.numbers import MailboxId


def submit(
    ports: ApiPorts,
    *,
    kind: JobKind,
    mailbox_id: MailboxId,
    subject: Subject,
    request: Mapping[str, str],
    state: JobState = JobState.QUEUED,
) -> Job:
    """Return the job that was asked for. Raises: UpstreamError."""
    now = ports.clock.now()
    job_id = JobId(hashlib.sha256(ports.new_id().encode()).hexdigest()[:32])
    job = Job(job_id, kind, mailbox_id, subject, now, now, request, state)
    ports.jobs.submit(job)
    if job.state is JobState.QUEUED:
        ports.queue.wake(job.id, timedelta())
    return job
