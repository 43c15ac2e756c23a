"""The kinds of jobs that erase: one call, all calls of one caller, and what a mailbox keeps no longer."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from functions.jobs.erasing import Eraser
from functions.jobs.ports import JobsPorts
from functions.jobs.working import ImpossibleError
from telephony.calls import Call, parse_call_sid
from telephony.errors import HeldError, NotFoundError
from telephony.jobs import MAX_ATTEMPTS, Job, JobKind
from telephony.keeping import DAY

PAGE_CALLS: Final = 10
"""One step; each call takes half a minute when Twilio answers at the last moment."""

HELD: Final = "The call is on legal hold, so it was not erased."


class EraseCall:
    """Erases one call."""

    def __init__(self, ports: JobsPorts, eraser: Eraser) -> None:
        self._ports = ports
        self._eraser = eraser

    def step(self, job: Job) -> Job:
        """Erase the call; what could not be erased is named, and tried again later."""
        try:
            erased = self._eraser.erase(parse_call_sid(job.request["call_sid"]), job.mailbox_id)
        except HeldError:
            raise ImpossibleError(HELD) from None
        now = self._ports.clock.now()
        further = replace(job.having(erased.counts), left=erased.left)
        if not erased.is_proved:
            return further.stumbled(now, f"Not all could be erased: {erased.left[0]}")
        return replace(further, done=1, total=1).finished(now)


class EraseMany:
    """Erases those calls of a mailbox that a job is about, oldest first, and goes round again until there are none."""

    def __init__(self, ports: JobsPorts, eraser: Eraser, day: timedelta = DAY) -> None:
        self._ports = ports
        self._eraser = eraser
        self._day = day

    def step(self, job: Job) -> Job:
        """Erase those of the next page; one with left-overs is done again, and in the end passed by."""
        until = self._until(job)
        if until is None:
            return job.finished(self._ports.clock.now())
        after = job.checkpoint.get("after")
        page = self._ports.scan.oldest(job.mailbox_id, since=None, until=until, after=after, limit=PAGE_CALLS)
        outcome = self._erased(job, [call for call in page.calls if _is_meant(call, job)])
        now = self._ports.clock.now()
        job = job.having(outcome.counts, outcome.held)
        if outcome.left and job.attempts < MAX_ATTEMPTS:
            return replace(job, done=job.done + outcome.erased).stumbled(
                now, f"Not all is erased yet: {outcome.left[0]}"
            )
        checkpoint = {**job.checkpoint, **({} if page.after is None else {"after": page.after})}
        if outcome.left:
            checkpoint["failed"] = str(int(checkpoint.get("failed", "0")) + len(outcome.left))
        if outcome.erased:
            checkpoint["found"] = "yes"
        job = job.advanced(now, checkpoint=checkpoint, done=outcome.erased, left=outcome.left)
        return job if page.after is not None else self._at_the_end(job)

    def _erased(self, job: Job, calls: list[Call]) -> "_Outcome":
        counts: Counter[str] = Counter()
        held: list[str] = []
        left: list[str] = []
        count = 0
        for call in calls:
            try:
                erased = self._eraser.erase(call.sid, job.mailbox_id)
            except HeldError:
                held.append(f"{call.sid} is on legal hold")
                continue
            counts.update(erased.counts)
            left.extend(f"{call.sid}: {each}" for each in erased.left)
            # The index may list for a moment what is gone.
            count += erased.is_proved and any(erased.counts.values())
        return _Outcome(counts, tuple(held), tuple(left), count)

    def _at_the_end(self, job: Job) -> Job:
        now = self._ports.clock.now()
        if "found" in job.checkpoint:  # the proof is a round in which nothing is found
            return replace(job, checkpoint={}, changed_at=now)
        if "failed" in job.checkpoint:
            return job.failed(now, f"{job.checkpoint['failed']} things could not be erased; what is left names them.")
        return replace(job, total=job.done).finished(now)

    def _until(self, job: Job) -> datetime | None:
        """Return before when the calls that are meant began; None when none are."""
        if job.kind is JobKind.ERASE_CALLER:
            return self._ports.clock.now()
        try:
            keeping = self._ports.directory.mailbox(job.mailbox_id).keeping
        except NotFoundError:
            return None
        return keeping.kept_since(self._ports.clock.now(), self._day)


@dataclass(frozen=True, slots=True)
class _Outcome:
    counts: Mapping[str, int]
    held: tuple[str, ...]
    left: tuple[str, ...]
    erased: int


def _is_meant(call: Call, job: Job) -> bool:
    return job.kind is not JobKind.ERASE_CALLER or call.caller == job.request["caller"]
