"""Somebody has answered whom we rang."""

from dataclasses import replace

import pytest

from telephony.calls import Call, CallSid, CallStage, CallStatus, Direction
from telephony.consent import Consent, ConsentStep
from telephony.numbers import Number
from telephony.outgoing import ANNOUNCEMENT, call_to
from tests import examples
from tests.unit.webhooks.calling import MAILBOX, NUMBER, Reply, World, form

CALL = CallSid(form("incoming-call")["CallSid"])
CALLEE = "+14155550177"
OURS = {"Direction": "outbound-api", "From": str(NUMBER), "To": CALLEE, "CallStatus": "in-progress"}


def _answered(world: World, path: str = "/twilio/called", **changes: str) -> Reply:
    return world.start().post(path, "incoming-call", **(OURS | changes))


def _rung() -> Call:
    return call_to(CALLEE, sid=CALL, sender=NUMBER, mailbox_id=MAILBOX.id, now=examples.NOON, status=CallStatus.QUEUED)


@pytest.mark.parametrize("is_written_down", [True, False])
def test_they_hear_that_they_are_recorded_and_then_the_mailboxs_words(world: World, *, is_written_down: bool) -> None:
    world.table.directory.put(
        replace(MAILBOX, outgoing_greeting="We call about your order."), [Number(NUMBER, MAILBOX.id)]
    )
    if is_written_down:
        world.table.calls.begin(_rung(), None)

    answer = _answered(world)

    assert answer.verbs == ["Say", "Start", "Say", "Record"]
    assert [each.text for each in answer.xml.findall("Say")] == [ANNOUNCEMENT, "We call about your order."]
    call = world.table.calls.get(CALL)
    assert (call.direction, call.number, call.caller) == (Direction.OUTBOUND, NUMBER, CALLEE)
    assert (call.stage, call.status) == (CallStage.TAKING_MESSAGE, CallStatus.IN_PROGRESS)
    (proof,) = world.table.calls.facts(CALL).consents
    assert (proof.step, proof.text, proof.webhook) == (ConsentStep.ANNOUNCED, ANNOUNCEMENT, "/twilio/called")


def test_a_mailbox_that_asks_asks_them_too(world: World) -> None:
    asks = Consent("We record. Press 1.", must_agree=True)
    world.table.directory.put(replace(MAILBOX, consent=asks), [Number(NUMBER, MAILBOX.id)])
    assert _answered(world).verbs == ["Gather"]
    assert world.table.state.tickets == {}
    assert _answered(world, "/twilio/consented", Digits="1").verbs == ["Start", "Say", "Record"]


def test_the_end_of_a_call_of_ours_is_its_own_even_if_nobody_had_written_it_down(world: World) -> None:
    changes = OURS | {"CallStatus": "no-answer"}
    assert world.start().post("/twilio/status", "call-no-answer", **changes).status == 204
    call = world.table.calls.get(CallSid(form("call-no-answer")["CallSid"]))
    assert (call.direction, call.number, call.caller) == (Direction.OUTBOUND, NUMBER, CALLEE)


def test_without_the_table_what_they_say_is_taken_down_all_the_same(world: World) -> None:
    world.table.is_down = True
    answer = _answered(world)
    assert answer.verbs == ["Say", "Record"]
    assert f"number=%2B{NUMBER[1:]}" in answer.attribute("Record", "action")
