"""What every answer has, whatever went wrong, and the document that describes them all."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from functions.api.app import create_app
from functions.api.edge import Edge
from functions.api.ports import ApiPorts
from telephony.calls import Call, CallSid
from telephony.errors import (
    ConfigurationError,
    ConflictError,
    TelephonyError,
    TicketError,
    TicketFault,
    UpstreamError,
    WireError,
)
from telephony.voicemail import CallFacts
from tests import examples
from tests.fakes.calls import MemoryCalls
from tests.unit.api.asking import Gateway, Issuer

ROOT = Path(__file__).parents[3]
CALL = f"/api/calls/{examples.CALL_SID}"


class _FailingCalls(MemoryCalls):
    """Calls that cannot be read."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self._failure = failure

    def get(self, call_sid: CallSid) -> Call:
        raise self._failure

    def facts(self, call_sid: CallSid) -> CallFacts:
        raise self._failure


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize(
    ("failure", "status", "detail"),
    [
        (WireError("cursor is not ours"), 400, "cursor is not ours"),
        (TicketError(TicketFault.USED), 403, "ticket refused: used"),
        (ConflictError("somebody was first"), 409, "somebody was first"),
        (UpstreamError("dynamodb", "Throttling", retryable=True), 503, None),
        (UpstreamError("dynamodb", "AccessDenied", retryable=False), 500, None),
        (ConfigurationError("TABLE_NAME is missing"), 500, None),
        (TelephonyError("something"), 500, None),
        (ZeroDivisionError("a bug"), 500, None),
    ],
)
def test_each_error_has_its_status_and_ours_keep_their_text_to_themselves(
    ports: ApiPorts, issuer: Issuer, failure: Exception, status: int, detail: str | None
) -> None:
    answer = Gateway(replace(ports, calls=_FailingCalls(failure))).get(CALL, issuer.token())

    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == (problem if detail is None else {**problem, "detail": detail})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/health", 200),
        ("GET", "/api/openapi.json", 200),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/health/", 404),
        ("DELETE", "/api/health", 405),
        ("GET", CALL, 401),
        ("GET", "/api/listen/guess", 404),
    ],
)
def test_no_answer_is_kept_or_guessed_at_by_a_browser(api: Gateway, method: str, path: str, status: int) -> None:
    answer = api.ask(method, path)

    assert answer.status == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_method_that_is_not_allowed_is_told_which_are(api: Gateway) -> None:
    assert api.ask("DELETE", "/api/health").headers["allow"] == "GET"


def test_a_request_ends_with_one_line_that_names_the_route(
    api: Gateway, issuer: Issuer, capsys: pytest.CaptureFixture[str]
) -> None:
    api.get(CALL, issuer.token())

    [line] = [line for line in capsys.readouterr().out.splitlines() if "request-ended" in line]
    assert "{call_sid}" in line
    assert "404" in line


async def _begin_and_crash(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ZeroDivisionError("a bug")


async def test_half_an_answer_is_broken_off() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    with pytest.raises(ZeroDivisionError):
        await Edge(_begin_and_crash)({"type": "http", "method": "GET"}, receive, send)

    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_what_is_no_request_is_the_apps_own_matter() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(_message: Message) -> None:
        pytest.fail("nothing is to be sent")

    await Edge(app)({"type": "lifespan"}, receive, send)

    assert seen == [{"type": "lifespan"}]


def test_the_document_is_made_once(ports: ApiPorts) -> None:
    app = create_app(ports)

    assert app.openapi() is app.openapi()


def _document(ports: ApiPorts) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(create_app(ports).openapi()))
    return document


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_document_has_every_route(ports: ApiPorts) -> None:
    assert set(_operations(_document(ports))) == {
        "GET /api/mailboxes/{mailbox_id}/calls",
        "GET /api/mailboxes/{mailbox_id}/search",
        "POST /api/mailboxes/{mailbox_id}/reindexes",
        "GET /api/calls/{call_sid}",
        "PATCH /api/calls/{call_sid}",
        "GET /api/calls/{call_sid}/transcript",
        "GET /api/calls/{call_sid}/audio",
        "POST /api/calls/{call_sid}/captions",
        "GET /api/mailboxes/{mailbox_id}/usage",
        "GET /api/mailboxes",
        "GET /api/mailboxes/{mailbox_id}",
        "PUT /api/mailboxes/{mailbox_id}",
        "GET /api/mailboxes/{mailbox_id}/numbers",
        "GET /api/mailboxes/{mailbox_id}/recipients",
        "POST /api/mailboxes/{mailbox_id}/webhooks/{webhook_id}/secret",
        "GET /api/numbers/{number}",
        "GET /api/calls/{call_sid}/deliveries",
        "POST /api/calls/{call_sid}/deliveries/{channel}/{recipient}/resend",
        "DELETE /api/calls/{call_sid}",
        "PUT /api/calls/{call_sid}/hold",
        "DELETE /api/calls/{call_sid}/hold",
        "POST /api/mailboxes/{mailbox_id}/erasures",
        "GET /api/mailboxes/{mailbox_id}/jobs",
        "GET /api/jobs/{job_id}",
        "GET /api/jobs/{job_id}/files",
        "POST /api/mailboxes/{mailbox_id}/exports",
        "POST /api/mailboxes/{mailbox_id}/imports",
        "POST /api/jobs/{job_id}/start",
        "POST /api/calls",
        "POST /api/calls/{call_sid}/pause",
        "POST /api/calls/{call_sid}/resume",
        "GET /api/listen/{token}",
        "GET /api/health",
    }


def test_every_route_says_what_it_does_answers_and_refuses(ports: ApiPorts) -> None:
    document = _document(ports)
    for name, operation in _operations(document).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert all(each.get("description") for each in operation["responses"].values()), name
        for status, response in operation["responses"].items():
            types = set(response.get("content", {}))
            if status.startswith("2"):
                assert types, name
            elif status not in {"302", "304"} and "listen" not in name:
                assert types == {"application/problem+json"}, (name, status)


def test_every_route_needs_a_token_but_those_that_are_for_anybody(ports: ApiPorts) -> None:
    document = _document(ports)
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")

    is_open = {name: "security" not in operation for name, operation in _operations(document).items()}

    assert {name for name, opened in is_open.items() if opened} == {"GET /api/listen/{token}", "GET /api/health"}
    for name, operation in _operations(document).items():
        if not is_open[name]:
            ((scope,),) = (each["token"] for each in operation["security"])
            assert scope in {"ringscribe/read", "ringscribe/manage", "ringscribe/erase"}, name
            assert {"401", "403", "404", "422", "503"} <= set(operation["responses"]), name


def _references(node: object) -> set[str]:
    match node:
        case {"$ref": str(reference)}:
            return {reference}
        case dict():
            return {each for value in node.values() for each in _references(value)}
        case list():
            return {each for value in node for each in _references(value)}
    return set()


def test_the_document_refers_to_nothing_that_it_lacks(ports: ApiPorts) -> None:
    document = _document(ports)

    for reference in _references(document):
        assert reference.rpartition("/")[2] in document["components"]["schemas"], reference
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_transcript_is_described_in_every_form(ports: ApiPorts) -> None:
    answer = _operations(_document(ports))["GET /api/calls/{call_sid}/transcript"]["responses"]["200"]

    assert set(answer["content"]) == {"application/json", "text/plain", "text/vtt", "application/x-subrip"}


_HEALTH = """
import json, sys
from functions.api.handler import handler
http = {"method": "GET", "path": "/api/health", "sourceIp": "192.0.2.1"}
print(json.dumps(handler({"version": "2.0", "headers": {}, "requestContext": {"http": http}}, None)))
unused = {"twilio", "functions.webhooks", "functions.pipeline"} & set(sys.modules)
assert not unused, unused
"""


def _run(settings: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.defpath, "AWS_DEFAULT_REGION": "eu-west-1", **settings}
    return subprocess.run(
        [sys.executable, "-c", _HEALTH],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_the_lambda_handler_answers_with_settings_alone() -> None:
    settings = {
        "TABLE_NAME": "ringscribe",
        "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:voicemail",
        "RECORDINGS_BUCKET": "recordings",
        "JOBS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
        "JWT_ISSUER": "https://issuer.example",
        "JWT_AUDIENCE": "ringscribe",
        "JWKS_URL": "https://issuer.example/jwks.json",
        "CAPTIONS_URL": "wss://calls.example/captions",
        "PUBLIC_ORIGIN": "https://calls.example",
        "MEDIA_URL": "wss://calls.example/media",
        "TWILIO_SECRET_ARN": "arn:twilio",
    }

    run = _run(settings)

    assert run.returncode == 0, run.stderr
    log, answer = run.stdout.splitlines()
    assert json.loads(log)["event"] == "request-ended"
    assert json.loads(answer)["statusCode"] == 200


def test_the_lambda_does_not_start_without_its_settings() -> None:
    run = _run({"TABLE_NAME": "ringscribe"})

    assert run.returncode == 1
    assert "JWKS_URL" in run.stderr
