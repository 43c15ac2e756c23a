"""What the product's webhooks see of a call."""

import asyncio
import socket
from email.utils import parsedate_to_datetime

import pytest

from local.twilio.caller import Caller
from local.twilio.events import CallAnswered, CallbackFailed, CallEnded, CallRinging, TwimlAnswered, WebhookSent
from local.twilio.faults import Faults
from tests.unit.local_twilio.product import ACCOUNT, CALLER, OWN, Reply, studio

SAY = "<Response><Say>Hello</Say></Response>"
KEYS = {
    *("AccountSid", "ApiVersion", "CallSid", "CallStatus", "CallToken", "Direction", "From", "To", "Caller", "Called"),
    "StirVerstat",
    *(
        f"{party}{field}"
        for party in ("From", "To", "Caller", "Called")
        for field in ("City", "Country", "State", "Zip")
    ),
}


async def test_the_voice_webhook_gets_every_key_of_a_real_call_signed() -> None:
    async with studio() as on:
        on.voice(SAY)
        call = await on.call()
        (received,) = on.webhooks.at("/voice")
    assert received.method == "POST"
    assert received.is_signed
    assert set(received.form) == KEYS
    assert received.form["CallStatus"] == "ringing"
    assert received.form["Direction"] == "inbound"
    assert received.form["CallSid"] == call.sid
    assert received.form["From"] == received.form["Caller"] == CALLER
    assert received.form["To"] == received.form["Called"] == OWN
    assert received.form["CallerZip"] == ""
    assert received.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert received.headers["user-agent"] == "TwilioProxy/1.1"
    assert received.headers["i-twilio-idempotency-token"]


async def test_the_status_callback_comes_once_at_the_end() -> None:
    async with studio() as on:
        on.voice('<Response><Pause length="1"/><Say>Hello</Say><Pause length="3"/></Response>')
        await on.call()
        (received,) = on.webhooks.at("/status")
    assert received.is_signed
    assert received.form["CallStatus"] == "completed"
    assert 3 <= int(received.form["CallDuration"]) <= 6, "the time before the answer does not count"
    assert received.form["Duration"] == "1"
    assert received.form["CallbackSource"] == "call-progress-events"
    assert received.form["SequenceNumber"] == "0"
    assert parsedate_to_datetime(received.form["Timestamp"]).tzinfo is not None


async def test_a_webhook_by_get_has_its_parameters_in_the_signed_query() -> None:
    async with studio() as on:
        on.voice(SAY, fragment="?tenant=7")
        on.twilio.numbers[OWN].voice_method = "GET"
        await on.call()
        (received,) = on.webhooks.at("/voice")
    assert received.method == "GET"
    assert received.is_signed
    assert received.form["tenant"] == "7"
    assert received.form["From"] == CALLER


async def test_a_call_is_told_as_events_in_order() -> None:
    async with studio() as on:
        on.voice(SAY)
        call = await on.call()
    kinds = [type(event) for event in call.events]
    order = [kinds.index(kind) for kind in (CallRinging, WebhookSent, TwimlAnswered, CallAnswered, CallEnded)]
    assert order == sorted(order)
    assert [event.xml for event in call.events if isinstance(event, TwimlAnswered)] == [SAY]
    assert all(earlier.at <= later.at for earlier, later in zip(call.events, call.events[1:], strict=False))


async def test_the_fallback_is_asked_with_the_error_when_the_voice_webhook_fails() -> None:
    async with studio() as on:
        on.voice(Reply(status=500))
        on.twilio.numbers[OWN].voice_fallback_url = on.webhooks.on("/fallback", SAY)
        call = await on.call()
        (received,) = on.webhooks.at("/fallback")
        assert len(on.webhooks.at("/voice")) == 1, "an HTTP error is not retried by default"
        assert received.form["ErrorUrl"] == on.webhooks.base_url + "/voice"
    assert received.form["ErrorCode"] == "11217"
    assert received.is_signed
    assert on.codes() == [11_217]
    assert call.status == "completed"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=500), 11_217),
        (Reply(status=404), 11_217),
        (Reply(status=302), 11_200),
        (Reply("<Response><Say>"), 12_100),
        (Reply("<response/>"), 12_100),
        (Reply("<!DOCTYPE Response><Response/>"), 12_100),
        (Reply("<Response>" + " " * 65_536 + "</Response>"), 11_750),
        (Reply("{}", content_type="application/json"), 12_300),
    ],
)
async def test_without_a_fallback_an_application_error_fails_the_call(reply: Reply, code: int) -> None:
    async with studio() as on:
        on.voice(reply)
        call = await on.call()
        assert on.codes() == [code]
        assert on.webhooks.at("/status")[0].form["CallStatus"] == call.status == "failed"


async def test_a_number_without_a_voice_url_is_out_of_service() -> None:
    async with studio() as on:
        on.twilio.own_number(OWN)
        call = await on.call()
        assert call.status == "failed"
        assert on.codes() == [11_100]


async def test_the_fragment_asks_for_retries_and_is_neither_sent_nor_signed() -> None:
    async with studio() as on:
        on.voice(Reply(status=503), Reply(status=503), SAY, fragment="?a=%2B1&b=2#rc=2&rp=5xx")
        call = await on.call()
        received = on.webhooks.at("/voice")
    assert call.status == "completed"
    assert [r.target for r in received] == ["/voice?a=%2B1&b=2"] * 3
    assert all(r.is_signed for r in received)
    assert len({r.headers["i-twilio-idempotency-token"] for r in received}) == 3


async def test_a_slow_answer_is_given_up_after_the_fragments_limit() -> None:
    async with studio() as on:
        on.voice(Reply(SAY, delay_s=5), fragment="#rt=100&rc=0")
        await on.call()
        assert on.codes() == [11_200]
        on.voice(Reply(SAY, delay_s=5), fragment="#tt=100")
        await on.call()
        assert on.codes() == [11_200, 11_205]


async def test_a_refused_connection_is_tried_once_more() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with studio() as on:
            on.twilio.own_number(OWN, voice_url=f"http://127.0.0.1:{unused.getsockname()[1]}/voice")
            call = await on.call()
            assert on.codes() == [11_205]
    assert [event.status for event in call.events if isinstance(event, WebhookSent)] == [None, None]


async def test_a_callback_that_is_not_taken_is_reported_and_given_up() -> None:
    async with studio() as on:
        on.voice(SAY)
        on.webhooks.on("/status", Reply(status=500))
        call = await on.call()
        assert len(on.webhooks.at("/status")) == 1
    assert [event.code for event in call.events if isinstance(event, CallbackFailed)] == [11_217]


async def test_callbacks_can_be_delivered_twice() -> None:
    async with studio(faults=Faults(duplicate_callbacks=2)) as on:
        on.voice(SAY)
        await on.call()
        assert len(on.webhooks.at("/voice")) == 1
        first, second = on.webhooks.at("/status")
    assert first.form == second.form


@pytest.mark.parametrize(
    ("xml", "status", "answered"),
    [
        ("<Response/>", "completed", True),
        ("<Response><Hangup/><Say>never</Say></Response>", "completed", True),
        ('<Response><Reject reason="busy"/></Response>', "busy", False),
        ("<Response><Reject/></Response>", "failed", False),
    ],
)
async def test_an_empty_document_hangs_up_and_reject_does_not_answer(xml: str, status: str, answered: bool) -> None:
    async with studio() as on:
        on.voice(xml)
        call = await on.call()
    assert call.status == status
    assert any(isinstance(event, CallAnswered) for event in call.events) is answered


async def test_redirect_leads_to_another_document_and_relative_urls_start_from_the_current_one() -> None:
    async with studio() as on:
        on.voice("<Response><Redirect>deeper/next?a=1</Redirect><Say>never</Say></Response>")
        on.webhooks.on("/deeper/next", "<Response><Say>Hi</Say><Redirect>last</Redirect></Response>")
        on.webhooks.on("/deeper/last", "<Response/>")
        await on.call()
        (following,) = on.webhooks.at("/deeper/next")
        (last,) = on.webhooks.at("/deeper/last")
    assert following.form["CallStatus"] == "ringing"
    assert last.form["CallStatus"] == "in-progress"
    assert last.is_signed


async def test_documents_that_lead_to_each_other_for_ever_fail_the_call() -> None:
    async with studio() as on:
        on.voice("<Response><Redirect/></Response>")
        call = await on.call()
    assert call.status == "failed"
    assert on.codes() == [11_215]


async def test_plain_text_is_spoken_and_unknown_elements_are_skipped_with_a_warning() -> None:
    async with studio() as on:
        on.voice(Reply("Good morning", content_type="text/plain"))
        assert (await on.call()).status == "completed"
        on.voice(f'<Response><Stream url="{on.media.url}"/><say>no</say><Say>yes</Say></Response>')
        assert (await on.call()).status == "completed"
        assert on.codes() == [12_200, 12_200]
        assert on.media.streams == []


async def test_play_fetches_its_sound_and_a_missing_one_is_only_warned_of() -> None:
    async with studio() as on:
        on.webhooks.on("/there.mp3", Reply(b"mp3", content_type="audio/mpeg"))
        on.webhooks.on("/missing.mp3", Reply(status=404))
        on.voice("<Response><Play>/there.mp3</Play><Play>/missing.mp3</Play></Response>")
        call = await on.call()
        assert on.webhooks.at("/there.mp3")[0].is_signed
    assert on.codes() == [11_217]
    assert call.status == "completed"


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://h:port/", "http://h:0/", "//", "http://a..b/", "http://h/é è", "mailto:me", "http:///x"],
)
async def test_a_url_that_is_none_fails_only_what_asked_for_it(url: str) -> None:
    async with studio() as on:
        stream = f'<Start><Stream name="{{}}" url="{{}}" statusCallback="{url}"/></Start>'
        on.voice(
            f"<Response>{stream.format('a', url)}{stream.format('b', on.media.url)}<Play>{url}</Play>"
            f'<Record timeout="1" action="{url}" recordingStatusCallback="{url}"/></Response>'
        )
        call = await on.call()
        assert call.status in ("completed", "failed")
        assert len(on.twilio.recordings) == len(on.media.streams) == 1
        assert len(on.codes()) >= 5


async def test_a_caller_may_hang_up_before_anybody_answers() -> None:
    async with studio() as on:
        on.voice('<Response><Pause length="10"/><Say>Hello</Say></Response>')
        call = await on.call(Caller(number=CALLER, hangs_up_at_ms=2_000))
        (received,) = on.webhooks.at("/status")
    assert call.status == received.form["CallStatus"] == "no-answer"
    assert "CallDuration" not in received.form


async def test_the_hang_up_time_is_exact_and_on_the_simulated_clock() -> None:
    async with studio() as on:
        on.voice('<Response><Say>Hello</Say><Pause length="60"/></Response>')
        call = await on.call(Caller(number=CALLER, hangs_up_at_ms=2_000))
    assert call.hung_up_at is not None
    assert (call.hung_up_at - call.began_at).total_seconds() == 2


async def test_subscribers_see_events_as_they_happen_until_the_simulator_closes() -> None:
    seen: list[str] = []
    async with asyncio.TaskGroup() as group, studio() as on:
        events = on.twilio.subscribe()

        async def watch() -> None:
            seen.extend([type(event).__name__ async for event in events])

        group.create_task(watch())
        on.voice(SAY)
        await on.call()
    assert seen[0] == "CallRinging"
    assert "CallEnded" in seen


async def test_signatures_equal_the_published_example() -> None:
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    assert ACCOUNT.sign("https://example.com/myapp.php?foo=1&bar=2", params) == "L/OH5YylLD5NRKLltdqwSvS0BnU="
    assert ACCOUNT.sign("https://me:pw@example.com:8443/myapp.php?foo=1&bar=2#rc=2", params) == (
        "L/OH5YylLD5NRKLltdqwSvS0BnU="
    )
    assert ACCOUNT.sign("wss://bridge.example.test/twilio/media") == "AejN7SwoWWKVE8oJX6nJ5CxQVeE="
