"""A caller speaks; the words are an SMS, an e-mail and an API answer. Every word is stamped, so none can hide."""

import asyncio
from typing import Any

import httpx
import pytest

from local.aws.mailroom import Mail, read_mail
from local.deepgram.stamp import stamp, word
from local.house import MAILBOX, OUR_NUMBER, OWNER_EMAIL, OWNER_PHONE, House
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.faults import Faults
from local.twilio.messages import Message
from tests.e2e.asking import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLER = "+14155550123"
WORDS = 250  # 25 seconds


async def _leave_message(house: House, *, first: int = 0, count: int = WORDS, caller: str = CALLER) -> Call:
    call = await house.twilio.ring(Caller(number=caller, speech=stamp(first, count)), to=OUR_NUMBER)
    async with asyncio.timeout(20):
        await call.ended()
    return call


async def _delivered(api: httpx.AsyncClient, call: Call) -> dict[str, Any]:
    async def detail() -> dict[str, Any] | None:
        answer = await api.get(f"/api/calls/{call.sid}")
        if answer.status_code != httpx.codes.OK:
            return None
        found: dict[str, Any] = answer.json()
        states = [delivery["state"] for delivery in found["deliveries"]]
        is_stored = any(recording["is_stored"] for recording in found["recordings"])
        return found if states == ["sent", "sent"] and is_stored else None

    return await eventually(detail)


def _messages(house: House, text: str) -> list[Message]:
    return [message for message in house.twilio.messages if text in message.body]


async def test_every_word_is_written_once_at_its_time(house: House, api: httpx.AsyncClient) -> None:
    call = await _leave_message(house)
    await _delivered(api, call)
    transcript = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
    words = [each for utterance in transcript["utterances"] for each in utterance["words"]]
    assert [each["text"] for each in words] == [word(number) for number in range(WORDS)]
    begin = words[0]["start_ms"]
    assert [each["start_ms"] - begin for each in words] == [100 * number for number in range(WORDS)]
    assert [each["end_ms"] - each["start_ms"] for each in words] == [100] * WORDS
    assert transcript["is_complete"]
    assert transcript["rung"] == "live"
    (coverage,) = transcript["coverage"]
    assert coverage["transcribed_ms"] == coverage["received_ms"]
    assert coverage["holes"] == coverage["missing"] == []


async def test_a_message_is_found_by_what_was_said_and_by_who_called(house: House, api: httpx.AsyncClient) -> None:
    call = await _leave_message(house, first=9_000, count=60, caller="+14155550177")
    search = f"/api/mailboxes/{MAILBOX.id}/search"

    async def found() -> dict[str, Any] | None:
        phrase = f'"{word(9_020)} {word(9_021)}" '
        answer = (await api.get(search, params={"q": phrase, "caller": "555 0177"})).json()
        return answer["hits"][0] if answer["hits"] else None

    hit = await eventually(found)
    transcript = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
    words = [each for utterance in transcript["utterances"] for each in utterance["words"]]
    assert hit["call_sid"] == call.sid
    assert hit["start_ms"] == next(each["start_ms"] for each in words if each["text"] == word(9_020))
    assert word(9_021) in hit["snippet"]


async def test_the_owner_is_told_once_by_sms_and_once_by_email(house: House, api: httpx.AsyncClient) -> None:
    call = await _leave_message(house, first=1_000, count=20)
    await _delivered(api, call)
    (sms,) = _messages(house, word(1_000))
    assert sms.to == OWNER_PHONE
    assert sms.from_ == OUR_NUMBER
    assert f"Voicemail from {CALLER}" in sms.body
    assert word(1_019) in sms.body
    mails = await asyncio.to_thread(read_mail, house.aws_endpoint, house.resources.topic_arn)
    (mail,) = [each for each in mails if word(1_000) in each.body]
    assert isinstance(mail, Mail)
    assert mail.address == OWNER_EMAIL
    assert mail.subject.startswith(f"Voicemail from {CALLER}")


async def test_the_link_in_the_sms_plays_the_message(house: House, api: httpx.AsyncClient) -> None:
    call = await _leave_message(house, first=2_000, count=20)
    await _delivered(api, call)
    (sms,) = _messages(house, word(2_000))
    link = sms.body.rpartition("Listen:\n")[2]
    async with httpx.AsyncClient(follow_redirects=True) as anybody:
        audio = await anybody.get(link)
    assert audio.status_code == httpx.codes.OK
    assert audio.content.startswith(b"RIFF")


async def test_callbacks_that_come_twice_and_out_of_order_change_nothing(house: House, api: httpx.AsyncClient) -> None:
    house.twilio.faults = Faults(duplicate_callbacks=3, recording_callback_first=True)
    try:
        call = await _leave_message(house, first=3_000, count=20)
        detail = await _delivered(api, call)
        await house.twilio.settled()
    finally:
        house.twilio.faults = Faults()
    assert len(_messages(house, word(3_000))) == 1
    assert len(detail["recordings"]) == 1
    assert detail["status"] == "completed"


async def test_calls_at_the_same_time_do_not_mix(house: House, api: httpx.AsyncClient) -> None:
    firsts = range(10_000, 14_000, 1_000)
    calls = await asyncio.gather(
        *(_leave_message(house, first=first, count=50, caller=f"+1415555{first}") for first in firsts)
    )
    for call, first in zip(calls, firsts, strict=True):
        await _delivered(api, call)
        transcript = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
        heard = [each["text"] for utterance in transcript["utterances"] for each in utterance["words"]]
        assert heard == [word(number) for number in range(first, first + 50)]


async def test_the_archive_lists_calls_newest_first_page_by_page(house: House, api: httpx.AsyncClient) -> None:
    older = await _leave_message(house, first=20_000, count=5)
    newer = await _leave_message(house, first=20_100, count=5)
    await _delivered(api, newer)
    page = (await api.get("/api/mailboxes/reception/calls", params={"limit": 1})).json()
    rest = (await api.get("/api/mailboxes/reception/calls", params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert [each["call_sid"] for each in page["calls"] + rest["calls"]] == [newer.sid, older.sid]
