"""What every JobStore promises."""

import secrets
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.errors import ConflictError, NotFoundError, WireError
from telephony.jobs import LEASE, Job, JobId, JobState
from telephony.numbers import MailboxId
from tests.contract.stores.backends import NOW, AnyTable, any_job

MINUTE = timedelta(minutes=1)
PATIENCE_S = 10


def _long_ago() -> datetime:
    """Return a time that no other test of the same table uses."""
    return datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(10**9))


def test_a_job_comes_back_as_it_was_asked_for(table: AnyTable) -> None:
    job = any_job(request={"since": "2026-01-01", "caller": "+14155550199"}, total=3)
    table.jobs.submit(job)
    assert table.jobs.get(job.id) == job


def test_a_job_that_nobody_asked_for_is_not_found(table: AnyTable) -> None:
    unknown = JobId("0" * 32)
    with pytest.raises(NotFoundError):
        table.jobs.get(unknown)
    with pytest.raises(NotFoundError):
        table.jobs.take(unknown, NOW)
    with pytest.raises(NotFoundError):
        table.jobs.start(unknown, NOW)


def test_the_same_job_cannot_be_asked_for_twice(table: AnyTable) -> None:
    job = any_job()
    table.jobs.submit(job)
    with pytest.raises(ConflictError):
        table.jobs.submit(replace(job, request={"other": "words"}))
    assert table.jobs.get(job.id) == job


def test_a_job_that_was_taken_is_the_takers_until_the_lease_ends(table: AnyTable) -> None:
    job = any_job()
    table.jobs.submit(job)
    taken = table.jobs.take(job.id, NOW)
    assert (taken.state, taken.attempts, taken.leased_until) == (JobState.RUNNING, 1, NOW + LEASE)
    with pytest.raises(ConflictError):
        table.jobs.take(job.id, NOW + LEASE - MINUTE)
    again = table.jobs.take(job.id, NOW + LEASE)
    assert again.attempts == 2
    with pytest.raises(ConflictError):
        table.jobs.save(taken.finished(NOW))
    assert table.jobs.get(job.id) == again


def test_of_many_who_take_a_job_at_once_one_has_it(shared_table: AnyTable) -> None:
    job = any_job()
    shared_table.jobs.submit(job)
    takers: list[Job] = []

    def take() -> None:
        with suppress(ConflictError):
            takers.append(shared_table.jobs.take(job.id, NOW))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [taker.holder for taker in takers] == [shared_table.jobs.get(job.id).holder]


def test_what_was_done_is_stored_and_a_job_that_is_over_is_nobodys(table: AnyTable) -> None:
    job = any_job(request={"caller": "+14155550199", "since": "x"})
    table.jobs.submit(job)
    taken = table.jobs.take(job.id, NOW)
    further = taken.advanced(NOW + MINUTE, checkpoint={"after": "ü"}, done=2, counts={"items": 3}, left=("RE1 stays",))
    table.jobs.save(further)
    assert table.jobs.get(job.id) == further
    table.jobs.save(further.finished(NOW + 2 * MINUTE))
    over = table.jobs.get(job.id)
    assert (over.state, over.request, over.counts, over.done) == (JobState.DONE, {"since": "x"}, {"items": 3}, 2)
    with pytest.raises(ConflictError):
        table.jobs.take(job.id, NOW + 2 * LEASE)


def test_a_job_that_waits_is_taken_only_when_it_was_started(table: AnyTable) -> None:
    job = any_job(state=JobState.WAITING)
    table.jobs.submit(job)
    with pytest.raises(ConflictError):
        table.jobs.take(job.id, NOW)
    assert table.jobs.start(job.id, NOW + MINUTE).state is JobState.QUEUED
    taken = table.jobs.take(job.id, NOW + MINUTE)
    assert table.jobs.start(job.id, NOW + MINUTE) == taken


def test_a_mailboxs_jobs_are_listed_newest_first_and_no_others(table: AnyTable) -> None:
    mailbox_id = f"m-{secrets.token_hex(4)}"
    jobs = [any_job(mailbox_id, NOW + place * MINUTE) for place in range(3)]
    for job in (*jobs, any_job()):
        table.jobs.submit(job)
    page = table.jobs.newest(jobs[0].mailbox_id, 2, None)
    assert page.jobs == (jobs[2], jobs[1])
    rest = table.jobs.newest(jobs[0].mailbox_id, 2, page.cursor)
    assert (rest.jobs, rest.cursor) == ((jobs[0],), None)


@pytest.mark.parametrize("cursor", ["x", "", "W10", "A" * 2_000])
def test_a_list_of_jobs_goes_on_from_no_cursor_but_its_own(table: AnyTable, cursor: str) -> None:
    mailbox_id = f"m-{secrets.token_hex(4)}"
    for place in range(2):
        table.jobs.submit(any_job(mailbox_id, NOW + place * MINUTE))
    others = table.jobs.newest(MailboxId(mailbox_id), 1, None).cursor
    assert others is not None
    for wrong in (cursor, others):
        with pytest.raises(WireError):
            table.jobs.newest(MailboxId("praxis"), 1, wrong)


def _eventually(table: AnyTable, expected: list[JobId], before: datetime, among: list[Job]) -> None:
    """Check which of *among* are stale; an index may be behind its table."""
    give_up_at_s = time.monotonic() + PATIENCE_S
    ids = {job.id for job in among}
    while True:
        found = [job_id for job_id in table.jobs.stale(before, 1_000) if job_id in ids]
        if found == expected or time.monotonic() > give_up_at_s:
            assert found == expected
            return


def test_jobs_that_must_go_on_and_did_not_are_listed_longest_ago_first(table: AnyTable) -> None:
    began_at = _long_ago()
    jobs = [any_job(requested_at=began_at + place * MINUTE) for place in range(3)]
    waiting = any_job(requested_at=began_at, state=JobState.WAITING)
    for job in (*jobs, waiting):
        table.jobs.submit(job)
    _eventually(table, [jobs[0].id, jobs[1].id], began_at + 2 * MINUTE, [*jobs, waiting])
    table.jobs.save(table.jobs.take(jobs[0].id, began_at).finished(began_at))
    table.jobs.take(jobs[1].id, began_at + 5 * MINUTE)
    _eventually(table, [jobs[2].id], began_at + 5 * MINUTE, [*jobs, waiting])
    _eventually(table, [jobs[2].id, jobs[1].id], began_at + 6 * MINUTE, [*jobs, waiting])
