"""Every route asks for a token, for its scope, and for one's own mailbox: driven from the routes the app has."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pytest

from functions.api.app import create_app
from functions.api.auth import Scope
from telephony.deliveries import Channel
from telephony.jobs import Job, JobId, JobKind
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer, memory_ports

VAULT: Final = MailboxId("vault")
VAULT_NUMBER: Final = E164("+15005550042")

PLACES: Final = {
    "mailbox_id": VAULT,
    "call_sid": examples.OTHER_CALL_SID,
    "number": VAULT_NUMBER,
    "channel": Channel.SMS.value,
    "recipient": examples.OWNER,
    "job_id": "7" * 32,
    "webhook_id": "crm",
}
"""For each name in a route's path, something of the vault's, which is Grace's and not Ada's. A new name goes here."""

NOBODYS: Final = {
    "mailbox_id": "nowhere",
    "call_sid": "CA" + "9" * 32,
    "number": "+15005550099",
    "channel": Channel.SMS.value,
    "recipient": examples.OWNER,
    "job_id": "9" * 32,
    "webhook_id": "crm",
}
"""For each name something that does not exist."""

OPEN: Final = {"/api/health", "/api/listen/{token}"}
OF_THE_SUBJECT: Final = {"/api/mailboxes", "/api/calls"}
"""Routes that name nothing of anybody's: what they give is the subject's own, which has a test of its own."""


@dataclass(frozen=True)
class Door:
    """One route that asks for a token."""

    method: str
    path: str
    scope: str
    has_cursor: bool

    def at(self, places: dict[str, str]) -> str:
        return self.path.format(**places)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _doors() -> Iterator[Door]:
    document = create_app(memory_ports(MemoryTable(), MemoryAudio(), FixedClock(), Issuer())).openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path not in OPEN:
                ((scope,),) = (each["token"] for each in operation["security"])
                has_cursor = any(each["name"] == "cursor" for each in operation.get("parameters", ()))
                yield Door(method.upper(), path, scope, has_cursor)


DOORS: Final = list(_doors())
every_door = pytest.mark.parametrize("door", DOORS, ids=str)


@pytest.fixture(autouse=True)
def _vault(table: MemoryTable) -> None:
    table.directory.put(Mailbox(VAULT, "Vault", readers=("grace",)), [Number(VAULT_NUMBER, VAULT)])
    table.directory.put(examples.MAILBOX, [Number(examples.NUMBER, examples.MAILBOX.id)])
    table.calls.begin(examples.CALL, None)
    table.calls.begin(replace(examples.CALL, sid=examples.OTHER_CALL_SID, mailbox_id=VAULT), None)
    job_id = JobId(PLACES["job_id"])
    table.jobs.submit(Job(job_id, JobKind.EXPORT, VAULT, "grace", examples.NOON, examples.NOON))


@every_door
@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        ({}, 'Bearer realm="ringscribe"'),
        ({"exp": int(time.time()) - 3_600}, 'Bearer realm="ringscribe", error="invalid_token"'),
        ({"aud": "another"}, 'Bearer realm="ringscribe", error="invalid_token"'),
    ],
    ids=["no token", "expired", "wrong audience"],
)
def test_no_door_opens_without_a_token_that_is_valid_and_for_us(
    api: Gateway, issuer: Issuer, table: MemoryTable, door: Door, authorization: dict[str, object], challenge: str
) -> None:
    token = issuer.token(**authorization) if authorization else None
    table.is_down = True  # so that nothing was looked up first

    answer = api.ask(door.method, door.at(PLACES), token)

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == challenge


@every_door
def test_no_door_opens_with_another_doors_scope(api: Gateway, issuer: Issuer, table: MemoryTable, door: Door) -> None:
    others = " ".join(scope for scope in Scope if scope != door.scope)
    table.is_down = True

    answer = api.ask(door.method, door.at(PLACES), issuer.token(scope=others))

    assert answer.status == 403
    assert f'error="insufficient_scope", scope="{door.scope}"' in answer.headers["www-authenticate"]


@every_door
def test_what_is_anothers_is_as_missing_as_what_does_not_exist(
    api: Gateway, issuer: Issuer, table: MemoryTable, door: Door
) -> None:
    if door.path in OF_THE_SUBJECT:
        assert "{" not in door.path
        return
    before = json.dumps(vars(table.state), default=str)

    anothers = api.ask(door.method, door.at(PLACES), issuer.token(scope=door.scope))
    nobodys = api.ask(door.method, door.at(NOBODYS), issuer.token(scope=door.scope))

    assert anothers == nobodys
    assert anothers.status == 404
    assert json.dumps(vars(table.state), default=str) == before


@pytest.mark.parametrize("door", [each for each in DOORS if each.has_cursor], ids=str)
@pytest.mark.parametrize("cursor", ["x", "W10", "", "vault.CA1", "A" * 2_000])
def test_a_list_goes_on_from_no_cursor_but_its_own(api: Gateway, issuer: Issuer, door: Door, cursor: str) -> None:
    mine = {"mailbox_id": examples.MAILBOX.id, "call_sid": examples.CALL_SID}

    answer = api.ask(door.method, door.at(mine), issuer.token(scope=door.scope), cursor=cursor)

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
