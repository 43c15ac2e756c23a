"""What is done to a house before or beside a call, so that something in it fails."""

import asyncio
import signal
from datetime import timedelta

import httpx

from local.aws.gate import Gate, GateState
from local.house import OUR_NUMBER, OWNER_PHONE, House
from local.twilio.call import Call
from local.twilio.events import CallerSpeaking, TwimlAnswered
from local.twilio.twiml import parse
from local.twilio.verbs import StartStream
from telephony.wire.webhooks import WebhookPath
from tests.e2e.faults.row import Act, Prepare

LIMIT_S = 10


async def spoken(house: House, call: Call, ms: int) -> None:
    """Return once the caller, who has not begun, has spoken for so long. Raises: TimeoutError."""
    async with asyncio.timeout(LIMIT_S):
        async for event in house.twilio.subscribe():
            if isinstance(event, CallerSpeaking) and event.call_sid == call.sid:
                break
        wait = event.at + timedelta(milliseconds=ms) - house.twilio.clock.now()
        await house.twilio.clock.sleep(max(0.0, wait / timedelta(milliseconds=1)))


def signal_streamer(number: signal.Signals, *, after_ms: int) -> Act:
    """Have the streamer get a signal in the middle of the message."""

    async def act(house: House, call: Call) -> None:
        await spoken(house, call, after_ms)
        assert house.streamer is not None
        house.streamer.signal(number)

    return act


async def end_streamer(house: House) -> None:
    """Have no streamer when the call comes."""
    assert house.streamer is not None
    await house.streamer.stop()


def table_fails(state: GateState, *, after_ms: int, for_s: float) -> Act:
    """Have the table fail from the middle of the message on."""

    async def act(house: House, call: Call) -> None:
        await spoken(house, call, after_ms)
        async with asyncio.timeout(for_s + LIMIT_S):
            await _fail(house.table, state, for_s)

    return act


async def table_fails_at_the_ring(house: House, call: Call) -> None:
    """Have the table be out of reach until the call has been answered."""
    house.table.state = GateState.SHUT
    async with asyncio.timeout(LIMIT_S):
        async for event in house.twilio.subscribe():
            if isinstance(event, TwimlAnswered) and event.call_sid == call.sid:
                break
    house.table.state = GateState.OPEN
    assert house.table.turned_away, "nobody noticed"


async def _fail(gate: Gate, state: GateState, for_s: float) -> None:
    gate.state = state
    await asyncio.sleep(for_s)
    gate.state = GateState.OPEN
    assert gate.turned_away, "nobody noticed"


async def shut_topic(house: House) -> None:
    """Have SNS out of reach."""
    house.topic.state = GateState.SHUT


def topic_fails(*, for_s: float) -> Act:
    """Have SNS out of reach for so long from the hang-up on."""

    async def act(house: House, call: Call) -> None:
        house.topic.state = GateState.SHUT
        await call.ended()
        async with asyncio.timeout(for_s + LIMIT_S):
            await _fail(house.topic, GateState.SHUT, for_s)

    return act


def sms_fails(times: int, status: int = 500) -> Prepare:
    """Have Twilio's REST API fail so many times where SMS are sent."""

    async def prepare(house: House) -> None:
        house.twilio.refuse(times, status=status, path="/Messages")

    return prepare


async def opt_out(house: House) -> None:
    """Have the owner be unsubscribed: 21610."""
    house.twilio.opted_out.add(OWNER_PHONE)


async def opt_in(house: House) -> None:
    """Have the owner text START: Twilio forgets that they were unsubscribed, and so do we."""
    house.twilio.opted_out.clear()
    address = f"{house.origin}{WebhookPath.SMS}"
    form = {"AccountSid": house.twilio.account.sid, "From": OWNER_PHONE, "To": OUR_NUMBER, "Body": "START"}
    signed = {"X-Twilio-Signature": house.twilio.account.sign(address, form)}
    async with httpx.AsyncClient(timeout=10) as twilio:
        answer = await twilio.post(address, data=form, headers=signed)
    assert answer.status_code == httpx.codes.OK


def skew(ahead: timedelta) -> Prepare:
    """Have Twilio's clock and ours differ."""

    async def prepare(house: House) -> None:
        house.twilio.clock.ahead = ahead

    return prepare


async def stream_again(house: House, call: Call) -> None:
    """Have Twilio open a second stream with the same ticket in the middle of the message."""
    await spoken(house, call, 5_000)
    document = next(event.xml for event in call.events if isinstance(event, TwimlAnswered))
    noun = next(verb for verb in parse(document.encode()).verbs if isinstance(verb, StartStream))
    ((name, value),) = noun.parameters.items()
    form = {"Url": noun.url, "Name": "again", "Parameter1.Name": name, "Parameter1.Value": value}
    await start_stream(house, call, form)


async def start_stream(house: House, call: Call, form: dict[str, str]) -> None:
    """Start a stream of *call* by Twilio's REST API."""
    account = house.twilio.account
    path = f"/2010-04-01/Accounts/{account.sid}/Calls/{call.sid}/Streams.json"
    async with httpx.AsyncClient(base_url=house.twilio.base_url, auth=(account.sid, account.auth_token)) as client:
        (await client.post(path, data=form)).raise_for_status()


async def report_stream_error(house: House, call: Call) -> None:
    """Have Twilio report a failed stream although the call's own goes on."""
    await spoken(house, call, 5_000)
    error = {"StreamEvent": "stream-error", "StreamError": "31921: Stream - WebSocket - Close Error"}
    params = {
        "AccountSid": house.twilio.account.sid,
        "CallSid": call.sid,
        "StreamName": "live",
        "StreamSid": call.streams[0].sid,
        "Timestamp": "2026-11-20T10:00:42.123456Z",
    }
    url = f"{house.origin}/twilio/stream"
    await house.twilio.call_back(url, params | error, purpose="stream-error", call_sid=call.sid)
