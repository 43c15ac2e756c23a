"""Invariant: whatever a program sends, allowed by the OpenAPI document or not, it answers as the document says.

Schemathesis makes the requests from the document alone and checks each answer against it: status, media type, headers,
schema, that what is allowed is taken and what is not refused, and that a token is asked for.
"""

from dataclasses import replace
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.parameters import ParameterLocation

from functions.api.app import create_app
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.hooks import Hook, HookId
from telephony.jobs import Job, JobId, JobKind
from telephony.numbers import Number, is_textable
from telephony.telling import Telling
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Issuer, memory_ports

Case = schemathesis.Case[Any]

EXAMPLES: Final = 10
"""For each route and each kind of data: the whole file takes under a minute."""

PLACES: Final = {
    "mailbox_id": examples.MAILBOX.id,
    "call_sid": examples.CALL_SID,
    "number": examples.NUMBER,
    "channel": Channel.SMS.value,
    "recipient": examples.OWNER,
    "token": "no-such-link",
    "job_id": "7" * 32,
    "webhook_id": "crm",
}
"""What there is, so that requests get past the door; data that the document forbids stays as it was made."""

NOTHING_CAN_BE_WRONG: Final = {"/api/health", "/api/listen/{token}"}
"""Routes that take nothing, or any text."""

SENSIBLE: Final[dict[str, dict[str, object]]] = {
    "/api/mailboxes/{mailbox_id}/erasures": {"caller": examples.CALLER},
    "/api/mailboxes/{mailbox_id}/exports": {"since": "2000-01-01T00:00:00Z", "until": "2001-01-01T00:00:00Z"},
    "/api/mailboxes/{mailbox_id}/imports": {"started_at": "2001-01-01T00:00:00Z"},
    "/api/mailboxes/{mailbox_id}/reindexes": {"since": "2000-01-01T00:00:00Z", "until": "2001-01-01T00:00:00Z"},
    "/api/mailboxes/{mailbox_id}/search": {"q": "hello"},
}
"""Of bodies and queries, what goes together in ways that the document has no words for."""

TELLING: Final = {"language": "de", "webhooks": [{"id": "crm", "url": "https://crm.example.com/"}]}
"""Templates and addresses keep to rules that the document has no words for."""

ISSUER: Final = Issuer()


def _table() -> MemoryTable:
    table = MemoryTable()
    telling = Telling(hooks=(Hook(HookId(PLACES["webhook_id"]), "https://crm.example.com/"),))
    table.directory.put(replace(examples.MAILBOX, telling=telling), [Number(examples.NUMBER, examples.MAILBOX.id)])
    table.calls.begin(examples.CALL, None)
    table.transcripts.save([examples.ended_stream()], [examples.utterance("Hello there.")])
    table.recordings.report(examples.RECORDING)
    table.recordings.stored(examples.CALL_SID, examples.RECORDING_SID, "recordings/a.wav")
    sms = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
    table.deliveries.claim(sms, examples.NOON)
    table.deliveries.finish(Delivery(sms, DeliveryState.SENT, examples.NOON, "SM1"))
    table.jobs.submit(
        Job(JobId(PLACES["job_id"]), JobKind.EXPORT, examples.MAILBOX.id, "ada", examples.NOON, examples.NOON)
    )
    return table


def _operations() -> list[tuple[str, str]]:
    paths = create_app(memory_ports(MemoryTable(), MemoryAudio(), FixedClock(), ISSUER)).openapi()["paths"]
    return [(path, method.upper()) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        (path, method, mode)
        for path, method in _operations()
        for mode in schemathesis.GenerationMode
        if mode is schemathesis.GenerationMode.POSITIVE or path not in NOTHING_CAN_BE_WRONG
    ],
)
def test_the_document_is_true(path: str, method: str, mode: schemathesis.GenerationMode) -> None:
    app = create_app(memory_ports(_table(), MemoryAudio(), FixedClock(), ISSUER))
    operation = schemathesis.openapi.from_asgi("/api/openapi.json", app)[path][method]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def probe(case: Case) -> None:
        _get_past_the_door(case)
        # A header that is wrong may be the token's own: then it is left as it was made.
        is_wrong = _is_forbidden(case, ParameterLocation.HEADER)
        case.call_and_validate(headers={} if is_wrong else {"Authorization": f"Bearer {ISSUER.token()}"})

    probe()


def _get_past_the_door(case: Case) -> None:
    """Name what there is, where the request names what the document allows, and keep to what it has no words for."""
    if _is_allowed(case, ParameterLocation.PATH):
        case.path_parameters = {name: PLACES[name] for name in case.path_parameters}
    if _is_allowed(case, ParameterLocation.QUERY):
        case.query.pop("cursor", None)  # one that the list did not give is refused, as it must be
        if case.operation.path.endswith("/search"):
            case.query = dict(SENSIBLE[case.operation.path])
    if case.operation.method == "post" and _is_allowed(case, ParameterLocation.BODY):
        posted: Any = case.body
        posted |= SENSIBLE.get(case.operation.path, {})
    if case.operation.method == "post" and not _is_forbidden(case, ParameterLocation.HEADER):
        case.headers.pop("idempotency-key", None)  # of a key that was used for something else, a refusal is right
    if case.operation.method in {"patch", "put"} and not _is_forbidden(case, ParameterLocation.HEADER):
        case.headers.pop("If-None-Match", None)
        case.headers["If-Match"] = "*"
    if case.operation.method == "put" and _is_allowed(case, ParameterLocation.BODY):
        body: Any = case.body
        numbers = {each["number"]: each for each in body["numbers"]}
        body |= {"id": PLACES["mailbox_id"], "timezone": "Europe/Vienna", "numbers": list(numbers.values())}
        body["sms_recipients"] = [each for each in body.get("sms_recipients", ()) if is_textable(each)]
        body |= {"telling": TELLING, "redact": []}


def _is_forbidden(case: Case, location: ParameterLocation) -> bool:
    assert case.meta is not None
    part = case.meta.components.get(location)
    return part is not None and part.mode is schemathesis.GenerationMode.NEGATIVE


def _is_allowed(case: Case, location: ParameterLocation) -> bool:
    assert case.meta is not None
    part = case.meta.components.get(location)
    return part is not None and part.mode is schemathesis.GenerationMode.POSITIVE
