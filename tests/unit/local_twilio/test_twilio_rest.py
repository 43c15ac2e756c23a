"""The REST API as the twilio library sees it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from local.twilio.account import Account
from local.twilio.caller import Caller
from local.twilio.events import MessageSent, StreamStarted
from local.twilio.messages import Message, MessageStatus
from tests.unit.local_twilio.product import ACCOUNT, CALLER, OWN, SPEECH, Studio, studio

T = TypeVar("T")
ANNA = "+15005550010"


async def ask(on: Studio, request: Callable[[Any], T], account: Account = ACCOUNT) -> T:
    """Let the synchronous library talk to the simulator in this loop."""

    def run() -> T:
        http = TwilioHttpClient(timeout=5)
        client = Client(account.sid, account.auth_token, http_client=http)
        client.api.base_url = on.twilio.base_url
        try:
            return request(client)
        finally:
            http.session.close()

    return await asyncio.to_thread(run)


async def refused(on: Studio, request: Callable[[Any], object], account: Account = ACCOUNT) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        await ask(on, request, account)
    return caught.value.status, caught.value.code


async def test_a_message_is_taken_over_queued_and_then_delivered() -> None:
    async with studio() as on:
        on.voice()
        url = on.webhooks.base_url + "/sms-status"
        made = await ask(on, lambda c: c.messages.create(to=ANNA, from_=OWN, body="Hello", status_callback=url))
        await on.twilio.settled()
        (message,) = on.twilio.messages
        fetched = await ask(on, lambda c: c.messages(made.sid).fetch())
        told = on.webhooks.at("/sms-status")
        events = [event for event in on.twilio.events if isinstance(event, MessageSent)]
    assert (made.sid, made.status, made.num_segments, made.direction) == (message.sid, "queued", "1", "outbound-api")
    assert (message.to, message.from_, message.body, message.status) == (ANNA, OWN, "Hello", "delivered")
    assert fetched.status == "delivered"
    assert [r.form["MessageStatus"] for r in told] == ["sent", "delivered"]
    assert all(r.is_signed and r.form["MessageSid"] == r.form["SmsSid"] == made.sid for r in told)
    assert events[0].body == "Hello"


async def test_messages_that_twilio_would_not_take_are_refused_with_its_codes() -> None:
    async with studio() as on:
        on.voice()
        on.twilio.opted_out.add("+15005550099")

        def create(to: str = ANNA, from_: str = OWN, body: str = "x") -> Callable[[Any], object]:
            return lambda c: c.messages.create(to=to, from_=from_, body=body)

        assert await refused(on, create(to="")) == (400, 21_604)
        assert await refused(on, create(from_="")) == (400, 21_603)
        assert await refused(on, create(body="")) == (400, 21_602)
        assert await refused(on, create(to="anonymous")) == (400, 21_211)
        assert await refused(on, create(from_="me")) == (400, 21_212)
        assert await refused(on, create(from_=ANNA)) == (400, 21_606)
        assert await refused(on, create(body="x" * 1_601)) == (400, 21_617)
        assert await refused(on, create(to="+15005550099")) == (400, 21_610)
        assert on.twilio.messages == []
        await ask(on, create(body="x" * 1_600))


async def test_lists_are_filtered_and_paged_newest_first() -> None:
    async with studio() as on:
        on.voice()

        def create(client: Any, body: str) -> object:  # noqa: ANN401 - the library's client
            return client.messages.create(to=ANNA, from_=OWN, body=body)

        for number in range(5):
            await ask(on, partial(create, body=str(number)))
        await ask(on, lambda c: c.messages.create(to=CALLER, from_=OWN, body="other"))
        listed = await ask(on, lambda c: c.messages.list(to=ANNA, page_size=2))
        first = await ask(on, lambda c: c.messages.list(limit=1))
    assert [message.body for message in listed] == ["4", "3", "2", "1", "0"]
    assert [message.body for message in first] == ["other"]


async def test_only_the_account_and_its_key_are_let_in() -> None:
    stranger, unknown = Account(sid=ACCOUNT.sid, auth_token="wrong"), Account(sid="AC2", auth_token="x")
    async with studio() as on:
        on.voice()
        assert await refused(on, lambda c: c.messages("SM0").fetch(), stranger) == (401, 20_003)
        assert await refused(on, lambda c: c.messages("SM0").fetch(), unknown) == (401, 20_003)
        assert await refused(on, lambda c: c.api.v2010.accounts("AC2").messages("SM0").fetch()) == (404, 20_404)

        def by_key(_: object) -> list[object]:
            client = Client(ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.sid)
            client.api.base_url = on.twilio.base_url
            return list(client.incoming_phone_numbers.list())

        assert len(await ask(on, by_key)) == 1


async def test_haste_is_refused_as_often_as_ordered() -> None:
    async with studio() as on:
        on.twilio.refuse(1)
        assert await refused(on, lambda c: c.messages("SM0").fetch()) == (429, 20_429)
        assert await ask(on, lambda c: c.messages.list()) == []


async def test_one_resource_can_fail_as_often_as_ordered() -> None:
    async with studio() as on:
        on.twilio.refuse(1, status=500, path="/Messages")
        assert await ask(on, lambda c: c.calls.list()) == []
        assert await refused(on, lambda c: c.messages("SM0").fetch()) == (500, 20_500)
        assert await refused(on, lambda c: c.messages("SM0").fetch()) == (404, 20_404)


async def test_a_number_can_be_found_and_pointed_elsewhere() -> None:
    async with studio() as on:
        on.voice("<Response/>")
        (found,) = await ask(on, lambda c: c.incoming_phone_numbers.list(phone_number=OWN))
        url = on.webhooks.on("/elsewhere", "<Response/>")
        updated = await ask(on, lambda c: c.incoming_phone_numbers(found.sid).update(voice_url=url, voice_method="GET"))
        await on.call()
        assert on.webhooks.at("/elsewhere")[0].method == "GET"
        assert await refused(on, lambda c: c.incoming_phone_numbers("PN0").fetch()) == (404, 20_404)
        assert await ask(on, lambda c: c.incoming_phone_numbers.list(phone_number="+19")) == []
    assert (updated.phone_number, updated.voice_url) == (OWN, url)
    assert updated.status_callback == found.status_callback


async def test_a_live_call_can_be_shown_and_hung_up() -> None:
    async with studio() as on:
        on.voice('<Response><Say>Hello</Say><Pause length="3600"/></Response>')
        call = await on.twilio.ring(Caller(number=CALLER), to=OWN)
        fetched = await ask(on, lambda c: c.calls(call.sid).fetch())
        ended = await ask(on, lambda c: c.calls(call.sid).update(status="completed"))
        await on.twilio.settled()
        (listed,) = await ask(on, lambda c: c.calls.list(from_=CALLER, status="completed"))
        assert await refused(on, lambda c: c.calls(call.sid).update(status="completed")) == (400, 21_220)
        assert await refused(on, lambda c: c.calls("CA0").fetch()) == (404, 20_404)
    assert (fetched.sid, fetched.to, fetched.end_time) == (call.sid, OWN, None)
    assert ended.status == listed.status == call.status == "completed"
    assert listed.end_time is not None


async def test_recordings_are_listed_fetched_and_deleted() -> None:
    async with studio() as on:
        on.voice("<Response><Record action='/done'/></Response>")
        call = await on.call()
        (listed,) = await ask(on, lambda c: c.calls(call.sid).recordings.list())
        fetched = await ask(on, lambda c: c.recordings(listed.sid).fetch())
        assert await ask(on, lambda c: c.recordings(listed.sid).delete())
        assert await refused(on, lambda c: c.recordings(listed.sid).fetch()) == (404, 20_404)
        assert await refused(on, lambda c: c.calls("CA0").recordings("RE0").fetch()) == (404, 20_404)
    assert (fetched.status, fetched.duration, fetched.source, fetched.channels) == ("completed", "1", "RecordVerb", 1)
    assert fetched.call_sid == call.sid


async def test_the_media_needs_credentials_and_has_one_channel() -> None:
    headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT.api_key, ACCOUNT.api_secret)}
    async with studio() as on:
        on.voice("<Response><Record action='/done'/></Response>")
        await on.call()
        (recording,) = on.twilio.recordings.values()
        async with aiohttp.ClientSession() as http:
            async with http.get(recording.url) as response:
                assert response.status == 401
                assert (await response.json())["code"] == 20_003
            async with http.get(recording.url + ".wav?RequestedChannels=2", headers=headers) as response:
                assert response.status == 400
            async with http.get(recording.url + ".wav?RequestedChannels=1", headers=headers) as response:
                assert response.status == 200
                assert len(await response.read()) == 44 + 2 * len(SPEECH)


async def test_a_stream_can_be_started_and_stopped_by_rest() -> None:
    async with studio() as on:
        on.voice('<Response><Say>Hello</Say><Pause length="3600"/></Response>')
        call = await on.twilio.ring(Caller(number=CALLER), to=OWN)
        events = on.twilio.subscribe()
        started = await ask(
            on,
            lambda c: c.calls(call.sid).streams.create(
                url=on.media.url, name="late", track="both_tracks", parameter1_name="a", parameter1_value="b"
            ),
        )
        async for event in events:
            if isinstance(event, StreamStarted):
                break
        stopped = await ask(on, lambda c: c.calls(call.sid).streams("late").update(status="stopped"))
        again = await refused(on, lambda c: c.calls(call.sid).streams("never").update(status="stopped"))
        taken = await refused(on, lambda c: c.calls(call.sid).streams.create(url=on.media.url, name="late"))
        call.line.hang_up(on.twilio.clock.now_ms())
        await on.twilio.settled()
        (stream,) = on.media.streams
    assert (started.status, stopped.status, started.sid) == ("in-progress", "stopped", stopped.sid)
    assert (again, taken) == ((404, 20_404), (400, 20_001))
    assert stream.messages[1]["start"]["customParameters"] == {"a": "b"}
    assert stream.messages[-1]["event"] == "stop"


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("日" * 70, 1),
        ("日" * 71, 2),
        ("😀" * 36, 2),
    ],
)
async def test_segments_are_counted_as_the_networks_do(body: str, segments: int) -> None:
    async with studio() as on:
        now = on.twilio.clock.now()
        message = Message(sid="SM1", to=ANNA, from_=OWN, body=body, created_at=now)
        assert message.segments == segments


async def test_a_message_that_has_arrived_can_be_deleted_once() -> None:
    async with studio() as on:
        message = Message(sid="SM1", to=ANNA, from_=OWN, body="Hello", created_at=on.twilio.clock.now())
        on.twilio.messages.append(message)
        early = await refused(on, lambda c: c.messages("SM1").delete())
        message.status = MessageStatus.DELIVERED
        deleted = await ask(on, lambda c: c.messages("SM1").delete())
        again = await refused(on, lambda c: c.messages("SM1").delete())
    assert (early, deleted, again) == ((409, 20_009), True, (404, 20_404))
    assert on.twilio.messages == []
