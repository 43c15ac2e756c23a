"""Mailboxes and numbers through the API: listing, creating, changing, and who is told."""

from dataclasses import replace
from typing import Any

import pytest

from functions.api.ports import ApiPorts
from telephony.errors import UpstreamError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.opt_outs import REFUSAL_HOLDS, OptOut, OptOutSource
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.subscribers import MemorySubscribers
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

DESK = "/api/mailboxes/front-desk"
NEW = "/api/mailboxes/annex"
ANEW = {"if-none-match": "*"}
FREE = E164("+15005550020")
VAULT_NUMBER = E164("+15005550042")


@pytest.fixture(autouse=True)
def _mailboxes(table: MemoryTable) -> None:
    ringing = Number(examples.NUMBER, examples.MAILBOX.id, NumberMode.RING_FIRST, examples.OWNER, 25)
    table.directory.put(examples.MAILBOX, [ringing])
    vault = Mailbox(MailboxId("vault"), "Vault", readers=("grace",))
    table.directory.put(vault, [Number(VAULT_NUMBER, vault.id)])


@pytest.fixture
def subscribers(ports: ApiPorts) -> MemorySubscribers:
    assert isinstance(ports.subscribers, MemorySubscribers)
    return ports.subscribers


def _document(**changes: object) -> dict[str, Any]:
    return {"id": "annex", "name": "Annex", "numbers": [{"number": FREE}], **changes}


def _put(api: Gateway, token: str, path: str, document: object, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.ask("PUT", path, token, body=document, headers=named)


def test_one_sees_the_mailboxes_that_one_may_read_page_by_page(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    table.directory.put(Mailbox(MailboxId("annex"), "Annex", readers=("ada", "grace")), ())

    first = api.get("/api/mailboxes", issuer.token(), limit=1).json()
    second = api.get("/api/mailboxes", issuer.token(), limit=1, cursor=first["next_cursor"]).json()

    assert first["mailboxes"] == [{"mailbox_id": "annex", "name": "Annex"}]
    assert second == {"mailboxes": [{"mailbox_id": "front-desk", "name": "Front desk"}], "next_cursor": None}
    theirs = api.get("/api/mailboxes", issuer.token(sub="grace"), cursor=first["next_cursor"])
    assert theirs.status == 400
    assert api.get("/api/mailboxes", issuer.token(sub="nobody")).json() == {"mailboxes": [], "next_cursor": None}


def test_a_mailbox_is_shown_as_it_is_written_down_and_can_be_put_back(api: Gateway, issuer: Issuer) -> None:
    shown = api.get(DESK, issuer.token())

    assert shown.headers["etag"] == '"1"'
    assert shown.json()["numbers"] == [{"number": examples.NUMBER, "ring": examples.OWNER, "ring_seconds": 25}]
    stored = _put(api, issuer.token(), DESK, shown.json(), if_match='"1"')
    assert (stored.status, stored.json(), stored.headers["etag"]) == (200, shown.json(), '"2"')


def test_a_change_is_what_callers_hear(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    changed = {**api.get(DESK, issuer.token()).json(), "greeting": "We moved.", "numbers": [{"number": FREE}]}

    assert _put(api, issuer.token(), DESK, changed, if_match="*").status == 200

    number, mailbox = table.directory.answering(FREE)
    assert (number.mode, mailbox.greeting) == (NumberMode.VOICEMAIL, "We moved.")
    assert examples.NUMBER not in table.state.numbers


def test_a_change_to_a_version_that_is_gone_is_refused(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    shown = api.get(DESK, issuer.token())
    table.directory.put(replace(examples.MAILBOX, name="Theirs"), [])

    answer = _put(api, issuer.token(), DESK, shown.json(), if_match=shown.headers["etag"])

    assert answer.status == 412
    assert table.directory.mailbox(examples.MAILBOX.id).name == "Theirs"


def test_a_change_must_say_to_which_version(api: Gateway, issuer: Issuer) -> None:
    answer = _put(api, issuer.token(), DESK, api.get(DESK, issuer.token()).json())

    assert answer.status == 428
    assert "If-Match" in answer.json()["detail"]


def test_whoever_creates_a_mailbox_may_read_it(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    created = _put(api, issuer.token(), NEW, _document(readers=["grace"]), if_none_match="*")

    assert (created.status, created.headers["etag"]) == (201, '"1"')
    assert created.json()["readers"] == ["grace", "ada"]
    assert table.directory.answering(FREE)[1].id == "annex"
    assert {each["mailbox_id"] for each in api.get("/api/mailboxes", issuer.token()).json()["mailboxes"]} == {
        "annex",
        "front-desk",
    }
    mine = _put(
        api,
        issuer.token(),
        "/api/mailboxes/mine",
        _document(id="mine", numbers=[{"number": "+15005550021"}], readers=["ada"]),
        if_none_match="*",
    )
    assert mine.json()["readers"] == ["ada"]


@pytest.mark.parametrize(("path", "name"), [(DESK, "front-desk"), ("/api/mailboxes/vault", "vault")])
def test_a_mailbox_is_not_created_over_another(
    api: Gateway, issuer: Issuer, table: MemoryTable, path: str, name: str
) -> None:
    before = table.directory.mailbox(MailboxId(name))

    assert _put(api, issuer.token(), path, _document(id=name), if_none_match="*").status == 412
    assert table.directory.mailbox(MailboxId(name)) == before


def test_a_number_that_is_anothers_is_named(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    wanted = _document(numbers=[{"number": FREE}, {"number": VAULT_NUMBER}])

    answer = _put(api, issuer.token(), NEW, wanted, if_none_match="*")

    assert answer.status == 409
    assert VAULT_NUMBER in answer.json()["detail"]
    assert MailboxId("annex") not in table.state.mailboxes


def test_the_address_and_the_document_name_the_same_mailbox(api: Gateway, issuer: Issuer) -> None:
    assert _put(api, issuer.token(), NEW, _document(id="other"), if_none_match="*").status == 400


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"id": "Annex"}, "body.id"),
        ({"numbers": []}, "body.numbers"),
        ({"language": "en_US"}, "body.language"),
        ({"timezone": "Vienna"}, "body.timezone"),
        ({"colour": "red"}, "body.colour"),
        ({"sms_recipients": ["12"]}, "body.sms_recipients.0"),
    ],
)
def test_what_is_wrong_with_a_document_is_named(
    api: Gateway, issuer: Issuer, changes: dict[str, object], where: str
) -> None:
    answer = _put(api, issuer.token(), NEW, _document(**changes), if_none_match="*")

    assert answer.status == 422
    assert [fault["where"] for fault in answer.json()["errors"]] == [where]


def test_new_addresses_are_asked_to_agree_and_show_how_far_they_are(
    api: Gateway, issuer: Issuer, subscribers: MemorySubscribers
) -> None:
    subscribers.invite(MailboxId("vault"), "b@example.org")
    subscribers.agreed.add("b@example.org")
    wanted = _document(email_recipients=["a@example.org", "b@example.org"], sms_recipients=[examples.OWNER])
    _put(api, issuer.token(), NEW, wanted, if_none_match="*")

    shown = api.get(f"{NEW}/recipients", issuer.token()).json()

    assert shown == {
        "sms": [{"number": examples.OWNER, "opt_outs": []}],
        "email": [
            {"address": "a@example.org", "state": "pending"},
            {"address": "b@example.org", "state": "confirmed"},
        ],
    }
    assert subscribers.invited["a@example.org"] == "annex"


def test_who_wants_no_sms_is_shown_as_long_as_they_get_none(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    second, other = E164("+15005550008"), E164("+15005550101")
    mailbox = replace(examples.MAILBOX, sms_recipients=(examples.OWNER, other))
    numbers = [Number(each, mailbox.id) for each in (second, examples.NUMBER)]
    table.directory.put(mailbox, numbers)
    now = clock.now()
    table.opt_outs.mark(OptOut(examples.OWNER, second, now, OptOutSource.REFUSAL))
    table.opt_outs.mark(OptOut(examples.OWNER, examples.NUMBER, now, OptOutSource.STOP))
    table.opt_outs.mark(OptOut(other, VAULT_NUMBER, now, OptOutSource.STOP))

    def shown() -> Any:  # noqa: ANN401 - of JSON
        return api.get(f"{DESK}/recipients", issuer.token()).json()["sms"]

    at = "2026-03-02T09:30:00Z"
    stop = {"number": examples.NUMBER, "since": at, "source": "stop"}
    refusal = {"number": second, "since": at, "source": "refusal"}
    nothing = {"number": other, "opt_outs": []}
    assert shown() == [{"number": examples.OWNER, "opt_outs": [stop, refusal]}, nothing]

    clock.advance(REFUSAL_HOLDS)
    assert shown() == [{"number": examples.OWNER, "opt_outs": [stop]}, nothing]

    table.opt_outs.lift(examples.OWNER, examples.NUMBER, clock.now())
    assert shown() == [{"number": examples.OWNER, "opt_outs": []}, nothing]


def test_a_mailbox_is_stored_even_if_nobody_can_be_asked_and_putting_it_again_asks(
    api: Gateway, issuer: Issuer, subscribers: MemorySubscribers
) -> None:
    subscribers.refusals = [UpstreamError("sns", "Throttled", retryable=True)]
    document = _document(email_recipients=["a@example.org"])
    assert _put(api, issuer.token(), NEW, document, if_none_match="*").status == 201
    assert api.get(f"{NEW}/recipients", issuer.token()).json()["email"][0]["state"] == "absent"

    assert _put(api, issuer.token(), NEW, document, if_match="*").status == 200

    assert subscribers.invited == {"a@example.org": "annex"}


class _Unlisted(MemorySubscribers):
    """Subscribers whom nobody can list."""

    def states(self, addresses: object) -> Any:  # noqa: ANN401 - it never returns
        raise UpstreamError("sns", "Throttled", retryable=True)


@pytest.mark.usefixtures("loop")
def test_a_mailbox_is_stored_even_if_nobody_can_be_listed(ports: ApiPorts, issuer: Issuer) -> None:
    api = Gateway(replace(ports, subscribers=_Unlisted()))

    assert _put(api, issuer.token(), NEW, _document(), if_none_match="*").status == 201
    assert api.get(f"{NEW}/recipients", issuer.token()).status == 503


def test_a_number_shows_its_mailbox_and_a_mailbox_its_numbers(api: Gateway, issuer: Issuer) -> None:
    number = {
        "number": examples.NUMBER,
        "mailbox_id": "front-desk",
        "mode": "ring-first",
        "ring_target": examples.OWNER,
        "ring_seconds": 25,
    }

    assert api.get(f"/api/numbers/{examples.NUMBER}", issuer.token()).json() == number
    assert api.get(f"{DESK}/numbers", issuer.token()).json() == {"numbers": [number]}
    assert api.get("/api/numbers/12", issuer.token()).status == 422
