"""A file goes in and becomes a call of the archive, in writing; everything goes out again as files."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local.deepgram.stamp import stamp, word
from local.house import MAILBOX, OUR_NUMBER, House
from local.twilio.mulaw import wav
from telephony.calls import CallSid
from tests.e2e.asking import eventually
from tests.e2e.stores import stores_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAILBOX_PATH = f"/api/mailboxes/{MAILBOX.id}"
FIRST, WORDS = 60_000, 40


async def _over(api: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    async def over() -> dict[str, Any] | None:
        job: dict[str, Any] = (await api.get(f"/api/jobs/{job_id}")).json()
        return job if job["state"] in {"done", "failed"} else None

    return await eventually(over)


async def _imported(api: httpx.AsyncClient, file: bytes, at: datetime) -> dict[str, Any]:
    known = {"size_bytes": len(file), "started_at": at.isoformat(), "number": OUR_NUMBER, "caller": "+14155550188"}
    asked = (await api.post(f"{MAILBOX_PATH}/imports", json=known)).raise_for_status().json()
    async with httpx.AsyncClient() as anybody:
        upload = asked["upload"]
        (await anybody.put(upload["url"], content=file, headers=upload["headers"])).raise_for_status()
    (await api.post(f"/api/jobs/{asked['job_id']}/start")).raise_for_status()
    return {**asked, **await _over(api, asked["job_id"])}


async def test_a_file_becomes_a_call_in_writing_and_nobody_is_told(house: House, api: httpx.AsyncClient) -> None:
    at = datetime.now(UTC) - timedelta(days=2)
    file = wav(stamp(FIRST, WORDS))
    job = await _imported(api, file, at)

    assert (job["state"], job["trouble"]) == ("done", "")
    call = (await api.get(f"/api/calls/{job['call_sid']}")).json()
    assert (call["is_imported"], call["caller"], call["deliveries"]) == (True, "+14155550188", [])
    transcript = (await api.get(f"/api/calls/{job['call_sid']}/transcript")).json()
    heard = [each["text"] for said in transcript["utterances"] for each in said["words"]]
    assert heard == [word(number) for number in range(FIRST, FIRST + WORDS)]
    assert (transcript["rung"], transcript["is_complete"]) == ("backfilled", True)
    assert house.twilio.messages == []

    span = {"since": (at - timedelta(minutes=1)).isoformat(), "until": (at + timedelta(minutes=1)).isoformat()}
    exported = await _over(api, (await api.post(f"{MAILBOX_PATH}/exports", json=span)).json()["job_id"])
    assert (exported["state"], exported["done"]) == ("done", 1)
    files = (await api.get(f"/api/jobs/{exported['job_id']}/files")).json()["files"]
    async with httpx.AsyncClient() as anybody:
        texts = {each["name"]: (await anybody.get(each["url"])).text for each in files}
    (line,) = [json.loads(each) for each in texts["calls-0001.jsonl"].splitlines()]
    assert (line["call_sid"], line["transcript"]["text"].split()) == (job["call_sid"], heard)
    (sound,) = [json.loads(each) for each in texts["audio-0001.jsonl"].splitlines()]
    assert (sound["bytes"], sound["sha256"]) == (len(file), hashlib.sha256(file).hexdigest())


async def test_a_call_that_is_in_no_index_is_found_once_it_is_indexed_again(
    house: House, api: httpx.AsyncClient
) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    job = await _imported(api, wav(stamp(FIRST + WORDS, WORDS)), at)
    index = stores_of(house).search
    search = {"q": word(FIRST + WORDS + 3)}

    async def found() -> list[str]:
        hits = (await api.get(f"{MAILBOX_PATH}/search", params=search)).raise_for_status().json()["hits"]
        return [hit["call_sid"] for hit in hits]

    async def is_found() -> bool | None:
        return await found() == [job["call_sid"]] or None

    await eventually(is_found)
    assert await asyncio.to_thread(index.forget, CallSid(job["call_sid"])) >= WORDS
    assert await found() == []

    span = {"since": (at - timedelta(minutes=1)).isoformat(), "until": (at + timedelta(minutes=1)).isoformat()}
    asked = (await api.post(f"{MAILBOX_PATH}/reindexes", json=span)).raise_for_status().json()
    done = await _over(api, asked["job_id"])

    assert (done["state"], done["done"], done["counts"], done["left"]) == ("done", 1, {"indexed": 1}, [])
    assert await found() == [job["call_sid"]]
    assert house.twilio.messages == []


async def test_a_file_that_is_no_sound_is_refused_with_how_to_make_one(api: httpx.AsyncClient) -> None:
    job = await _imported(api, b"this is no sound", datetime.now(UTC))

    assert job["state"] == "failed"
    assert "ffmpeg" in job["trouble"]
    assert (await api.get(f"/api/calls/{job['call_sid']}")).status_code == httpx.codes.NOT_FOUND
