"""JobStore on DynamoDB, and JobQueue on SQS."""

import json
import math
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from telephony.aws import cursor as cursors
from telephony.aws.attributes import Item
from telephony.aws.clients import translated
from telephony.aws.dynamodb import AllRefusedError, RefusedError, Table
from telephony.aws.followups import MAX_DELAY_S
from telephony.aws.job_items import job_from, job_id_of, job_item, job_listing
from telephony.aws.table import JOB, JOBS, OPEN_JOBS, SORT_KEY, key
from telephony.aws.writes import IS_NEW, Condition, Put
from telephony.errors import ConflictError, NotFoundError, WireError
from telephony.jobs import Job, JobId, JobState, parse_job_id
from telephony.numbers import MailboxId
from telephony.places import timestamp
from telephony.ports.jobs import JobPage

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_sqs import SQSClient


class DynamoJobs:
    """Jobs and how far they are; see `telephony.ports.JobStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def submit(self, job: Job) -> None:
        """Store a new job and its place in its mailbox's list. Raises: ConflictError if there is one with its id."""
        try:
            self._table.write_all([Put(job_item(job), IS_NEW), Put(job_listing(job))])
        except AllRefusedError as exc:
            raise ConflictError("there is a job with this id") from exc

    def get(self, job_id: JobId) -> Job:
        """Return a job. Raises: NotFoundError."""
        fields = self._table.get(key(JOB, job_id), JOB)
        if fields is None:
            raise NotFoundError("job")
        return job_from(fields)

    def start(self, job_id: JobId, now: datetime) -> Job:
        """Have a WAITING job QUEUED, and return it as it is then. Raises: NotFoundError."""
        job = self.get(job_id)
        if job.state is JobState.WAITING:
            with suppress(RefusedError):  # somebody else has started it
                self._table.put(Put(job_item(job.postponed(now)), _as_known(job)))
        return self.get(job_id)

    def take(self, job_id: JobId, now: datetime) -> Job:
        """Take a job for LEASE, and return it. Raises: NotFoundError, ConflictError."""
        job = self.get(job_id)
        if not job.may_be_taken(now):
            raise ConflictError("the job is another's, or over")
        # boto3 repeats a request whose answer was lost; without our mark we would lose to ourselves.
        taken = job.taken(now, uuid4().hex)
        try:
            self._table.put(Put(job_item(taken), _as_known(job)))
        except RefusedError as exc:
            if exc.stored is None or exc.stored.maybe_text("holder") != taken.holder:
                raise ConflictError("the job is another's") from exc
        return taken

    def save(self, job: Job) -> None:
        """Store how far a job is. Raises: ConflictError if somebody else has taken it since."""
        try:
            self._table.put(Put(job_item(job), Condition("#holder = :holder", {"holder": job.holder})))
        except RefusedError as exc:
            raise ConflictError("the job is another's") from exc

    def newest(self, mailbox_id: MailboxId, limit: int, cursor: str | None) -> JobPage:
        """Return a page of a mailbox's jobs, newest first: one query, and a read for each. Raises: WireError."""
        partition = key(JOBS, mailbox_id)
        before = None if cursor is None else cursors.unpack(cursor, partition)
        places = self._table.last(partition, limit, before)
        found = (self._table.get(key(JOB, place.text("job_id")), JOB) for place in places)
        jobs = tuple(job_from(fields) for fields in found if fields is not None)
        return JobPage(jobs, cursors.pack(partition, places[-1].text(SORT_KEY)) if len(places) == limit else None)

    def stale(self, before: datetime, limit: int) -> tuple[JobId, ...]:
        """Return up to *limit* jobs that must go on and last changed before then, longest ago first."""
        return tuple(map(job_id_of, self._table.oldest(OPEN_JOBS, timestamp(before), limit)))


def _as_known(job: Job) -> Condition:
    known: Item = {"state": job.state.value, "holder": job.holder, "changed_at": job.changed_at}
    return Condition("#state = :state AND #holder = :holder AND #changed_at = :changed_at", known)


class SqsJobQueue:
    """Wakes whoever works on jobs; see `telephony.ports.JobQueue`."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def wake(self, job_id: JobId, delay: timedelta) -> None:
        """Send `{"job_id": ...}`, seen after *delay* or 15 minutes, whichever is shorter; never in the past."""
        delay_s = min(MAX_DELAY_S, max(0, math.ceil(delay.total_seconds())))
        with translated("sqs"):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body(job_id), DelaySeconds=delay_s)


def body(job_id: JobId) -> str:
    """Return the message that asks to go on with a job."""
    return json.dumps({"job_id": job_id})


def parse(text: str) -> JobId:
    """Read a message's body. Raises: WireError."""
    try:
        match json.loads(text):
            case {"job_id": str(job_id)}:
                return parse_job_id(job_id)
            case _:
                raise WireError("a message names its job_id")
    except (RecursionError, ValueError) as exc:
        raise WireError("a message is JSON") from exc
