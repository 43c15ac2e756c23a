"""What the live text lacks comes from the recording, in whole calls; every word is stamped, so none can hide."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from local.deepgram.faults import Faults
from local.deepgram.stamp import stamp, word
from local.house import OUR_NUMBER, House, Plan, open_house
from local.twilio.call import Call
from local.twilio.caller import Caller
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED

WORDS = 100  # ten seconds
SAID = [word(number) for number in range(WORDS)]


async def _call(house: House) -> Call:
    call = await house.twilio.ring(Caller(number="+14155550123", speech=stamp(0, WORDS)), to=OUR_NUMBER)
    async with asyncio.timeout(30):
        await call.ended()
        await house.twilio.settled()
    return call


async def _told(house: House) -> str:
    async def body() -> str | None:
        return house.twilio.messages[0].body if house.twilio.messages else None

    return await eventually(body)


async def _transcript(house: House, call: Call) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:
        answer = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
        return dict(answer)


def _words(transcript: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for said in transcript["utterances"] for each in said["words"]]


@pytest_asyncio.fixture
async def deaf_house() -> AsyncIterator[House]:
    """Give a house without a streamer: recordings only."""
    async with open_house(Plan(recogniser="stamped", speed=SPEED, with_streamer=False)) as house:
        yield house


async def test_without_a_streamer_every_word_comes_from_the_recording(deaf_house: House) -> None:
    call = await _call(deaf_house)
    sms = await _told(deaf_house)
    transcript = await _transcript(deaf_house, call)

    words = _words(transcript)
    assert [each["text"] for each in words] == SAID
    begin = words[0]["start_ms"]
    assert [each["start_ms"] - begin for each in words] == [100 * number for number in range(WORDS)]
    assert (transcript["rung"], transcript["is_complete"]) == ("backfilled", True)
    assert {said["rung"] for said in transcript["utterances"]} == {"backfilled"}
    (repair,) = transcript["repairs"]
    assert (repair["state"], repair["offset_ms"], repair["offset_found_by"]) == ("done", 0, "assumed")
    assert word(0) in sms
    assert "incomplete" not in sms
    assert len(deaf_house.twilio.messages) == 1


async def test_the_link_in_the_message_plays_what_was_put_in_writing(deaf_house: House) -> None:
    await _call(deaf_house)
    sms = await _told(deaf_house)
    async with httpx.AsyncClient(follow_redirects=True) as anybody:
        audio = await anybody.get(sms.rpartition("Listen:\n")[2])

    assert audio.content.startswith(b"RIFF")


async def test_when_nothing_could_be_heard_live_every_word_has_the_time_it_would_have_had() -> None:
    async with open_house(Plan(recogniser="stamped", speed=SPEED)) as house:
        live = _words(await _transcript_of_first(house))
        house.twilio.messages.clear()
        await house.deepgram.order(Faults(refuse_handshakes=10_000, refuse_status=401))
        call = await _call(house)
        sms = await _told(house)
        transcript = await _transcript(house, call)

    words = _words(transcript)
    assert [each["text"] for each in words] == SAID
    tolerance_ms = 200  # the greeting of another call may begin some frames later
    assert all(abs(each["start_ms"] - then["start_ms"]) <= tolerance_ms for each, then in zip(words, live, strict=True))
    (repair,) = transcript["repairs"]
    assert repair["offset_found_by"] == "end"
    assert transcript["coverage"][0]["holes"] == [{"start_ms": 0, "end_ms": repair["offset_ms"]}]
    assert "All of the recording is in writing" in sms


async def _transcript_of_first(house: House) -> dict[str, Any]:
    call = await _call(house)
    await _told(house)
    return await _transcript(house, call)


async def test_what_followed_a_lost_recogniser_is_aligned_by_the_words_before() -> None:
    async with open_house(Plan(recogniser="stamped", speed=SPEED)) as house:
        call = await house.twilio.ring(Caller(number="+14155550123", speech=stamp(0, WORDS)), to=OUR_NUMBER)

        async def is_listening() -> bool | None:
            return (await house.deepgram.state()).open_streams == 1 or None

        await eventually(is_listening)
        # Some words in, and from then on refused for good.
        await house.deepgram.order(Faults(close_after_ms=9_000, refuse_handshakes=10_000, refuse_status=401))
        async with asyncio.timeout(30):
            await call.ended()
            await house.twilio.settled()
        sms = await _told(house)
        transcript = await _transcript(house, call)

    assert [each["text"] for each in _words(transcript)] == SAID
    assert {said["rung"] for said in transcript["utterances"]} == {"live", "backfilled"}
    (repair,) = transcript["repairs"]
    assert repair["offset_found_by"] == "words"
    assert transcript["is_complete"]
    assert "incomplete" not in sms
