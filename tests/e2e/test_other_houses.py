"""Numbers that ring somebody first, and real speech, on the telephone and in a file."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.deepgram.stamp import stamp, word
from local.demo import MAX_WORD_ERROR_RATE, SPEECH
from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.phone import mu_law
from local.twilio.call import Call
from local.twilio.caller import Caller, Person
from local.twilio.messages import Message
from local.wording import word_error_rate
from telephony.numbers import E164, Number, NumberMode
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED
from tests.e2e.importing import imported

PERSON = E164("+14155550177")
RINGS_FIRST = Number(OUR_NUMBER, MAILBOX.id, NumberMode.RING_FIRST, ring_target=PERSON, ring_seconds=5)


async def _call(house: House, speech: bytes) -> Call:
    call = await house.twilio.ring(Caller(number="+14155550123", speech=speech), to=OUR_NUMBER)
    async with asyncio.timeout(30):
        await call.ended()
        await house.twilio.settled()
    return call


def _first_sms(house: House) -> Callable[[], Awaitable[Message | None]]:
    async def ask() -> Message | None:
        return house.twilio.messages[0] if house.twilio.messages else None

    return ask


async def test_a_number_takes_the_message_when_the_person_it_rings_does_not_answer() -> None:
    async with open_house(Plan(recogniser="stamped", speed=SPEED, number=RINGS_FIRST)) as house:
        await _call(house, stamp(0, 20))
        sms = await eventually(_first_sms(house))
    assert word(0) in sms.body
    assert word(19) in sms.body


async def test_nobody_is_told_of_a_call_that_was_answered() -> None:
    async with open_house(Plan(recogniser="stamped", speed=SPEED, number=RINGS_FIRST)) as house:
        house.twilio.people[PERSON] = Person(answers_after_s=2, hangs_up_after_s=5)
        call = await _call(house, stamp(0, 20))
        headers = {"Authorization": f"Bearer {house.token}"}
        async with httpx.AsyncClient(base_url=house.origin, headers=headers) as api:

            async def answered() -> bool | None:
                detail = (await api.get(f"/api/calls/{call.sid}")).json()
                return True if (detail["stage"], detail["status"]) == ("answered", "completed") else None

            assert await eventually(answered)
    assert house.twilio.messages == []


async def test_human_speech_is_put_in_writing() -> None:
    said = (SPEECH / "sense-and-sensibility.txt").read_text()
    async with open_house(Plan(speed=3)) as house:
        call = await _call(house, mu_law(SPEECH / "sense-and-sensibility.wav"))
        headers = {"Authorization": f"Bearer {house.token}"}
        async with httpx.AsyncClient(base_url=house.origin, headers=headers) as api:

            async def complete() -> dict[str, Any] | None:
                transcript: dict[str, Any] = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
                return transcript if transcript["is_complete"] else None

            transcript = await eventually(complete)
    heard = " ".join(utterance["text"] for utterance in transcript["utterances"])
    assert word_error_rate(said, heard) < MAX_WORD_ERROR_RATE


async def test_human_speech_in_a_file_that_is_no_telephones_is_put_in_writing() -> None:
    said = (SPEECH / "sense-and-sensibility.txt").read_text()
    file = (SPEECH / "sense-and-sensibility.wav").read_bytes()  # 16 kHz
    async with open_house(Plan()) as house:
        headers = {"Authorization": f"Bearer {house.token}"}
        async with httpx.AsyncClient(base_url=house.origin, headers=headers) as api:
            job = await imported(api, file, datetime.now(UTC) - timedelta(days=1))
            transcript = (await api.get(f"/api/calls/{job['call_sid']}/transcript")).json()
            call = (await api.get(f"/api/calls/{job['call_sid']}")).json()
            sound = (await api.get(f"/api/calls/{job['call_sid']}/audio")).json()
        async with httpx.AsyncClient() as anybody:
            kept = (await anybody.get(sound["download_url"])).content
    heard = " ".join(utterance["text"] for utterance in transcript["utterances"])
    assert (job["state"], job["trouble"], call["duration_s"], transcript["is_complete"]) == ("done", "", 25, True)
    assert word_error_rate(said, heard) < MAX_WORD_ERROR_RATE
    assert kept == file
