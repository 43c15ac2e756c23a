"""What the clock brings: jobs that stand still, erased calls to look at again, and calls that are kept no longer."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from functions.jobs.erasing import Eraser
from functions.jobs.ports import JobsPorts
from telephony.calls import CallSid
from telephony.erasure import Tombstone, next_look
from telephony.errors import ConflictError, NotFoundError, TelephonyError
from telephony.jobs import Job, JobId, JobKind
from telephony.keeping import DAY
from telephony.log import logger
from telephony.numbers import MailboxId

MOST: Final = 100
"""Jobs, and erased calls, of one run; the next goes on."""
MAX_MAILBOXES: Final = 1_000
PAGE_CALLS: Final = 100
MAX_PAGES: Final = 20
"""Of calls on legal hold at the old end of a mailbox, which are looked through for one that is not."""
RUN_LIMIT: Final = timedelta(seconds=240)
"""Nothing is begun later in a run than this."""
RETENTION: Final = "retention"
"""Who asks for what no person asked for."""


class Rounds:
    """Goes round. Doing it again, or twice at once, changes nothing more."""

    def __init__(self, ports: JobsPorts, eraser: Eraser, stale_after: timedelta, day: timedelta = DAY) -> None:
        self._ports = ports
        self._eraser = eraser
        self._stale_after = stale_after
        self._day = day

    def go(self) -> None:
        """Do what is due. What fails is logged, and keeps nothing else from being done; the next run tries again."""
        end_at = self._ports.clock.now() + RUN_LIMIT
        for turn in (self._wake_stale, self._look_again, self._begin_expiry):
            self._safely(turn, end_at)

    def _safely(self, turn: Callable[[datetime], None], end_at: datetime) -> None:
        try:
            turn(end_at)
        except TelephonyError as exc:
            logger().error("round-failed", turn=turn.__name__, error=str(exc))

    def _wake_stale(self, end_at: datetime) -> None:
        """Wake jobs whose message was lost."""
        before = self._ports.clock.now() - self._stale_after
        for job_id in self._ports.jobs.stale(before, MOST):
            if self._ports.clock.now() >= end_at:
                return
            logger().warning("job-stood-still", job_id=job_id)
            self._ports.queue.wake(job_id, timedelta())

    def _look_again(self, end_at: datetime) -> None:
        """Erase what was written of erased calls since, by whoever could not know."""
        for tombstone in self._ports.erasure.to_look_at(self._ports.clock.now(), MOST):
            if self._ports.clock.now() >= end_at:
                return
            try:
                self._look_at(tombstone)
            except TelephonyError as exc:
                logger().warning("look-failed", call_sid=tombstone.call_sid, error=str(exc))

    def _look_at(self, tombstone: Tombstone) -> None:
        erased = self._eraser.erase(tombstone.call_sid, tombstone.mailbox_id)
        if any(erased.counts.values()):
            logger().warning("erased-call-came-back", call_sid=tombstone.call_sid, counts=dict(erased.counts))
        look_at = next_look(tombstone.erased_at, self._ports.clock.now())
        if erased.left:
            logger().error("erased-call-has-left-overs", call_sid=tombstone.call_sid, left=erased.left)
        self._ports.erasure.looked_at(Tombstone(tombstone.call_sid, tombstone.mailbox_id, tombstone.erased_at, look_at))

    def _begin_expiry(self, end_at: datetime) -> None:
        """Ask for a job for each mailbox that has a call which it keeps no longer."""
        for mailbox_id in self._ports.directory.keeping(MAX_MAILBOXES):
            if self._ports.clock.now() >= end_at:
                return
            now = self._ports.clock.now()
            try:
                oldest = self._oldest_due(mailbox_id, now)
                if oldest is not None:
                    self._ask_for_expiry(mailbox_id, oldest, now)
            except TelephonyError as exc:  # the next mailbox keeps to its term all the same
                logger().error("expiry-not-begun", mailbox_id=mailbox_id, error=str(exc))

    def _oldest_due(self, mailbox_id: MailboxId, now: datetime) -> CallSid | None:
        """Return the oldest call that is to go, and may."""
        until = self._ports.directory.mailbox(mailbox_id).keeping.kept_since(now, self._day)
        if until is None:
            return None
        after: str | None = None
        for _ in range(MAX_PAGES):
            page = self._ports.scan.oldest(mailbox_id, since=None, until=until, after=after, limit=PAGE_CALLS)
            free = next((call.sid for call in page.calls if call.held_at is None), None)
            if free is not None or page.after is None:
                return free
            after = page.after
        return None

    def _ask_for_expiry(self, mailbox_id: MailboxId, oldest: CallSid, now: datetime) -> None:
        # As long as that call is there, and for this hour, it is the same job, however often it is asked for.
        name = f"{JobKind.EXPIRE}#{mailbox_id}#{oldest}#{now:%Y-%m-%dT%H}"
        job_id = JobId(hashlib.sha256(name.encode()).hexdigest()[:32])
        try:
            self._ports.jobs.get(job_id)
        except NotFoundError:
            self._submit(Job(job_id, JobKind.EXPIRE, mailbox_id, RETENTION, now, now))

    def _submit(self, job: Job) -> None:
        with suppress(ConflictError):  # another round was faster
            self._ports.jobs.submit(job)
            self._ports.queue.wake(job.id, timedelta())
