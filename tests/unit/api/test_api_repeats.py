"""Whatever creates something is done once for each Idempotency-Key, on every route in the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from functions.api.app import create_app
from functions.api.ports import ApiPorts
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.hooks import Hook, HookId
from telephony.idempotency import LEASE, Answered, RequestKey
from telephony.keeping import Keeping
from telephony.numbers import Number
from telephony.telling import Telling
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.idempotency import MemoryIdempotency
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

MAILBOX = "/api/mailboxes/{mailbox_id}"
CALL = "/api/calls/{call_sid}"
PLACES = {
    "mailbox_id": examples.MAILBOX.id,
    "call_sid": examples.CALL_SID,
    "channel": Channel.SMS.value,
    "recipient": examples.OWNER,
    "webhook_id": "crm",
}
SPAN = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}
JOBS = ("/erasures", "/exports", "/reindexes", "/imports")
REPEATED_WITHOUT_A_KEY = {f"{CALL}/pause", f"{CALL}/resume", "/api/jobs/{job_id}/start"}
"""What is as it was asked to be, however often it is asked for."""


@dataclass(frozen=True)
class Creating:
    """A request that creates something; *query* and *body* tell it from another one to the same address."""

    path: str
    body: Mapping[str, object] | None = None
    change: Mapping[str, object] | None = None

    def ask(self, api: Gateway, token: str, key: str | None = "k-1", *, is_other: bool = False) -> Answer:
        path = self.path.format(**PLACES)
        headers = {} if key is None else {"idempotency-key": key}
        if self.body is None:
            query = {"of": "another"} if is_other else {}
            return api.ask("POST", path, token, headers=headers, **query)
        body = {**self.body, **(self.change or {})} if is_other else self.body
        return api.ask("POST", path, token, headers=headers, body=body)


CREATING = (
    Creating(f"{CALL}/captions"),
    Creating(f"{CALL}/deliveries/{{channel}}/{{recipient}}/resend"),
    Creating(
        "/api/calls",
        {"mailbox_id": examples.MAILBOX.id, "from": examples.NUMBER, "to": "+14155550177"},
        {"to": "+14155550178"},
    ),
    Creating(f"{MAILBOX}/webhooks/{{webhook_id}}/secret"),
    Creating(f"{MAILBOX}/erasures", {"caller": examples.CALLER}, {"caller": "+15005550009"}),
    Creating(f"{MAILBOX}/exports", SPAN, {"since": "2026-03-02T00:00:00Z"}),
    Creating(f"{MAILBOX}/reindexes", SPAN, {"since": "2026-03-02T00:00:00Z"}),
    Creating(
        f"{MAILBOX}/imports",
        {"size_bytes": 48_044, "started_at": "2026-02-01T10:00:00Z", "number": examples.NUMBER},
        {"size_bytes": 7},
    ),
)
every_route = pytest.mark.parametrize("creating", CREATING, ids=lambda each: each.path)


class _NeverDone(MemoryIdempotency):
    """Remembers no answer, as when whoever is answering has not come so far."""

    def answer(self, request: RequestKey, answered: Answered) -> None:
        """Keep nothing."""


@pytest.fixture(autouse=True)
def _told(table: MemoryTable) -> None:
    telling = Telling(hooks=(Hook(HookId(PLACES["webhook_id"]), "https://crm.example.com/"),))
    table.directory.put(replace(examples.MAILBOX, telling=telling), [Number(examples.NUMBER, examples.MAILBOX.id)])
    table.calls.begin(examples.CALL, None)
    sms = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
    table.deliveries.claim(sms, examples.NOON)
    table.deliveries.finish(Delivery(sms, DeliveryState.SENT, examples.NOON, "SM1"))


def _made(table: MemoryTable) -> dict[str, Any]:
    """Return all that there is."""
    return {name: dict(things) for name, things in vars(table.state).items() if isinstance(things, dict)}


def test_every_route_that_creates_honours_the_key_and_documents_what_it_answers(ports: ApiPorts) -> None:
    paths: Mapping[str, Any] = create_app(ports).openapi()["paths"]
    posts = {path: methods["post"] for path, methods in paths.items() if "post" in methods}

    assert {each.path for each in CREATING} == set(posts) - REPEATED_WITHOUT_A_KEY
    for path, post in posts.items():
        takes_key = any(each["name"] == "idempotency-key" for each in post["parameters"])
        assert takes_key == (path not in REPEATED_WITHOUT_A_KEY)
        assert {"409", "422"} <= post["responses"].keys()


@every_route
def test_a_repeat_gets_the_first_answer_and_creates_nothing(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock, creating: Creating
) -> None:
    first = creating.ask(api, issuer.token())
    made = _made(table)
    clock.advance(timedelta(hours=23))

    assert first.status in {201, 202}
    assert creating.ask(api, issuer.token()) == first
    assert _made(table) == made


@every_route
def test_another_request_with_the_key_is_refused(
    api: Gateway, issuer: Issuer, table: MemoryTable, creating: Creating
) -> None:
    creating.ask(api, issuer.token())
    made = _made(table)

    refused = creating.ask(api, issuer.token(), is_other=True)

    assert (refused.status, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["detail"] == "this Idempotency-Key was used for another request"
    assert _made(table) == made


@every_route
def test_a_repeat_before_the_first_answer_is_refused_until_whoever_owes_that_must_have_died(
    ports: ApiPorts,
    issuer: Issuer,
    table: MemoryTable,
    clock: FixedClock,
    creating: Creating,
    loop: None,  # noqa: ARG001 - it must be there, and has no value
) -> None:
    api = Gateway(replace(ports, idempotency=_NeverDone()))
    first = creating.ask(api, issuer.token())
    made = _made(table)
    clock.advance(LEASE - timedelta(seconds=1))

    refused = creating.ask(api, issuer.token())

    assert (refused.status, refused.headers["content-type"]) == (409, "application/problem+json")
    assert refused.json()["detail"] == "the request is being answered"
    assert _made(table) == made
    clock.advance(timedelta(seconds=1))
    assert creating.ask(api, issuer.token()).status == first.status


@pytest.mark.parametrize("creating", [each for each in CREATING if each.path.endswith(JOBS)], ids=lambda e: e.path)
def test_a_job_is_another_one_with_another_key_or_without_one(
    api: Gateway, issuer: Issuer, table: MemoryTable, creating: Creating
) -> None:
    asked = [creating.ask(api, issuer.token(), key).json()["job_id"] for key in ("k-1", "k-2", None, None)]

    assert len(set(asked)) == len(table.state.jobs) == 4


def test_what_was_accepted_before_a_hold_is_answered_alike_after_it(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    erasing = next(each for each in CREATING if each.path.endswith("/erasures"))
    first = erasing.ask(api, issuer.token())
    table.directory.put(replace(examples.MAILBOX, keeping=Keeping(is_on_hold=True)), ())

    assert erasing.ask(api, issuer.token()) == first
    assert erasing.ask(api, issuer.token(), "k-2").status == 409
