"""Twilio's own library against the simulated Twilio, while a call goes on."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from local.twilio.call import Call
from local.twilio.caller import Caller, Person
from local.twilio.quirks import Quirks
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.credentials import TwilioCredentials
from telephony.errors import NotFoundError, UpstreamError
from telephony.numbers import E164, MailboxId
from telephony.ports.control import StreamOrder
from telephony.rest.call_control import TwilioCallControl
from telephony.streams import Ticket, TicketId, TicketPurpose
from telephony.wire.control import Places, stream_name
from tests.contract.rest.server import Reply, Server
from tests.fakes.secrets import ACCOUNT_SID, FixedSecrets
from tests.unit.local_twilio.product import ACCOUNT, CALLER, OWN, SPEECH, Studio, studio

NOBODY = CallSid("CA" + "9" * 32)
SECRETS = FixedSecrets(TwilioCredentials(ACCOUNT.sid, (ACCOUNT.auth_token,), ACCOUNT.api_key, ACCOUNT.api_secret))
TICKET = Ticket(
    TicketId("t"),
    TicketPurpose.MEDIA,
    NOBODY,
    MailboxId("m"),
    datetime(2026, 3, 2, tzinfo=UTC),
    tracks=(Track.INBOUND, Track.OUTBOUND),
)


@pytest.fixture
async def house() -> AsyncIterator[Studio]:
    """A number that records for as long as the caller likes."""
    async with studio(speed=1) as house:
        house.voice('<Response><Record timeout="30" playBeep="false"/></Response>')
        yield house


async def eventually(holds: Callable[[], bool]) -> None:
    """Return once *holds* does. Raises: TimeoutError."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is looked at tells nobody
            await asyncio.sleep(0.01)


async def _talking(house: Studio) -> Call:
    """Return a call that is being recorded, by a caller who stays."""
    call = await house.twilio.ring(Caller(number=CALLER, speech=SPEECH * 5, hangs_up_after_ms=None), to=OWN)
    await eventually(lambda: bool(house.twilio.recordings))
    return call


def _control(house: Studio) -> TwilioCallControl:
    return TwilioCallControl(SECRETS, house.twilio.base_url, Places(house.webhooks.base_url, house.media.url))


async def test_a_stream_is_started_with_its_ticket_and_stopped_by_name(house: Studio) -> None:
    call, control = await _talking(house), _control(house)
    sid, name = CallSid(call.sid), stream_name(1)
    await asyncio.to_thread(control.start_stream, sid, StreamOrder(name, TICKET))
    await eventually(lambda: bool(house.media.streams) and len(house.media.streams[0].messages) > 1)
    start = house.media.streams[0].messages[1]["start"]
    assert start["customParameters"] == {"ticket": "t"}
    assert start["tracks"] == ["inbound", "outbound"]
    assert await asyncio.to_thread(control.stop_stream, sid, name) is True
    await eventually(lambda: house.media.streams[0].messages[-1]["event"] == "stop")
    assert await asyncio.to_thread(control.stop_stream, sid, name) is False


async def test_a_second_stream_of_one_name_is_refused_for_good(house: Studio) -> None:
    call, control = await _talking(house), _control(house)
    order = StreamOrder("again", TICKET)
    await asyncio.to_thread(control.start_stream, CallSid(call.sid), order)
    with pytest.raises(UpstreamError) as caught:
        await asyncio.to_thread(control.start_stream, CallSid(call.sid), order)
    assert not caught.value.retryable


async def test_a_recording_is_held_with_silence_and_goes_on(house: Studio) -> None:
    call, control = await _talking(house), _control(house)
    sid = CallSid(call.sid)
    (recording,) = house.twilio.recordings.values()
    assert await asyncio.to_thread(control.pause_recording, sid) is True
    assert [ends_ms for _, ends_ms in recording.pauses] == [math.inf]
    assert await asyncio.to_thread(control.pause_recording, sid) is True  # again is no trouble
    assert await asyncio.to_thread(control.resume_recording, sid) is True
    ((began_ms, ended_ms),) = recording.pauses
    assert began_ms <= ended_ms < math.inf


async def test_a_call_that_twilio_does_not_know_has_nothing_to_stop_or_hold(house: Studio) -> None:
    control = _control(house)
    assert await asyncio.to_thread(control.stop_stream, NOBODY, "message") is False
    assert await asyncio.to_thread(control.pause_recording, NOBODY) is False
    assert await asyncio.to_thread(control.resume_recording, NOBODY) is False
    with pytest.raises(NotFoundError):
        await asyncio.to_thread(control.start_stream, NOBODY, StreamOrder("message", TICKET))


async def test_what_fails_is_told(house: Studio) -> None:
    call, control = await _talking(house), _control(house)
    house.twilio.refuse(2, status=503)
    for ask in (control.pause_recording, control.resume_recording):
        with pytest.raises(UpstreamError) as caught:
            await asyncio.to_thread(ask, CallSid(call.sid))
        assert caught.value.retryable


async def test_a_twilio_that_will_not_hold_this_recording_says_so() -> None:
    async with studio(speed=1, quirks=Quirks(holds_record_verb=False, allow_insecure_streams=True)) as house:
        house.voice('<Response><Record timeout="30" playBeep="false"/></Response>')
        call = await _talking(house)
        with pytest.raises(UpstreamError) as caught:
            await asyncio.to_thread(_control(house).pause_recording, CallSid(call.sid))
    assert not caught.value.retryable


async def test_somebody_is_rung_and_our_webhook_asked_when_they_answer() -> None:
    async with studio() as house:
        house.voice("<Response/>")
        house.webhooks.on("/twilio/called", "<Response><Say>Hello</Say><Hangup/></Response>")
        house.twilio.people["+14155550177"] = Person(answers_after_s=1)
        sid = await asyncio.to_thread(_control(house).dial, E164("+14155550177"), E164(OWN))
        async with asyncio.timeout(10):
            await house.twilio.calls[sid].ended()
            await house.twilio.settled()
        (asked,) = house.webhooks.at("/twilio/called")
        told = house.webhooks.at("/twilio/status")[-1]
    assert (asked.form["From"], asked.form["To"], asked.form["Direction"]) == (OWN, "+14155550177", "outbound-api")
    assert asked.form["CallStatus"] == "in-progress"
    assert asked.is_signed
    assert told.form["CallStatus"] == "completed"


@pytest.mark.parametrize(("to", "sender"), [("+14155550177", "+15005550099")])
async def test_a_number_that_is_not_ours_cannot_ring(house: Studio, to: str, sender: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        await asyncio.to_thread(_control(house).dial, E164(to), E164(sender))
    assert (caught.value.code, caught.value.retryable) == ("21212", False)


async def test_a_call_of_which_it_is_not_known_whether_it_rings_is_not_to_be_made_again(house: Studio) -> None:
    house.twilio.refuse(1, status=503)
    with pytest.raises(UpstreamError) as caught:
        await asyncio.to_thread(_control(house).dial, E164("+14155550177"), E164(OWN))
    assert (caught.value.retryable, caught.value.is_uncertain) == (False, True)


async def test_a_call_that_was_made_without_our_hearing_of_it_is_found_and_no_other(house: Studio) -> None:
    to, since = E164("+14155550177"), house.twilio.clock.now()
    house.twilio.people[to] = Person(answers_after_s=None)
    control = _control(house)
    sids = [await asyncio.to_thread(control.dial, to, E164(OWN)) for _ in range(2)]
    await asyncio.to_thread(control.dial, E164("+14155550178"), E164(OWN))
    await _talking(house)  # somebody calls us: not asked for
    assert await asyncio.to_thread(control.dialled, to, E164(OWN), since) == tuple(reversed(sids))
    assert await asyncio.to_thread(control.dialled, to, E164(OWN), since + timedelta(hours=1)) == ()
    assert await asyncio.to_thread(control.dialled, E164(CALLER), E164(OWN), since) == ()


@pytest.mark.parametrize("body", [b'{"sid": "CA', b"[]", b"{}", b'{"sid": "SM1"}'])
def test_a_good_answer_that_names_no_call_is_uncertain(twilio: Server, body: bytes) -> None:
    secrets = FixedSecrets()
    twilio.replies[f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"] = [Reply(201, body)]
    control = TwilioCallControl(secrets, twilio.origin, Places("https://x.example", "wss://x.example/media"))
    with pytest.raises(UpstreamError) as caught:
        control.dial(E164("+14155550177"), E164(OWN))
    assert (caught.value.code, caught.value.retryable, caught.value.is_uncertain) == ("unreadable", False, True)
