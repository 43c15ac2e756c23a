"""`<Gather>` takes keys as Twilio does, and `<Play>` is heard by the caller."""

from local.twilio import mulaw
from local.twilio.caller import Caller
from telephony.wire import mulaw_wav
from tests.unit.local_twilio.product import CALLER, OWN, Reply, studio

ASKS = (
    '<Response><Gather action="/keys" numDigits="1" finishOnKey="" timeout="2" actionOnEmptyResult="true">'
    "<Say>Press one</Say></Gather></Response>"
)


async def test_a_key_after_the_prompt_goes_to_the_action() -> None:
    async with studio() as house:
        house.voice(ASKS)
        house.webhooks.on("/keys", "<Response><Hangup/></Response>")
        await house.call(Caller(number=CALLER, answers_prompt="1"))
        (asked,) = house.webhooks.at("/keys")
    assert (asked.form["Digits"], asked.is_signed) == ("1", True)


async def test_no_key_goes_there_too_when_that_is_asked_for() -> None:
    async with studio() as house:
        house.voice(ASKS)
        house.webhooks.on("/keys", "<Response><Hangup/></Response>")
        await house.call(Caller(number=CALLER))
        (asked,) = house.webhooks.at("/keys")
    assert asked.form["Digits"] == ""


async def test_no_key_goes_on_with_the_document_when_it_is_not() -> None:
    async with studio() as house:
        house.voice('<Response><Gather action="/keys" timeout="1"/><Redirect>/next</Redirect></Response>')
        house.webhooks.on("/next", "<Response><Hangup/></Response>")
        await house.call(Caller(number=CALLER))
        assert house.webhooks.at("/keys") == []
        assert len(house.webhooks.at("/next")) == 1


async def test_a_finishing_key_ends_it_and_is_not_told() -> None:
    async with studio() as house:
        house.voice(ASKS.replace('finishOnKey=""', 'finishOnKey="#"'))
        house.webhooks.on("/keys", "<Response><Hangup/></Response>")
        await house.call(Caller(number=CALLER, answers_prompt="#"))
        (asked,) = house.webhooks.at("/keys")
    assert asked.form["Digits"] == ""


async def test_a_caller_who_hangs_up_is_asked_no_more() -> None:
    async with studio() as house:
        house.voice(ASKS)
        call = await house.call(Caller(number=CALLER, hangs_up_at_ms=1_500))
        assert house.webhooks.at("/keys") == []
        assert call.status == "completed"


async def test_a_mu_law_file_is_played_into_the_call() -> None:
    tone = mulaw.tone(400)
    async with studio() as house:
        sound = house.webhooks.on("/hello.wav", Reply(mulaw_wav.wrap(tone), content_type="audio/wav"))
        house.voice(f"<Response><Play>{sound}</Play><Hangup/></Response>")
        call = await house.call(Caller(number=CALLER))
        (asked,) = house.webhooks.at("/hello.wav")
        heard = call.line.outbound.hear(0, int(call.line.ends_at_ms))
    assert asked.method == "GET"
    assert tone in heard
    assert call.number.number == OWN
