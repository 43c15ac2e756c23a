"""Recordings sent as a whole, or by their URL."""

import hashlib
import io
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from local.deepgram.audio import MULAW_TO_LINEAR
from local.deepgram.server import DeepgramServer
from local.deepgram.settings import Settings
from local.deepgram.stamp import StampedRecogniser, stamp, word
from tests.unit.local_deepgram.line import KEY, SILENCE

AUTH = {"Authorization": f"Token {KEY}"}
RAW = {"encoding": "mulaw", "sample_rate": "8000"}


@pytest.fixture
async def client(server: DeepgramServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.base_url, headers=AUTH) as client:
        yield client


def wav(*channels: bytes) -> bytes:
    file = io.BytesIO()
    samples = np.stack([MULAW_TO_LINEAR[np.frombuffer(channel, np.uint8)] for channel in channels], axis=1)
    soundfile.write(file, samples, 8_000, format="WAV", subtype="PCM_16")
    return file.getvalue()


async def test_a_wav_file_is_heard_word_for_word(client: httpx.AsyncClient) -> None:
    body = wav(SILENCE * 4_001 + stamp(0, 70))
    answer = await client.post("/v1/listen?model=nova-3&punctuate=true", content=body)
    assert answer.status_code == 200
    response = answer.json()
    metadata = response["metadata"]
    assert metadata["request_id"] == answer.headers["dg-request-id"]
    assert metadata["sha256"] == hashlib.sha256(body).hexdigest()
    assert (metadata["channels"], metadata["duration"]) == (1, pytest.approx(7.500125))
    (channel,) = response["results"]["channels"]
    heard = channel["alternatives"][0]["words"]
    assert [one["punctuated_word"] for one in heard] == [word(number) for number in range(70)]
    assert heard[-1]["end"] == pytest.approx(7.500125)
    assert "utterances" not in response["results"]


@pytest.mark.parametrize(
    ("kind", "subtype"), [("WAV", "PCM_24"), ("WAV", "FLOAT"), ("WAV", "ULAW"), ("FLAC", "PCM_16")]
)
async def test_a_file_of_any_kind_is_heard_word_for_word(client: httpx.AsyncClient, kind: str, subtype: str) -> None:
    file = io.BytesIO()
    samples = MULAW_TO_LINEAR[np.frombuffer(stamp(0, 4), np.uint8)] / 32_768
    soundfile.write(file, samples, 8_000, format=kind, subtype=subtype)
    answer = await client.post("/v1/listen", content=file.getvalue())
    assert answer.json()["results"]["channels"][0]["alternatives"][0]["transcript"] == "w00000 w00001 w00002 w00003"


@pytest.mark.parametrize(("kind", "subtype"), [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")])
async def test_what_loses_something_is_decoded_all_the_same(client: httpx.AsyncClient, kind: str, subtype: str) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(48_000) / 9) / 2, 16_000, format=kind, subtype=subtype)
    response = (await client.post("/v1/listen", content=file.getvalue())).json()
    assert response["metadata"]["duration"] == pytest.approx(3, abs=0.2)
    assert response["results"]["channels"][0]["alternatives"][0]["words"]


async def test_raw_mulaw_needs_only_its_encoding(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/listen", params=RAW, content=stamp(3, 2))
    assert answer.json()["results"]["channels"][0]["alternatives"][0]["transcript"] == "w00003 w00004"


async def test_utterances_of_all_channels_come_in_the_order_of_time(client: httpx.AsyncClient) -> None:
    left = stamp(0, 5) + SILENCE * 16_000 + stamp(5, 5)
    right = (SILENCE * 8_000 + stamp(500, 5)).ljust(len(left), SILENCE)
    answer = await client.post("/v1/listen?multichannel=true&utterances=true", content=wav(left, right))
    results = answer.json()["results"]
    assert len(results["channels"]) == 2
    assert [(one["channel"], one["start"], len(one["words"])) for one in results["utterances"]] == [
        *((0, 0.0, 5), (1, 1.0, 5), (0, 2.5, 5))
    ]


@pytest.fixture
def recordings(tmp_path: Path) -> Iterator[str]:
    """The URL of a plain web server with one recording."""
    (tmp_path / "a.wav").write_bytes(wav(stamp(0, 4)))
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        serving = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{host.server_port}"
        host.shutdown()
        serving.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


async def test_a_url_is_fetched_and_heard(client: httpx.AsyncClient, recordings: str) -> None:
    answer = await client.post("/v1/listen", json={"url": f"{recordings}/a.wav"})
    assert answer.json()["results"]["channels"][0]["alternatives"][0]["transcript"] == "w00000 w00001 w00002 w00003"


async def test_a_url_that_leads_nowhere_is_400(client: httpx.AsyncClient, recordings: str) -> None:
    answer = await client.post("/v1/listen", json={"url": f"{recordings}/b.wav"})
    assert (answer.status_code, answer.json()["err_code"]) == (400, "REMOTE_CONTENT_ERROR")
    assert "404" in answer.json()["err_msg"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "audio/wav"),
        (b"this is not audio", "audio/wav"),
        (b'{"url":"https://127.0.0.1/a.wav"}', "audio/wav"),
        (b"not json", "application/json"),
        (b"{}", "application/json"),
        (b'{"url":5}', "application/json"),
        (b'{"url":"file:///etc/passwd"}', "application/json"),
        (b'{"url":"ftp://127.0.0.1/a.wav"}', "application/json"),
        (b'{"url":"http://127.0.0.1:1/a.wav"}', "application/json"),
    ],
)
async def test_a_body_without_audio_is_400(client: httpx.AsyncClient, body: bytes, content_type: str) -> None:
    answer = await client.post("/v1/listen", content=body, headers={"content-type": content_type})
    assert answer.status_code == 400
    assert answer.json()["request_id"] == answer.headers["dg-request-id"]
    assert answer.json()["err_msg"] == answer.headers["dg-error"]


async def test_a_body_beyond_the_limit_is_413() -> None:
    settings = Settings(max_body_bytes=1_000)
    async with (
        DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, settings=settings) as server,
        httpx.AsyncClient(base_url=server.base_url, headers=AUTH) as client,
    ):
        assert (await client.post("/v1/listen", params=RAW, content=bytes(1_001))).status_code == 413
