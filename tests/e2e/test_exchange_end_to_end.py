"""A file goes in and becomes a call of the archive, in writing; everything goes out again as files."""

import asyncio
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
import soundfile

from local.deepgram.audio import MULAW_TO_LINEAR
from local.deepgram.stamp import stamp, word
from local.house import House
from local.twilio.mulaw import wav
from telephony.calls import CallSid
from tests import sounds
from tests.e2e.asking import eventually
from tests.e2e.importing import MAILBOX_PATH, imported, over
from tests.e2e.stores import stores_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, WORDS = 60_000, 40


async def test_a_file_becomes_a_call_in_writing_and_nobody_is_told(house: House, api: httpx.AsyncClient) -> None:
    at = datetime.now(UTC) - timedelta(days=2)
    file = wav(stamp(FIRST, WORDS))
    job = await imported(api, file, at)

    assert (job["state"], job["trouble"]) == ("done", "")
    call = (await api.get(f"/api/calls/{job['call_sid']}")).json()
    assert (call["is_imported"], call["caller"], call["deliveries"]) == (True, "+14155550188", [])
    transcript = (await api.get(f"/api/calls/{job['call_sid']}/transcript")).json()
    heard = [each["text"] for said in transcript["utterances"] for each in said["words"]]
    assert heard == [word(number) for number in range(FIRST, FIRST + WORDS)]
    assert (transcript["rung"], transcript["is_complete"]) == ("backfilled", True)
    assert house.twilio.messages == []

    span = {"since": (at - timedelta(minutes=1)).isoformat(), "until": (at + timedelta(minutes=1)).isoformat()}
    exported = await over(api, (await api.post(f"{MAILBOX_PATH}/exports", json=span)).json()["job_id"])
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
    job = await imported(api, wav(stamp(FIRST + WORDS, WORDS)), at)
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
    done = await over(api, asked["job_id"])

    assert (done["state"], done["done"], done["counts"], done["left"]) == ("done", 1, {"indexed": 1}, [])
    assert await found() == [job["call_sid"]]
    assert house.twilio.messages == []


async def test_a_file_of_another_kind_is_kept_as_it_is_and_played_as_what_it_is(api: httpx.AsyncClient) -> None:
    file = io.BytesIO()
    samples = MULAW_TO_LINEAR[np.frombuffer(stamp(FIRST + 2 * WORDS, WORDS), np.uint8)]
    soundfile.write(file, samples, 8_000, format="FLAC", subtype="PCM_16")
    job = await imported(api, file.getvalue(), datetime.now(UTC) - timedelta(days=4))

    assert (job["state"], job["trouble"]) == ("done", "")
    call = (await api.get(f"/api/calls/{job['call_sid']}")).json()
    transcript = (await api.get(f"/api/calls/{job['call_sid']}/transcript")).json()
    heard = [each["text"] for said in transcript["utterances"] for each in said["words"]]
    assert heard == [word(number) for number in range(FIRST + 2 * WORDS, FIRST + 3 * WORDS)]
    assert (call["duration_s"], transcript["is_complete"]) == (WORDS // 10, True)
    sound = (await api.get(f"/api/calls/{job['call_sid']}/audio")).json()
    async with httpx.AsyncClient() as anybody:
        played = await anybody.get(sound["url"])
        kept = await anybody.get(sound["download_url"])
    assert (sound["content_type"], sound["file_name"][-5:]) == ("audio/flac", ".flac")
    assert (played.headers["content-type"], played.content, kept.content) == ("audio/flac", *[file.getvalue()] * 2)


async def test_a_file_that_only_deepgram_itself_decodes_is_in_the_archive_and_the_job_says_why_without_text(
    api: httpx.AsyncClient,
) -> None:
    job = await imported(api, sounds.M4A, datetime.now(UTC) - timedelta(days=5))

    assert (job["state"], "NOT_DECODED_LOCALLY" in job["trouble"]) == ("failed", True)
    sound = (await api.get(f"/api/calls/{job['call_sid']}/audio")).json()
    assert sound["content_type"] == "audio/mp4"


async def test_a_file_that_is_no_sound_is_refused_with_how_to_make_one(api: httpx.AsyncClient) -> None:
    job = await imported(api, b"this is no sound", datetime.now(UTC))

    assert job["state"] == "failed"
    assert "ffmpeg" in job["trouble"]
    assert (await api.get(f"/api/calls/{job['call_sid']}")).status_code == httpx.codes.NOT_FOUND
