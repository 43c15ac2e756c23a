"""Erasure, legal holds and jobs through the API."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.api.ports import ApiPorts
from telephony.jobs import Job, JobId, JobKind, JobState
from telephony.keeping import Keeping
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.jobs import MemoryJobQueue
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

CALL = f"/api/calls/{examples.CALL_SID}"
MAILBOX = f"/api/mailboxes/{examples.MAILBOX.id}"
ERASE, MANAGE = "ringscribe/erase", "ringscribe/manage"


@pytest.fixture(autouse=True)
def _call(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())
    table.calls.begin(examples.CALL, None)


def _post(api: Gateway, token: str, body: object) -> Answer:
    headers = {"host": "api.example", "authorization": f"Bearer {token}", "content-type": "application/json"}
    return api.send("POST", f"{MAILBOX}/erasures", headers, body=json.dumps(body))


def _woken(ports: ApiPorts) -> list[JobId]:
    assert isinstance(ports.queue, MemoryJobQueue)
    return [job_id for job_id, _ in ports.queue.woken]


def test_to_erase_a_call_is_a_job_that_can_be_looked_at(
    api: Gateway, issuer: Issuer, ports: ApiPorts, table: MemoryTable
) -> None:
    answer = api.ask("DELETE", CALL, issuer.token(scope=ERASE))

    job = answer.json()
    assert (answer.status, job["kind"], job["state"]) == (202, "erase-call", "queued")
    assert (job["mailbox_id"], job["requested_by"]) == (examples.MAILBOX.id, "ada")
    assert _woken(ports) == [job["job_id"]]
    assert table.jobs.get(JobId(job["job_id"])).request == {"call_sid": examples.CALL_SID}
    assert api.get(f"/api/jobs/{job['job_id']}", issuer.token()).json() == job


def test_a_call_that_is_erased_is_not_there(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.state.calls.clear()

    assert api.ask("DELETE", CALL, issuer.token(scope=ERASE)).status == 404


def test_a_held_call_is_not_erased_until_the_hold_is_taken_away(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    held = [api.ask("PUT", f"{CALL}/hold", issuer.token(scope=MANAGE)) for _ in range(2)]
    refused = api.ask("DELETE", CALL, issuer.token(scope=ERASE))
    shown = api.get(CALL, issuer.token()).json()

    at = clock.now().isoformat().replace("+00:00", "Z")
    assert [(each.status, each.json()) for each in held] == [(200, {"call_sid": examples.CALL_SID, "held_at": at})] * 2
    assert (refused.status, refused.json()["detail"]) == (409, "a legal hold forbids it")
    assert shown["held_at"] == at
    assert table.state.jobs == {}

    released = [api.ask("DELETE", f"{CALL}/hold", issuer.token(scope=MANAGE)) for _ in range(2)]
    assert [(each.status, each.json()["held_at"]) for each in released] == [(200, None)] * 2
    assert api.ask("DELETE", CALL, issuer.token(scope=ERASE)).status == 202


def test_a_mailbox_on_hold_has_nothing_erased(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.directory.put(replace(examples.MAILBOX, keeping=Keeping(is_on_hold=True)), ())

    assert api.ask("DELETE", CALL, issuer.token(scope=ERASE)).status == 409
    assert _post(api, issuer.token(scope=ERASE), {"caller": examples.CALLER}).status == 409
    assert table.state.jobs == {}


def test_to_erase_a_caller_is_a_job_that_does_not_show_the_number(
    api: Gateway, issuer: Issuer, ports: ApiPorts, table: MemoryTable
) -> None:
    answer = _post(api, issuer.token(scope=ERASE), {"caller": examples.CALLER})

    job = answer.json()
    assert (answer.status, job["kind"]) == (202, "erase-caller")
    assert examples.CALLER not in answer.body
    assert _woken(ports) == [job["job_id"]]
    assert table.jobs.get(JobId(job["job_id"])).request == {"caller": examples.CALLER}


@pytest.mark.parametrize(
    "body", [{}, {"caller": ""}, {"caller": 3}, {"caller": "anonymous"}, {"caller": "x" * 300}, {"who": "x"}, [], None]
)
def test_whom_to_erase_must_be_said(api: Gateway, issuer: Issuer, table: MemoryTable, body: object) -> None:
    assert _post(api, issuer.token(scope=ERASE), body).status == 422
    assert table.state.jobs == {}


def test_a_mailboxs_jobs_are_listed_newest_first(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    for number in range(3):
        at = examples.NOON + timedelta(minutes=number)
        job_id = JobId(f"{number:032x}")
        table.jobs.submit(Job(job_id, JobKind.EXPIRE, examples.MAILBOX.id, "retention", at, at, state=JobState.DONE))

    first = api.get(f"{MAILBOX}/jobs", issuer.token(), limit=2).json()
    rest = api.get(f"{MAILBOX}/jobs", issuer.token(), limit=2, cursor=first["next_cursor"]).json()

    assert [[int(each["job_id"], 16) for each in page["jobs"]] for page in (first, rest)] == [[2, 1], [0]]
    assert rest["next_cursor"] is None


def test_a_job_of_a_mailbox_that_is_gone_is_nobodys(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.jobs.submit(Job(JobId("1" * 32), JobKind.EXPORT, examples.MAILBOX.id, "ada", examples.NOON, examples.NOON))
    table.state.mailboxes.clear()

    assert api.get(f"/api/jobs/{'1' * 32}", issuer.token()).status == 404
