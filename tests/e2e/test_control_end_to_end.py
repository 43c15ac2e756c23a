"""A call that is paused while figures are spoken, and a call that we make; every word is stamped, so none can hide."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import boto3
import httpx
import pytest
import pytest_asyncio

from local.aws.resources import aws_session
from local.deepgram.batch import decode_body
from local.deepgram.query import parse_query
from local.deepgram.stamp import DAMAGED, StampedRecogniser, stamp, word
from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.twilio.call import Call
from local.twilio.caller import Caller, Line, Person
from local.twilio.events import TwimlAnswered
from telephony.aws.clients import CONFIG
from tests.e2e.asking import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPEED = 1.0
"""A pause is known by the clock on the wall, so that must be the call's."""
COUNT = 150
"""15 s of speech."""
SCOPED = replace(MAILBOX, email_recipients=())
CALLEE = "+14155550177"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house(Plan(recogniser="stamped", speed=SPEED, mailbox=SCOPED)) as opened:
        yield opened


def _heard(transcript: dict[str, Any]) -> list[str]:
    return [each["text"] for said in transcript.get("utterances", ()) for each in said["words"]]


async def _transcript(api: httpx.AsyncClient, sid: str, last: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any] | None:
        found: dict[str, Any] = (await api.get(f"/api/calls/{sid}/transcript")).json()
        return found if last in _heard(found) else None

    return await eventually(ask)


async def _over(house: House, call: Call) -> None:
    async with asyncio.timeout(30):
        await call.ended()
        await house.twilio.settled()


async def _stored(house: House, api: httpx.AsyncClient, sid: str) -> list[str]:
    """Return the words of our copy of the recording."""

    async def ask() -> bool | None:
        (recording,) = (await api.get(f"/api/calls/{sid}")).json()["recordings"] or [{"is_stored": False}]
        return True if recording["is_stored"] else None

    await eventually(ask)

    def fetch() -> bytes:
        session: boto3.Session = aws_session()
        s3 = session.client("s3", endpoint_url=house.aws_endpoint, config=CONFIG)
        bucket = house.resources.bucket_name
        (found,) = s3.list_objects_v2(Bucket=bucket, Prefix=f"recordings/{MAILBOX.id}/{sid}/")["Contents"]
        return s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()

    (pcm,) = decode_body(await asyncio.to_thread(fetch), parse_query([("model", "nova-3")]))
    return [each.punctuated for each in StampedRecogniser().transcribe(pcm, complete=True).words]


async def test_what_is_said_in_a_pause_is_in_no_text_and_no_sound(house: House, api: httpx.AsyncClient) -> None:
    call = await house.twilio.ring(Caller(number="+14155550123", speech=stamp(0, COUNT)), to=OUR_NUMBER)
    await _transcript(api, call.sid, word(20))
    paused = await api.post(f"/api/calls/{call.sid}/pause")
    silent_from = _said_by_now(house, call)
    assert (paused.status_code, paused.json()["is_recording_paused"]) == (200, True)
    await asyncio.sleep(4)
    while_paused = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
    silent_to = _said_by_now(house, call)
    resumed = await api.post(f"/api/calls/{call.sid}/resume")
    assert resumed.status_code == 200, resumed.text
    assert silent_to - silent_from > 30  # or nothing is shown
    await _over(house, call)
    transcript = await _transcript(api, call.sid, word(COUNT - 1))
    assert not while_paused["is_ended"]
    assert while_paused["pauses"][0]["end_ms"] is None
    kept_out = {word(number) for number in range(silent_from, silent_to)}
    heard = _heard(transcript)
    assert not kept_out & set(heard)
    heard = [each for each in heard if each != DAMAGED]  # blocks that were cut by a pause's edge
    assert heard == sorted(heard)
    assert {word(0), word(COUNT - 1)} <= set(heard)
    (pause,) = transcript["pauses"]
    assert pause["reason"] == "paused by request"
    (coverage,) = transcript["coverage"]
    assert coverage["paused"] == [{"start_ms": pause["start_ms"], "end_ms": pause["end_ms"]}]
    assert not kept_out & set(await _stored(house, api, call.sid))
    for form in ("text", "srt", "vtt"):
        shown = (await api.get(f"/api/calls/{call.sid}/transcript", params={"format": form})).text
        assert shown.count("(paused by request)") == 1
    assert transcript["is_complete"]
    sms = [each for each in house.twilio.messages if word(0) in each.body]
    assert len(sms) == 1


def _said_by_now(house: House, call: Call) -> int:
    """Return the number of the block that the caller is saying now."""
    (at, _), *_ = call.line.inbound._sounds  # noqa: SLF001 - where the speech begins, which nothing else tells
    return int(house.twilio.clock.now_ms() - at / 8) // 100


async def test_somebody_is_rung_told_that_they_are_recorded_and_put_in_writing(
    house: House, api: httpx.AsyncClient
) -> None:
    house.twilio.people[CALLEE] = Person(answers_after_s=2, speech=stamp(5_000, 30), hangs_up_after_s=1)
    body = {"mailbox_id": MAILBOX.id, "from": OUR_NUMBER, "to": CALLEE}

    answers = [await api.post("/api/calls", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    call = house.twilio.calls[answers[0].json()["call_sid"]]
    await _over(house, call)
    transcript = await _transcript(api, call.sid, word(5_029))
    detail = (await api.get(f"/api/calls/{call.sid}")).json()
    assert _heard(transcript) == [word(number) for number in range(5_000, 5_030)]
    assert (detail["direction"], detail["number"], detail["caller"]) == ("outbound", OUR_NUMBER, CALLEE)
    assert detail["status"] == "completed"
    assert [(each["step"], each["webhook"]) for each in detail["consents"]] == [("announced", "/twilio/called")]
    (document,) = [event.xml for event in call.events if isinstance(event, TwimlAnswered)][:1]
    assert document.index("recorded and put in writing") < document.index("<Stream")
    assert not [each for each in house.twilio.messages if word(5_000) in each.body]


async def test_somebody_who_is_on_the_telephone_already_is_a_call_that_nobody_answered(
    house: House, api: httpx.AsyncClient
) -> None:
    house.twilio.people[CALLEE] = Person(line=Line.BUSY)
    body = {"mailbox_id": MAILBOX.id, "from": OUR_NUMBER, "to": CALLEE}
    sid = (await api.post("/api/calls", json=body)).json()["call_sid"]
    await _over(house, house.twilio.calls[sid])
    detail = (await api.get(f"/api/calls/{sid}")).json()
    assert (detail["status"], detail["stage"]) == ("busy", "ringing-person")
