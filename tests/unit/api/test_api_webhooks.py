"""Programs' secrets through the API: shown when they are made, and another one given when that is asked for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.api.ports import ApiPorts
from telephony.hooks import HookId, signature
from telephony.numbers import MailboxId, Number
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.state import State
from tests.fakes.table import MemoryTable
from tests.fakes.telling import MemoryHookSecrets
from tests.unit.api.asking import Answer, Gateway, Issuer

DESK = "/api/mailboxes/front-desk"
CRM, ERP = ({"id": each, "url": f"https://{each}.example.com/"} for each in ("crm", "erp"))
SECRET = f"{DESK}/webhooks/crm/secret"


@pytest.fixture(autouse=True)
def _mailbox(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, [Number(examples.NUMBER, examples.MAILBOX.id)])


def _put(api: Gateway, issuer: Issuer, *webhooks: dict[str, str]) -> Answer:
    before = api.get(DESK, issuer.token())
    document = before.json() | {"telling": {"webhooks": list(webhooks)}}
    return api.ask("PUT", DESK, issuer.token(), body=document, headers={"if-match": before.headers["etag"]})


def _valid(table: MemoryTable, clock: FixedClock, hook: str = "crm") -> tuple[str, ...]:
    return table.hook_secrets.valid(MailboxId("front-desk"), HookId(hook), clock.now())


def test_a_secret_is_shown_when_it_is_made_and_nowhere_else(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = _put(api, issuer, CRM)

    [shown] = stored.json()["webhook_secrets"]
    assert shown == {"webhook_id": "crm", "secret": shown["secret"], "previous_valid_until": None}
    assert _valid(table, clock) == (shown["secret"],)
    again = _put(api, issuer, CRM)
    rotated = api.ask("POST", SECRET, issuer.token())
    assert "webhook_secrets" not in again.json()
    assert shown["secret"] not in again.body + api.get(DESK, issuer.token()).body + rotated.body
    printed = "".join(capsys.readouterr())
    assert "request-ended" in printed
    assert not [each for each in (shown["secret"], rotated.json()["secret"]) if each in printed]


def test_only_the_webhooks_that_are_new_get_a_secret(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    _put(api, issuer, CRM)
    known = _valid(table, clock)

    answer = _put(api, issuer, ERP, CRM | {"url": "https://elsewhere.example.com/"})

    assert [each["webhook_id"] for each in answer.json()["webhook_secrets"]] == ["erp"]
    assert _valid(table, clock) == known


def test_a_mailbox_that_is_created_with_webhooks_shows_their_secrets(api: Gateway, issuer: Issuer) -> None:
    document: dict[str, Any] = {"id": "annex", "name": "Annex", "numbers": [{"number": "+15005550020"}]}
    document["telling"] = {"webhooks": [CRM, ERP]}

    answer = api.ask("PUT", "/api/mailboxes/annex", issuer.token(), body=document, headers={"if-none-match": "*"})

    assert answer.status == 201
    assert len({each["secret"] for each in answer.json()["webhook_secrets"]}) == 2


def test_a_webhook_that_was_away_gets_another_secret(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    [old] = _put(api, issuer, CRM).json()["webhook_secrets"]
    _put(api, issuer)

    [new] = _put(api, issuer, CRM).json()["webhook_secrets"]

    assert new["secret"] != old["secret"]
    assert _valid(table, clock) == (new["secret"],)


def test_another_secret_leaves_the_one_before_valid_for_a_day(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    [old] = _put(api, issuer, CRM).json()["webhook_secrets"]

    answer = api.ask("POST", SECRET, issuer.token())

    new = answer.json()
    assert answer.status == 201
    assert new["previous_valid_until"] == (clock.now() + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert _valid(table, clock) == (new["secret"], old["secret"])
    clock.advance(timedelta(hours=24))
    assert _valid(table, clock) == (new["secret"],)


def test_a_secret_that_became_known_ends_at_once(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    _put(api, issuer, CRM)
    api.ask("POST", SECRET, issuer.token())
    assert api.ask("POST", SECRET, issuer.token()).status == 409

    answer = api.ask("POST", SECRET, issuer.token(), keep_previous_hours=0)

    assert answer.json()["previous_valid_until"] is None
    assert _valid(table, clock) == (answer.json()["secret"],)


def test_a_repeat_is_shown_the_same_secret_and_changes_nothing(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    _put(api, issuer, CRM)
    first, second = (api.ask("POST", SECRET, issuer.token(), headers={"idempotency-key": "k"}) for _ in range(2))

    assert first.json() == second.json()
    assert len(_valid(table, clock)) == 2


def test_a_secret_that_cannot_be_made_is_missing_and_can_be_asked_for(
    api: Gateway, ports: ApiPorts, issuer: Issuer
) -> None:
    lame = Gateway(replace(ports, hook_secrets=MemoryHookSecrets(State(is_down=True))))

    answer = _put(lame, issuer, CRM)

    assert answer.status == 200
    assert "webhook_secrets" not in answer.json()
    assert api.ask("POST", SECRET, issuer.token()).json()["secret"]


@pytest.mark.parametrize("hours", [-1, 169, "long"])
def test_how_long_the_one_before_stays_valid_has_bounds(api: Gateway, issuer: Issuer, hours: object) -> None:
    _put(api, issuer, CRM)

    assert api.ask("POST", SECRET, issuer.token(), keep_previous_hours=hours).status == 422


def test_a_webhook_that_there_is_not_has_no_secret(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    answer = api.ask("POST", SECRET, issuer.token())

    assert (answer.status, answer.json()["detail"]) == (404, "no such webhook")
    assert not table.state.hook_secrets


def test_who_reads_only_gets_no_secret(api: Gateway, issuer: Issuer) -> None:
    _put(api, issuer, CRM)

    assert api.ask("POST", SECRET, issuer.token(scope="ringscribe/read")).status == 403


def test_what_is_shown_is_what_signs(api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock) -> None:
    [shown] = _put(api, issuer, CRM).json()["webhook_secrets"]

    assert signature(_valid(table, clock), clock.now(), b"{}") == signature([shown["secret"]], clock.now(), b"{}")
