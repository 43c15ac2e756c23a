"""Reindexing: has a mailbox's calls of a span of time found by their words as they stand, and by today's rules."""

from dataclasses import replace

from functions.jobs.ports import JobsPorts
from functions.jobs.reasons import reason
from telephony.calls import Call
from telephony.errors import NotFoundError, TelephonyError
from telephony.jobs import MAX_ATTEMPTS, Job, span_of
from telephony.postings import document_of
from telephony.voicemail import indexing

PAGE_CALLS = 1
"""One step: to index the longest call in another language takes as long as all else that a step may be."""

UNINDEXED = "Some calls could not be indexed; what is left names them. Ask again: the others are only looked at then."


class Reindex:
    """Indexes one call a step, oldest first; one that is indexed as it would be now is only looked at."""

    def __init__(self, ports: JobsPorts) -> None:
        self._ports = ports

    def step(self, job: Job) -> Job:
        """Index the next call; one that can't be is tried again, and in the end named and passed by."""
        span, after = span_of(job), job.checkpoint.get("after")
        page = self._ports.scan.oldest(
            job.mailbox_id, since=span.since, until=span.until, after=after, limit=PAGE_CALLS
        )
        indexed, left = 0, []
        for call in page.calls:
            try:
                indexed += self._index(call)
            except TelephonyError as exc:
                if job.attempts < MAX_ATTEMPTS:
                    raise
                left.append(f"{call.sid}: {reason(exc)}")
        now = self._ports.clock.now()
        further = job.advanced(
            now,
            checkpoint={} if page.after is None else {"after": page.after},
            done=len(page.calls),
            counts={"indexed": indexed},
            left=tuple(left),
        )
        if page.after is not None:
            return further
        over = replace(further, total=further.done)
        return over.failed(now, UNINDEXED) if over.left else over.finished(now)

    def _index(self, call: Call) -> int:
        """Have *call* found, and return how many were not found so before. Raises: ConflictError, UpstreamError."""
        wanted = indexing(self._ports.calls.facts(call.sid))
        for step in wanted:
            self._ports.index.index(document_of(step.entry), self._ports.clock.now())
        try:
            self._ports.calls.get(call.sid)
        except NotFoundError:  # it was erased, before or while we were at it
            self._ports.index.forget(call.sid)
            return 0
        return len(wanted)
