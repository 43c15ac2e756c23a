"""Who was told of a call, telling them again, and requests that are repeated."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.calls import CallStage
from telephony.deliveries import MOST_REPEATS, Channel, Delivery, DeliveryId, DeliveryState
from telephony.hooks import Hook, HookEvent, HookId
from telephony.idempotency import LIFETIME
from telephony.telling import Telling
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

DELIVERIES = f"/api/calls/{examples.CALL_SID}/deliveries"
RESEND = f"{DELIVERIES}/sms/{examples.OWNER}/resend"
SMS = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
KEY = {"idempotency-key": "k-1"}


@pytest.fixture(autouse=True)
def _told(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())
    table.calls.begin(examples.CALL, None)
    table.deliveries.claim(SMS, examples.NOON)
    table.deliveries.finish(Delivery(SMS, DeliveryState.SENT, examples.NOON, "SM1"))


def test_each_delivery_shows_what_became_of_it(api: Gateway, issuer: Issuer) -> None:
    assert api.get(DELIVERIES, issuer.token()).json() == {
        "deliveries": [
            {
                "channel": "sms",
                "recipient": examples.OWNER,
                "state": "sent",
                "changed_at": "2026-03-02T12:00:00Z",
                "reference": "SM1",
                "trouble": "",
                "asked_at": None,
            }
        ]
    }


def test_a_delivery_is_asked_for_again(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    answer = api.ask("POST", RESEND, issuer.token())

    assert (answer.status, answer.json()["state"], answer.json()["asked_at"]) == (202, "again", "2026-03-02T09:30:00Z")
    assert table.state.deliveries[SMS].state is DeliveryState.AGAIN
    assert api.ask("POST", RESEND, issuer.token()) == answer


def test_a_delivery_that_is_under_way_is_not(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.deliveries.ask_again(SMS, examples.NOON)
    table.deliveries.claim(SMS, examples.NOON)

    assert api.ask("POST", RESEND, issuer.token()).status == 409


def test_a_message_is_not_sent_again_without_end(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    statuses = []
    for number in range(MOST_REPEATS + 1):
        statuses.append(api.ask("POST", RESEND, issuer.token()).status)
        if statuses[-1] == 202:
            table.deliveries.claim(SMS, examples.NOON)
            table.deliveries.finish(Delivery(SMS, DeliveryState.SENT, examples.NOON, f"SM-{number}"))

    assert statuses == [202] * MOST_REPEATS + [409]


def test_nobody_is_told_who_is_not_told_any_more(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.directory.put(replace(examples.MAILBOX, sms_recipients=()), ())

    assert api.ask("POST", RESEND, issuer.token()).status == 409
    assert table.state.deliveries[SMS].state is DeliveryState.SENT


def test_a_program_is_told_again_while_it_is_told_of_such_events(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    told = DeliveryId(examples.CALL_SID, Channel.WEBHOOK, "crm:voicemail.completed")
    table.deliveries.claim(told, examples.NOON)
    table.deliveries.finish(Delivery(told, DeliveryState.SENT, examples.NOON, "0"))
    hook = Hook(HookId("crm"), "https://crm.example/")
    resend = f"{DELIVERIES}/webhook/{told.recipient}/resend"

    for hooks in ((), (replace(hook, id=HookId("desk")),), (replace(hook, events=(HookEvent.MISSED,)),)):
        table.directory.put(replace(examples.MAILBOX, telling=Telling(hooks=hooks)), ())
        assert api.ask("POST", resend, issuer.token()).status == 409

    table.directory.put(replace(examples.MAILBOX, telling=Telling(hooks=(hook,))), ())
    assert api.ask("POST", resend, issuer.token()).status == 202
    assert table.state.deliveries[told].state is DeliveryState.AGAIN


@pytest.mark.parametrize(
    "tail", ["sms/+15005550011/resend", "email/front-desk/resend", "webhook/no-event/resend", "webhook/a:b/resend"]
)
def test_what_was_never_sent_is_not_there(api: Gateway, issuer: Issuer, tail: str) -> None:
    assert api.ask("POST", f"{DELIVERIES}/{tail}", issuer.token()).status == 404
    assert api.ask("POST", f"{DELIVERIES}/pigeon/x/resend", issuer.token()).status == 422


def _captions(api: Gateway, token: str, key: str = "k-1", **query: str) -> Answer:
    return api.ask("POST", f"/api/calls/{examples.CALL_SID}/captions", token, headers={"idempotency-key": key}, **query)


def test_a_repeat_is_answered_as_the_first_request_was(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    first = _captions(api, issuer.token())

    assert first.status == 201
    assert _captions(api, issuer.token()) == first
    assert len(table.state.tickets) == 1
    assert _captions(api, issuer.token(), key="k-2") != first


def test_a_key_is_for_one_request_of_one_subject(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.directory.put(replace(examples.MAILBOX, readers=("ada", "grace")), ())
    first = _captions(api, issuer.token())

    reused = api.ask("POST", RESEND, issuer.token(), headers=KEY)

    assert reused.status == 422
    assert "another request" in reused.json()["detail"]
    assert _captions(api, issuer.token(), other="query").status == 422
    assert _captions(api, issuer.token(sub="grace")) not in (first, reused)


def test_a_key_is_forgotten_after_a_day(api: Gateway, issuer: Issuer, clock: FixedClock) -> None:
    first = _captions(api, issuer.token())
    clock.advance(LIFETIME - timedelta(seconds=1))
    assert _captions(api, issuer.token()) == first

    clock.advance(timedelta(seconds=1))

    assert _captions(api, issuer.token()) != first


def test_what_failed_may_be_repeated_with_its_key(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.directory.put(replace(examples.MAILBOX, sms_recipients=()), ())
    assert api.ask("POST", RESEND, issuer.token(), headers=KEY).status == 409

    table.directory.put(examples.MAILBOX, ())

    assert api.ask("POST", RESEND, issuer.token(), headers=KEY).status == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ü"])
def test_what_is_no_key_is_refused(api: Gateway, issuer: Issuer, key: str) -> None:
    assert _captions(api, issuer.token(), key=key).status == 422


def test_a_call_that_was_answered_after_all_tells_nobody_again(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    table.calls.advance(examples.CALL_SID, CallStage.ANSWERED, None)

    assert api.ask("POST", RESEND, issuer.token()).status == 409
