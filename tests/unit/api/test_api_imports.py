"""Imports through the API."""

import json
from dataclasses import replace

import pytest

from functions.api.ports import ApiPorts
from telephony import imports
from telephony.jobs import Job, JobId, JobKind, JobState
from telephony.keeping import Keeping
from tests import examples
from tests.fakes.jobs import MemoryJobQueue
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

IMPORTS = f"/api/mailboxes/{examples.MAILBOX.id}/imports"
MANAGE = "ringscribe/manage"
FILE = {"size_bytes": 48_044, "started_at": "2026-02-01T10:00:00Z", "number": examples.NUMBER}


@pytest.fixture(autouse=True)
def _mailbox(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())


def _post(api: Gateway, issuer: Issuer, body: object) -> Answer:
    token = issuer.token(scope=MANAGE)
    headers = {"host": "api.example", "authorization": f"Bearer {token}", "content-type": "application/json"}
    return api.send("POST", IMPORTS, headers, body=json.dumps(body))


def _woken(ports: ApiPorts) -> int:
    assert isinstance(ports.queue, MemoryJobQueue)
    return len(ports.queue.woken)


def test_an_import_waits_for_its_file_and_says_where_to_put_it(
    api: Gateway, issuer: Issuer, ports: ApiPorts, table: MemoryTable
) -> None:
    answer = _post(api, issuer, FILE)

    found = answer.json()
    job = table.jobs.get(JobId(found["job_id"]))
    assert (answer.status, found["kind"], found["state"]) == (201, "import", "waiting")
    assert found["call_sid"] == imports.call_sid(job.id)
    assert found["upload"]["url"] == f"https://audio.example/{imports.upload_key(job)}?size=48044&expires=3600"
    assert found["upload"]["headers"] == {"Content-Type": "application/octet-stream", "Content-Length": "48044"}
    assert found["upload"]["expires_at"] == "2026-03-02T10:30:00Z"
    assert imports.request_of(job).is_quiet
    assert _woken(ports) == 0


def test_an_import_is_started_once_its_file_is_there(api: Gateway, issuer: Issuer, ports: ApiPorts) -> None:
    job_id = _post(api, issuer, {**FILE, "tell": True, "caller": "+15005550001"}).json()["job_id"]
    started = [api.ask("POST", f"/api/jobs/{job_id}/start", issuer.token(scope=MANAGE)) for _ in range(2)]

    assert [(each.status, each.json()["state"]) for each in started] == [(202, "queued")] * 2
    assert _woken(ports) == 2  # a message too many does no harm
    assert not imports.request_of(ports.jobs.get(JobId(job_id))).is_quiet


def test_an_import_that_is_over_stays_over(api: Gateway, issuer: Issuer, ports: ApiPorts, table: MemoryTable) -> None:
    job_id = JobId(_post(api, issuer, FILE).json()["job_id"])
    table.state.jobs[job_id] = replace(table.state.jobs[job_id], state=JobState.DONE)

    answer = api.ask("POST", f"/api/jobs/{job_id}/start", issuer.token(scope=MANAGE))

    assert (answer.json()["state"], _woken(ports)) == ("done", 0)


def test_what_is_no_import_cannot_be_started(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.jobs.submit(Job(JobId("1" * 32), JobKind.EXPORT, examples.MAILBOX.id, "ada", examples.NOON, examples.NOON))

    assert api.ask("POST", f"/api/jobs/{'1' * 32}/start", issuer.token(scope=MANAGE)).status == 409


@pytest.mark.parametrize(
    "change",
    [
        {"size_bytes": 0},
        {"size_bytes": imports.MAX_BYTES + 1},
        {"started_at": "2026-02-01T10:00:00"},
        {"number": "12"},
        {"caller": ""},
        {"more": 1},
    ],
)
def test_what_is_known_of_the_file_must_make_sense(
    api: Gateway, issuer: Issuer, table: MemoryTable, change: dict[str, object]
) -> None:
    assert _post(api, issuer, {**FILE, **change}).status == 422
    assert table.state.jobs == {}


def test_what_was_not_said_yet_or_would_be_erased_at_once_is_refused(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    assert _post(api, issuer, {**FILE, "started_at": "2026-03-03T00:00:00Z"}).status == 400
    table.directory.put(replace(examples.MAILBOX, keeping=Keeping(7)), ())
    refused = _post(api, issuer, FILE)
    assert (refused.status, "7 days" in refused.json()["detail"]) == (400, True)
    assert table.state.jobs == {}
