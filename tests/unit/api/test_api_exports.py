"""Exports through the API."""

import json
from datetime import timedelta

import pytest

from telephony import exports
from telephony.jobs import Job, JobId, JobKind
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

EXPORTS = f"/api/mailboxes/{examples.MAILBOX.id}/exports"
MANAGE = "ringscribe/manage"
SPAN = {"since": "2026-03-01T00:00:00+01:00", "until": "2026-04-01T00:00:00Z"}


@pytest.fixture(autouse=True)
def _mailbox(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())


def _post(api: Gateway, issuer: Issuer, body: object) -> Answer:
    token = issuer.token(scope=MANAGE)
    headers = {"host": "api.example", "authorization": f"Bearer {token}", "content-type": "application/json"}
    return api.send("POST", EXPORTS, headers, body=json.dumps(body))


def test_an_export_is_a_job_for_a_span_of_time(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    answer = _post(api, issuer, SPAN)

    assert (answer.status, answer.json()["kind"]) == (202, "export")
    request = table.jobs.get(JobId(answer.json()["job_id"])).request
    assert request == {"since": "2026-02-28T23:00:00+00:00", "until": "2026-04-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"since": SPAN["since"]},
        {**SPAN, "until": SPAN["since"]},
        {**SPAN, "since": "2026-03-01T00:00:00"},
        {**SPAN, "since": "yesterday"},
        {**SPAN, "since": "0001-01-01T00:00:00+14:00"},
        {**SPAN, "more": 1},
    ],
)
def test_a_span_that_is_none_is_refused(api: Gateway, issuer: Issuer, table: MemoryTable, body: object) -> None:
    assert _post(api, issuer, body).status == 422
    assert table.state.jobs == {}


def _job(table: MemoryTable, kind: JobKind = JobKind.EXPORT) -> Job:
    at = FixedClock().now()
    job = Job(JobId("1" * 32), kind, examples.MAILBOX.id, "ada", at, at, checkpoint={"parts": "1"})
    table.jobs.submit(job)
    return job


def test_the_files_have_addresses_for_a_while(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    job = _job(table)

    found = api.get(f"/api/jobs/{job.id}/files", issuer.token(scope=MANAGE)).json()

    assert [each["name"] for each in found["files"]] == ["calls-0001.jsonl", "audio-0001.jsonl"]
    for name, url in ((each["name"], each["url"]) for each in found["files"]):
        assert url.endswith(f"{exports.prefix(job)}{name}?expires=900&name={name}&type=application/x-ndjson")
    assert found["expires_at"] == "2026-03-02T09:45:00Z"


def test_files_that_are_gone_are_not_found(api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock) -> None:
    job = _job(table)
    table.jobs.save(table.jobs.take(job.id, clock.now()).finished(clock.now()))
    path = f"/api/jobs/{job.id}/files"
    assert api.get(path, issuer.token(scope=MANAGE)).status == 200

    clock.advance(exports.KEPT + timedelta(seconds=1))

    assert api.get(path, issuer.token(scope=MANAGE)).status == 404


def test_a_job_that_is_no_export_has_no_files(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    job = _job(table, JobKind.ERASE_CALL)

    assert api.get(f"/api/jobs/{job.id}/files", issuer.token(scope=MANAGE)).status == 404
