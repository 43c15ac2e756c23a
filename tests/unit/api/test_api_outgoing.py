"""A program may have somebody rung: once, not too often, and nobody who cannot be meant."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.api.ports import ApiPorts
from telephony.calls import Call, CallSid, CallStage, CallStatus, Direction
from telephony.errors import TelephonyError, UpstreamError, WireError
from telephony.idempotency import LEASE, LIFETIME
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.outgoing import MOST_AN_HOUR
from telephony.streams import Ticket
from tests import examples
from tests.fakes.calls import MemoryCalls
from tests.fakes.clock import FixedClock
from tests.fakes.control import MemoryControl
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import NO_HEADERS, Answer, Gateway, Issuer

CALLS = "/api/calls"
TO = "+14155550177"
NOTHING: Mapping[str, object] = {}
OTHERS_NUMBER = E164("+15005550042")


@pytest.fixture
def control(ports: ApiPorts) -> MemoryControl:
    assert isinstance(ports.control, MemoryControl)
    return ports.control


@pytest.fixture(autouse=True)
def _mailboxes(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, [Number(examples.NUMBER, examples.MAILBOX.id)])
    vault = Mailbox(MailboxId("vault"), "Vault", readers=("grace",))
    table.directory.put(vault, [Number(OTHERS_NUMBER, vault.id)])


def _ring(
    api: Gateway, issuer: Issuer, changes: Mapping[str, object] = NOTHING, headers: Mapping[str, str] = NO_HEADERS
) -> Answer:
    body = {"mailbox_id": examples.MAILBOX.id, "from": examples.NUMBER, "to": TO, **changes}
    return api.ask("POST", CALLS, issuer.token(), body=body, headers=headers)


def test_somebody_is_rung_and_the_call_is_written_down(
    api: Gateway, issuer: Issuer, table: MemoryTable, control: MemoryControl
) -> None:
    answer = _ring(api, issuer)

    assert answer.status == 201
    shown = answer.json()
    assert (shown["direction"], shown["number"], shown["caller"]) == ("outbound", examples.NUMBER, TO)
    assert control.asked == [("dial", f"{examples.NUMBER} {TO}")]
    call = table.calls.get(CallSid(shown["call_sid"]))
    assert (call.direction, call.stage, call.status) == (
        Direction.OUTBOUND,
        CallStage.RINGING_PERSON,
        CallStatus.QUEUED,
    )


def test_a_request_that_is_repeated_with_its_key_rings_once(
    api: Gateway, issuer: Issuer, control: MemoryControl
) -> None:
    first = _ring(api, issuer, headers={"idempotency-key": "k"})
    again = _ring(api, issuer, headers={"idempotency-key": "k"})
    assert (again.status, again.json()) == (201, first.json())
    assert len(control.asked) == 1
    assert _ring(api, issuer, {"to": "+14155550178"}, {"idempotency-key": "k"}).status == 422


def test_a_mailbox_rings_so_often_in_an_hour_and_no_more(api: Gateway, issuer: Issuer, control: MemoryControl) -> None:
    statuses = [_ring(api, issuer).status for _ in range(MOST_AN_HOUR + 1)]
    assert statuses == [201] * MOST_AN_HOUR + [429]
    assert len(control.asked) == MOST_AN_HOUR


@pytest.mark.parametrize(
    "to",
    [examples.NUMBER, OTHERS_NUMBER, "+266696687", "+8656696", "+112"],
    ids=["the number itself", "another of ours", "withheld", "unknown", "too short"],
)
def test_nobody_is_rung_who_cannot_be_meant(api: Gateway, issuer: Issuer, control: MemoryControl, to: str) -> None:
    assert _ring(api, issuer, {"to": to}).status == 409
    assert control.asked == []


@pytest.mark.parametrize(
    "changes",
    [{"to": "anonymous"}, {"to": "911"}, {"from": ""}, {"mailbox_id": "a#b"}, {"say": "hello"}],
)
def test_what_is_no_request_is_refused(
    api: Gateway, issuer: Issuer, control: MemoryControl, changes: dict[str, object]
) -> None:
    assert _ring(api, issuer, changes).status == 422
    assert control.asked == []


@pytest.mark.parametrize(
    "changes",
    [{"mailbox_id": "vault", "from": OTHERS_NUMBER}, {"mailbox_id": "nowhere"}, {"from": OTHERS_NUMBER}],
    ids=["another's mailbox", "no mailbox", "another's number"],
)
def test_anothers_mailbox_and_number_are_not_there(
    api: Gateway, issuer: Issuer, control: MemoryControl, changes: dict[str, object]
) -> None:
    assert _ring(api, issuer, changes).status == 404
    assert control.asked == []


def test_reading_is_not_enough_to_ring(api: Gateway, issuer: Issuer, control: MemoryControl) -> None:
    assert api.ask("POST", CALLS, issuer.token(scope="ringscribe/read"), body={}).status == 403
    assert control.asked == []


def test_what_twilio_refuses_is_an_error_and_no_call(
    api: Gateway, issuer: Issuer, table: MemoryTable, control: MemoryControl
) -> None:
    control.refusals["dial"] = UpstreamError("twilio", "21211", retryable=False)
    assert _ring(api, issuer).status == 500
    assert table.state.calls == {}


NO_ANSWER = UpstreamError("twilio", "timeout", retryable=False, is_uncertain=True)
KEY = {"idempotency-key": "k"}
RUNG = CallSid("CA" + "7" * 32)


def test_who_may_be_ringing_is_not_rung_again_with_the_key_and_the_program_is_told_where_to_look(
    api: Gateway, issuer: Issuer, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    control.refusals["dial"] = NO_ANSWER
    first = _ring(api, issuer, headers=KEY)
    control.refusals.clear()
    clock.advance(LIFETIME - timedelta(seconds=1))
    again = _ring(api, issuer, headers=KEY)

    assert (first.status, first.headers["content-type"]) == (504, "application/problem+json")
    assert "rings nobody" in first.json()["detail"]
    assert (again.status, again.headers["content-type"], again.json()) == (
        504,
        "application/problem+json",
        first.json(),
    )
    assert (control.asked, table.state.calls) == ([], {})
    assert _ring(api, issuer, headers={"idempotency-key": "another"}).status == 201


def test_without_a_key_the_program_is_told_the_same(api: Gateway, issuer: Issuer, control: MemoryControl) -> None:
    control.refusals["dial"] = NO_ANSWER
    answer = _ring(api, issuer)
    assert (answer.status, answer.json()["title"]) == (504, "Gateway Timeout")
    assert "mailbox's list" in answer.json()["detail"]


def test_a_call_that_rings_all_the_same_is_found_and_written_down(
    api: Gateway, issuer: Issuer, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    known = _ring(api, issuer).json()["call_sid"]
    for sid in (RUNG, CallSid(known)):
        control.ringing.append((E164(TO), examples.NUMBER, sid, clock.now()))
    control.refusals["dial"] = NO_ANSWER

    answer = _ring(api, issuer, headers=KEY)

    assert (answer.status, answer.json()["call_sid"]) == (201, RUNG)
    assert table.calls.get(RUNG).caller == TO
    assert _ring(api, issuer, headers=KEY).json() == answer.json()


@pytest.mark.parametrize("trouble", [UpstreamError("twilio", "503", retryable=True), WireError("no SID")])
def test_if_twilio_cannot_say_what_rings_it_may_be_ringing(
    api: Gateway, issuer: Issuer, control: MemoryControl, trouble: TelephonyError
) -> None:
    control.refusals |= {"dial": NO_ANSWER, "dialled": trouble}
    assert _ring(api, issuer, headers=KEY).status == 504


def test_whoever_was_refused_may_ring_with_the_same_key(api: Gateway, issuer: Issuer, control: MemoryControl) -> None:
    control.refusals["dial"] = UpstreamError("twilio", "20429", retryable=True)
    assert _ring(api, issuer, headers=KEY).status == 503
    control.refusals.clear()
    assert _ring(api, issuer, headers=KEY).status == 201


def test_a_call_that_rings_is_answered_for_though_it_could_not_be_written_down(
    ports: ApiPorts,
    issuer: Issuer,
    control: MemoryControl,
    loop: None,  # noqa: ARG001 - it must be there
) -> None:
    class Away(MemoryCalls):
        def begin(self, call: Call, ticket: Ticket | None) -> None:
            raise UpstreamError("dynamodb", "InternalServerError", retryable=True)

    api = Gateway(replace(ports, calls=Away()))
    first = _ring(api, issuer, headers=KEY)
    assert (first.status, _ring(api, issuer, headers=KEY).json()) == (201, first.json())
    assert len(control.asked) == 1


def test_whoever_dies_over_a_call_leaves_no_repeat_that_rings_again(
    ports: ApiPorts,
    api: Gateway,
    issuer: Issuer,
    control: MemoryControl,
    clock: FixedClock,
    loop: None,  # noqa: ARG001
) -> None:
    class DeathError(Exception):
        """The process died."""

    class Dying(MemoryControl):
        def dial(self, to: E164, sender: E164) -> CallSid:
            super().dial(to, sender)
            raise DeathError

    dying = Dying()
    assert _ring(Gateway(replace(ports, control=dying)), issuer, headers=KEY).status == 500
    clock.advance(LEASE + timedelta(seconds=1))
    assert _ring(api, issuer, headers=KEY).status == 504
    assert (len(dying.asked), control.asked) == (1, [])
