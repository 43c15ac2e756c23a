"""Ringing a person."""

import pytest

from local.twilio.caller import Caller, Line, Person
from local.twilio.events import CallAnswered
from tests.unit.local_twilio.product import CALLER, studio

ANNA, BEN = "+15005550010", "+15005550011"


def dial(*numbers: str, attributes: str = 'timeout="5"') -> str:
    nouns = "".join(f"<Number>{number}</Number>" for number in numbers)
    return f'<Response><Dial action="/dialed" {attributes}>{nouns}</Dial></Response>'


@pytest.mark.parametrize(
    ("person", "outcome"),
    [
        (None, "no-answer"),
        (Person(answers_after_s=60), "no-answer"),
        (Person(line=Line.BUSY), "busy"),
        (Person(line=Line.BROKEN), "failed"),
        (Person(answers_after_s=1, hangs_up_after_s=3), "completed"),
    ],
)
async def test_the_action_says_how_it_went(person: Person | None, outcome: str) -> None:
    async with studio() as on:
        if person is not None:
            on.twilio.people[ANNA] = person
        on.voice(dial(ANNA))
        await on.call()
        (told,) = on.webhooks.at("/dialed")
    assert told.is_signed
    assert told.form["DialCallStatus"] == outcome
    assert told.form["DialBridged"] == ("true" if outcome == "completed" else "false")
    assert told.form["DialCallSid"].startswith("CA")
    assert told.form["CallStatus"] == "in-progress"
    assert int(told.form.get("DialCallDuration", "3")) in (3, 4)


async def test_the_first_of_several_to_answer_is_connected() -> None:
    async with studio() as on:
        on.twilio.people[BEN] = Person(answers_after_s=1, hangs_up_after_s=1)
        on.voice(dial(ANNA, BEN))
        await on.call()
        (told,) = on.webhooks.at("/dialed")
    assert told.form["DialCallStatus"] == "completed"


async def test_without_an_action_the_next_verb_follows() -> None:
    async with studio() as on:
        on.voice(f'<Response><Dial timeout="5">{ANNA}</Dial><Redirect>/next</Redirect></Response>')
        await on.call()
        assert len(on.webhooks.at("/next")) == 1


async def test_the_caller_may_give_up_while_it_rings() -> None:
    async with studio() as on:
        on.voice(dial(ANNA))
        await on.call(Caller(number=CALLER, hangs_up_at_ms=2_000))
        (told,) = on.webhooks.at("/dialed")
    assert told.form["DialCallStatus"] == "canceled"
    assert told.form["CallStatus"] == "completed"


async def test_answer_on_bridge_leaves_the_caller_ringing_until_somebody_answers() -> None:
    async with studio() as on:
        on.voice(dial(ANNA, attributes='answerOnBridge="true" timeout="5"'))
        on.webhooks.on("/dialed", "<Response><Reject/></Response>")
        call = await on.call()
        (told,) = on.webhooks.at("/dialed")
    assert told.form["CallStatus"] == "ringing"
    assert not any(isinstance(event, CallAnswered) for event in call.events)
