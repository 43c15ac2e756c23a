"""A call comes in, is told, and is erased through the API; then all is read again, and nothing brings it back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.aws.resources import aws_session
from local.deepgram.stamp import stamp, word
from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.faults import Faults
from telephony.aws import table
from telephony.keeping import Keeping
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLER = "+14155550123"
FIRST = 40_000
DAY_S = 8.0


async def _leave_message(house: House, *, first: int, caller: str = CALLER) -> Call:
    call = await house.twilio.ring(Caller(number=caller, speech=stamp(first, 20)), to=OUR_NUMBER)
    async with asyncio.timeout(20):
        await call.ended()
    return call


async def _told(api: httpx.AsyncClient, call: Call) -> dict[str, Any]:
    async def detail() -> dict[str, Any] | None:
        answer = await api.get(f"/api/calls/{call.sid}")
        found: dict[str, Any] = answer.json()
        is_told = [each["state"] for each in found.get("deliveries", ())] == ["sent", "sent"]
        return found if is_told and any(each["is_stored"] for each in found["recordings"]) else None

    return await eventually(detail)


async def _over(api: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    async def over() -> dict[str, Any] | None:
        job: dict[str, Any] = (await api.get(f"/api/jobs/{job_id}")).json()
        return job if job["state"] in {"done", "failed"} else None

    return await eventually(over)


def _items(house: House, call_sid: str) -> list[str]:
    client = aws_session().client("dynamodb", endpoint_url=house.aws_endpoint)
    query = {":pk": {"S": table.key(table.CALL, call_sid)}}
    answer = client.query(
        TableName=house.resources.table_name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=query
    )
    client.close()
    return [item["sk"]["S"] for item in answer["Items"]]


def _versions(house: House, call_sid: str) -> list[str]:
    client = aws_session().client("s3", endpoint_url=house.aws_endpoint)
    answer = client.list_object_versions(Bucket=house.resources.bucket_name)
    client.close()
    found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [each["Key"] for each in found if call_sid in each["Key"]]


async def test_nothing_of_an_erased_call_is_left_anywhere_and_nothing_brings_it_back(
    house: House, api: httpx.AsyncClient
) -> None:
    other = await _leave_message(house, first=FIRST + 500)
    call = await _leave_message(house, first=FIRST)
    await _told(api, other)
    await _told(api, call)
    await house.twilio.settled()
    recordings = [each for each in house.twilio.recordings.values() if each.call_sid == call.sid]
    (sms,) = [each for each in house.twilio.messages if word(FIRST) in each.body]
    link = sms.body.splitlines()[-1]
    assert await asyncio.to_thread(_versions, house, call.sid)
    assert recordings

    accepted = await api.delete(f"/api/calls/{call.sid}")
    assert accepted.status_code == httpx.codes.ACCEPTED
    job = await _over(api, accepted.json()["job_id"])

    assert (job["state"], job["left"], job["trouble"]) == ("done", [], "")
    assert job["counts"]["twilio_recordings"] == job["counts"]["audio_versions"] == job["counts"]["links"] == 1
    assert job["counts"]["twilio_messages"] == 1
    await _is_nowhere(house, api, call)
    assert sms not in house.twilio.messages
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(link)).status_code == httpx.codes.NOT_FOUND
    assert (await api.get(f"/api/calls/{other.sid}/transcript")).json()["utterances"]
    assert await asyncio.to_thread(_versions, house, other.sid)

    (recording,) = recordings
    await _call_back(house, call, recording.sid)
    await _is_nowhere(house, api, call)


async def _is_nowhere(house: House, api: httpx.AsyncClient, call: Call) -> None:
    assert await asyncio.to_thread(_items, house, call.sid) == [table.ERASED]
    assert await asyncio.to_thread(_versions, house, call.sid) == []
    assert all(each.call_sid != call.sid for each in house.twilio.recordings.values())
    for tail in ("", "/transcript", "/audio"):
        assert (await api.get(f"/api/calls/{call.sid}{tail}")).status_code == httpx.codes.NOT_FOUND
    listed = (await api.get(f"/api/mailboxes/{MAILBOX.id}/calls")).json()["calls"]
    assert call.sid not in [each["call_sid"] for each in listed]


async def _call_back(house: House, call: Call, recording_sid: str) -> None:
    """Have Twilio say once more that the recording is there, and how the call ended."""
    common = {"AccountSid": house.twilio.account.sid, "CallSid": call.sid}
    recording = {
        "RecordingSid": recording_sid,
        "RecordingStatus": "completed",
        "RecordingDuration": "2",
        "RecordingUrl": f"{house.twilio.base_url}/late",
    }
    end = {"CallStatus": "completed", "CallDuration": "3", "From": CALLER, "To": OUR_NUMBER, "Direction": "inbound"}
    for path, params in (("recording", recording), ("status", end)):
        answer = await house.twilio.webhooks.send(f"{house.origin}/twilio/{path}", common | params, purpose="late")
        assert answer.status == httpx.codes.NO_CONTENT


async def test_an_sms_whose_answer_was_lost_is_erased_at_twilio(house: House, api: httpx.AsyncClient) -> None:
    first = FIRST + 7_000
    house.twilio.faults = Faults(lose_sms_answers=True)
    try:
        call = await _leave_message(house, first=first)

        async def unanswered() -> bool | None:
            found = (await api.get(f"/api/calls/{call.sid}")).json().get("deliveries", ())
            return True if any(each["trouble"] == "timeout" and not each["reference"] for each in found) else None

        await eventually(unanswered)
    finally:
        house.twilio.faults = Faults()
    assert [each for each in house.twilio.messages if word(first) in each.body]
    job = await _over(api, (await api.delete(f"/api/calls/{call.sid}")).json()["job_id"])
    assert (job["state"], job["left"], job["counts"]["twilio_messages"]) == ("done", [], 1)
    assert not [each for each in house.twilio.messages if word(first) in each.body]
    await _is_nowhere(house, api, call)


async def test_everything_of_a_caller_is_erased_but_what_is_on_hold(house: House, api: httpx.AsyncClient) -> None:
    caller = "+14155550177"
    calls = [await _leave_message(house, first=FIRST + 1_000 * number, caller=caller) for number in (1, 2)]
    for call in calls:
        await _told(api, call)
    await house.twilio.settled()
    held, free = calls
    assert (await api.put(f"/api/calls/{held.sid}/hold")).status_code == httpx.codes.OK
    assert (await api.delete(f"/api/calls/{held.sid}")).status_code == httpx.codes.CONFLICT

    accepted = await api.post(f"/api/mailboxes/{MAILBOX.id}/erasures", json={"caller": caller})
    job = await _over(api, accepted.json()["job_id"])

    assert (job["state"], job["done"], job["left"]) == ("done", 1, [f"{held.sid} is on legal hold"])
    await _is_nowhere(house, api, free)
    assert (await api.get(f"/api/calls/{held.sid}/transcript")).json()["utterances"]


@pytest_asyncio.fixture(loop_scope="module")
async def forgetful_house() -> AsyncIterator[House]:
    """Give a house whose mailbox keeps its calls for one day, which is some seconds long."""
    mailbox = replace(MAILBOX, keeping=Keeping(retention_days=1))
    settings = {"RETENTION_DAY_S": str(DAY_S), "ROUND_EVERY_S": "0.5"}
    plan = Plan(recogniser="stamped", speed=SPEED, mailbox=mailbox, settings=settings)
    async with open_house(plan) as opened:
        yield opened


async def test_a_call_is_erased_when_its_mailboxs_term_is_over(forgetful_house: House) -> None:
    house = forgetful_house
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:
        call = await _leave_message(house, first=FIRST)
        detail = await _told(api, call)

        async def expired() -> dict[str, Any] | None:
            jobs = (await api.get(f"/api/mailboxes/{MAILBOX.id}/jobs")).json()["jobs"]
            return next((job for job in jobs if job["state"] == "done" and job["done"] == 1), None)

        job = await eventually(expired)
        assert (job["kind"], job["requested_by"], job["left"]) == ("expire", "retention", [])
        age = datetime.fromisoformat(job["requested_at"]) - datetime.fromisoformat(detail["started_at"])
        assert age.total_seconds() >= DAY_S
        await _is_nowhere(house, api, call)
