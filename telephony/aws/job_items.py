"""Jobs as items of the table, and back."""

from collections.abc import Mapping

from telephony.aws.attributes import Fields, Item
from telephony.aws.item_keys import keys, sid_after
from telephony.aws.table import (
    ARCHIVE_PARTITION_KEY,
    ARCHIVE_SORT_KEY,
    JOB,
    JOBS,
    OPEN_JOBS,
    PARTITION_KEY,
    TTL,
    key,
)
from telephony.jobs import Job, JobId, JobKind, JobState
from telephony.numbers import MailboxId
from telephony.places import timestamp

LISTED = frozenset({JobState.QUEUED, JobState.RUNNING})
"""The states in which a job is on the list of those that must go on."""


def job_item(job: Job) -> Item:
    """Write a job; while it must go on it lists itself by its last change."""
    listing: Item = {ARCHIVE_PARTITION_KEY: OPEN_JOBS, ARCHIVE_SORT_KEY: f"{timestamp(job.changed_at)}#{job.id}"}
    return {
        **keys(key(JOB, job.id), JOB, JOB),
        **(listing if job.state in LISTED else {}),
        TTL: int(job.expires_at.timestamp()),
        "job_kind": job.kind.value,
        "mailbox_id": job.mailbox_id,
        "requested_by": job.requested_by,
        "requested_at": job.requested_at,
        "changed_at": job.changed_at,
        "request": _texts(job.request),
        "state": job.state.value,
        "attempts": job.attempts,
        "holder": job.holder,
        "leased_until": job.leased_until,
        "due_at": job.due_at,
        "checkpoint": _texts(job.checkpoint),
        "done": job.done,
        "total": job.total,
        "counts": dict(job.counts.items()),
        "left": list(job.left),
        "trouble": job.trouble,
    }


def job_from(fields: Fields) -> Job:
    """Read a job."""
    return Job(
        id=job_id_of(fields),
        kind=JobKind(fields.text("job_kind")),
        mailbox_id=MailboxId(fields.text("mailbox_id")),
        requested_by=fields.text("requested_by"),
        requested_at=fields.at("requested_at"),
        changed_at=fields.at("changed_at"),
        request=_texts_from(fields.fields("request")),
        state=JobState(fields.text("state")),
        attempts=fields.count("attempts"),
        holder=fields.text("holder"),
        leased_until=fields.maybe_at("leased_until"),
        due_at=fields.maybe_at("due_at"),
        checkpoint=_texts_from(fields.fields("checkpoint")),
        done=fields.count("done"),
        total=fields.maybe_count("total"),
        counts={name: fields.fields("counts").count(name) for name in fields.fields("counts").values},
        left=fields.texts("left"),
        trouble=fields.text("trouble"),
    )


def job_id_of(fields: Fields) -> JobId:
    """Return whose item it is."""
    return JobId(sid_after(JOB, fields.text(PARTITION_KEY)))


def job_listing(job: Job) -> Item:
    """Write a job's place in the list of its mailbox."""
    return {
        **keys(key(JOBS, job.mailbox_id), f"{timestamp(job.requested_at)}#{job.id}", JOBS),
        TTL: int(job.expires_at.timestamp()),
        "job_id": job.id,
    }


def _texts(texts: Mapping[str, str]) -> Item:
    return dict(texts.items())


def _texts_from(fields: Fields) -> Mapping[str, str]:
    return {name: fields.text(name) for name in fields.values}
