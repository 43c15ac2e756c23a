"""Nothing is streamed or recorded before the caller was told, or has agreed, and what they did is kept as proof."""

from dataclasses import replace

import pytest

from telephony.calls import CallSid, CallStage
from telephony.consent import Consent, ConsentStep
from telephony.numbers import E164, Number
from telephony.phrases import Phrase
from tests.unit.webhooks.calling import MAILBOX, NUMBER, ORIGIN, Reply, World, form

CALL = CallSid(form("incoming-call")["CallSid"])
VOICE = "aura-2-thalia-en"
TOLD = Consent("This call is recorded.")
ASKED = Consent("This call is recorded. Press 1 if you agree.", must_agree=True)


def _world(consent: Consent | None) -> World:
    world = World()
    world.table.directory.put(replace(MAILBOX, consent=consent), [Number(NUMBER, MAILBOX.id)])
    return world


def _proofs(world: World) -> list[tuple[ConsentStep, str, str, str]]:
    proofs = world.table.calls.facts(CALL).consents
    return [(proof.step, proof.text, proof.webhook, proof.key) for proof in proofs]


def _press(world: World, key: str) -> Reply:
    twilio = world.start()
    twilio.post("/twilio/voice", "incoming-call")
    return twilio.post("/twilio/consented", "incoming-call", Digits=key, CallStatus="in-progress")


def test_a_caller_is_told_first_and_that_is_written_down() -> None:
    world = _world(TOLD)
    answer = world.start().post("/twilio/voice", "incoming-call")
    assert answer.verbs == ["Say", "Start", "Say", "Record"]
    assert _proofs(world) == [(ConsentStep.ANNOUNCED, TOLD.announcement, "/twilio/voice", "")]


def _speaking(consent: Consent) -> World:
    """Let there be a mailbox with a voice, in which its announcement and its greeting are kept."""
    world = World()
    mailbox = replace(MAILBOX, consent=consent, voice=VOICE)
    world.table.directory.put(mailbox, [Number(NUMBER, MAILBOX.id)])
    texts = (consent.announcement, MAILBOX.greeting)
    world.table.directory.spoken(MAILBOX.id, {Phrase(each, VOICE).digest for each in texts})
    return world


def test_what_is_played_first_is_written_down_when_it_was_and_only_then_is_the_caller_recorded() -> None:
    world = _speaking(TOLD)
    twilio = world.start()
    answer = twilio.post("/twilio/voice", "incoming-call")
    assert answer.verbs == ["Play", "Redirect"]
    assert (_proofs(world), world.table.state.tickets) == ([], {})
    target = answer.xml.findtext("Redirect") or ""
    assert target.startswith("https://calls.example.test/twilio/announced")
    assert twilio.post(target, "incoming-call", CallStatus="in-progress").verbs == ["Start", "Play", "Record"]
    assert _proofs(world) == [(ConsentStep.ANNOUNCED, TOLD.announcement, "/twilio/announced", "")]
    (ticket,) = world.table.state.tickets.values()
    assert (ticket.call_sid, world.table.calls.get(CALL).stage) == (CALL, CallStage.TAKING_MESSAGE)


def test_an_announcement_that_could_not_be_played_is_said_before_anything_is_recorded() -> None:
    world = _speaking(TOLD)
    twilio = world.start()
    played = twilio.post("/twilio/voice", "incoming-call").xml.findtext("Play") or ""
    assert twilio.send(played.removeprefix(ORIGIN), "", {}, method="GET").status == 404
    answer = twilio.post("/twilio/announced", "incoming-call", CallStatus="in-progress")
    assert answer.verbs == ["Say", "Start", "Play", "Record"]
    assert answer.xml.findtext("Say") == TOLD.announcement


def test_a_policy_that_was_dropped_while_it_was_played_announces_nothing() -> None:
    world = _speaking(TOLD)
    twilio = world.start()
    twilio.post("/twilio/voice", "incoming-call")
    world.table.directory.put(MAILBOX, [Number(NUMBER, MAILBOX.id)])
    assert twilio.post("/twilio/announced", "incoming-call").verbs == ["Start", "Say", "Record"]
    assert _proofs(world) == []


def test_without_the_table_a_caller_is_told_again_before_they_are_recorded() -> None:
    world = _speaking(TOLD)
    twilio = world.start()
    twilio.post("/twilio/voice", "incoming-call")
    world.table.is_down = True
    answer = twilio.post("/twilio/announced", "incoming-call")
    assert answer.verbs == ["Say", "Record"]
    assert "recorded" in (answer.xml.findtext("Say") or "")


def test_without_a_policy_nothing_is_announced_and_nothing_proved() -> None:
    world = _world(None)
    assert world.start().post("/twilio/voice", "incoming-call").verbs == ["Start", "Say", "Record"]
    assert _proofs(world) == []


def test_a_caller_who_is_asked_gets_no_ticket_until_they_agree() -> None:
    world = _world(ASKED)
    answer = world.start().post("/twilio/voice", "incoming-call")
    assert answer.verbs == ["Gather"]
    assert world.table.state.tickets == {}


def test_a_caller_who_agrees_is_recorded_and_the_key_is_proof() -> None:
    world = _world(ASKED)
    answer = _press(world, "1")
    assert answer.verbs == ["Start", "Say", "Record"]
    (ticket,) = world.table.state.tickets.values()
    assert ticket.call_sid == CALL
    assert _proofs(world) == [
        (ConsentStep.ANNOUNCED, ASKED.announcement, "/twilio/voice", ""),
        (ConsentStep.AGREED, ASKED.announcement, "/twilio/consented", "1"),
    ]


@pytest.mark.parametrize("key", ["", "2", "11", "hangup"])
def test_a_caller_who_does_not_agree_is_neither_streamed_nor_recorded(key: str) -> None:
    world = _world(ASKED)
    answer = _press(world, key)
    assert answer.verbs == ["Say", "Hangup"]
    assert world.table.state.tickets == {}
    assert _proofs(world)[-1][0] is ConsentStep.REFUSED


def test_somebody_may_be_rung_for_a_caller_who_does_not_agree() -> None:
    world = _world(replace(ASKED, ring=E164("+15005550010")))
    answer = _press(world, "2")
    assert answer.verbs == ["Say", "Dial"]
    assert answer.attribute("Dial", "action").startswith("https://calls.example.test/twilio/dialed")
    assert "record" not in answer.xml.find("Dial").attrib  # type: ignore[union-attr] # it is there: see above


def test_a_key_that_is_told_twice_is_proved_once() -> None:
    world = _world(ASKED)
    _press(world, "1")
    _press(world, "1")
    assert len(_proofs(world)) == 2


def test_a_policy_that_was_dropped_meanwhile_asks_for_nothing() -> None:
    world = _world(ASKED)
    twilio = world.start()
    twilio.post("/twilio/voice", "incoming-call")
    world.table.directory.put(MAILBOX, [Number(NUMBER, MAILBOX.id)])
    assert twilio.post("/twilio/consented", "incoming-call", Digits="").verbs == ["Start", "Say", "Record"]


def test_without_the_table_only_who_has_agreed_is_recorded() -> None:
    world = _world(ASKED)
    twilio = world.start()
    world.table.is_down = True
    assert twilio.post("/twilio/consented", "incoming-call", Digits="1").verbs == ["Say", "Record"]
    assert twilio.post("/twilio/consented", "incoming-call", Digits="").status == 503


def test_a_call_that_rang_a_person_first_asks_before_the_message(ringing: World) -> None:
    number = ringing.table.directory.answering(NUMBER)[0]
    ringing.table.directory.put(replace(MAILBOX, consent=ASKED), [number])
    twilio = ringing.start()
    twilio.post("/twilio/voice", "incoming-call")
    assert _proofs(ringing) == []  # nothing was said yet
    answer = twilio.post("/twilio/dialed", "dial-no-answer")
    assert answer.verbs == ["Gather"]
    assert _proofs(ringing) == [(ConsentStep.ANNOUNCED, ASKED.announcement, "/twilio/dialed", "")]
