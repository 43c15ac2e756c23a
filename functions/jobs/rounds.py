"""What the clock brings: jobs that stand still, erased calls to look at again, and calls that are kept no longer."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from functions.jobs.erasing import Eraser
from functions.jobs.ports import JobsPorts
from telephony.calls import CallSid
from telephony.erasure import Tombstone, next_look
from telephony.errors import ConflictError, NotFoundError, TelephonyError
from telephony.jobs import Job, JobId, JobKind
from telephony.keeping import DAY, START, Place
from telephony.log import logger
from telephony.numbers import MailboxId

MOST: Final = 100
"""Jobs, and erased calls, of one run; the next goes on."""
PAGE_CALLS: Final = 100
MAX_PAGES: Final = 1_000
"""Of calls that are looked through in one run for one that may go; a mailbox that nothing is held of takes one page."""
AGAIN: Final = timedelta(minutes=15)
"""When it is looked again after a look that failed."""
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
        # Looking again waits for Twilio: it comes last, so that nothing has to wait for it in turn.
        for turn in (self._wake_stale, self._begin_expiry, self._look_again):
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
                look_at = self._look_at(tombstone)
            except TelephonyError as exc:
                logger().warning("look-failed", call_sid=tombstone.call_sid, error=str(exc))
                look_at = self._ports.clock.now() + AGAIN  # or it would be among the first each time
            self._ports.erasure.looked_at(replace(tombstone, look_at=look_at))

    def _look_at(self, tombstone: Tombstone) -> datetime | None:
        """Return when to look the next time."""
        erased = self._eraser.erase(tombstone.call_sid, tombstone.mailbox_id)
        if any(erased.counts.values()):
            logger().warning("erased-call-came-back", call_sid=tombstone.call_sid, counts=dict(erased.counts))
        now = self._ports.clock.now()
        look_at = next_look(tombstone.erased_at, now)
        if not erased.left:
            return look_at
        logger().error("erased-call-has-left-overs", call_sid=tombstone.call_sid, left=erased.left)
        return look_at or now + AGAIN

    def _begin_expiry(self, end_at: datetime) -> None:
        """Ask for a job for each mailbox that has a call which it keeps no longer, from where the last run ended."""
        began = place = self._ports.expiry.place()
        for _ in range(MAX_PAGES):
            place = self._after_page(place)
            if place == START or self._ports.clock.now() >= end_at:
                break
        if place != began:
            self._ports.expiry.remember(place)

    def _after_page(self, place: Place) -> Place:
        """Look through the next page of a mailbox's calls, and return the place behind it."""
        if place.after is None:
            mailbox_id = self._ports.directory.keeping_behind(place.mailbox_id)
            if mailbox_id is None:
                return START
        else:
            mailbox_id = place.mailbox_id
        try:
            return Place(mailbox_id, self._look_through(mailbox_id, place.after))
        except TelephonyError as exc:  # the next mailbox keeps to its term all the same
            logger().error("expiry-not-begun", mailbox_id=mailbox_id, error=str(exc))
            return Place(mailbox_id)

    def _look_through(self, mailbox_id: MailboxId, after: str | None) -> str | None:
        """Ask for a job if one of the next calls is to go, and may; return where to go on if none is, and more are."""
        now = self._ports.clock.now()
        until = self._ports.directory.mailbox(mailbox_id).keeping.kept_since(now, self._day)
        if until is None:
            return None
        page = self._ports.scan.oldest(mailbox_id, since=None, until=until, after=after, limit=PAGE_CALLS)
        free = next((call.sid for call in page.calls if call.held_at is None), None)
        if free is None:
            return page.after
        self._ask_for_expiry(mailbox_id, free, now)
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
