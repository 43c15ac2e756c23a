"""The server speaks, in tones, as Deepgram's own library asks for it."""

import httpx
import pytest
from deepgram.core.api_error import ApiError

from local.deepgram.faults import Faults
from local.deepgram.server import DeepgramServer
from telephony.wire import mulaw_wav
from tests.unit.local_deepgram.line import KEY
from tests.unit.local_deepgram.test_deepgram_sdk import sdk

pytestmark = [
    pytest.mark.filterwarnings(r"ignore:websockets\.legacy is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings(r"ignore:websockets\.exceptions\.InvalidStatusCode is deprecated:DeprecationWarning"),
]


async def _spoken(server: DeepgramServer, text: str, voice: str = "aura-2-thalia-en", container: str = "none") -> bytes:
    async with sdk(server) as client:
        pieces = client.speak.v1.audio.generate(
            text=text,
            model=voice,
            encoding="mulaw",
            sample_rate=8_000,
            container=container,
        )
        return b"".join([piece async for piece in pieces])


async def test_the_sdk_gets_the_same_sound_for_the_same_text_and_voice_alone(server: DeepgramServer) -> None:
    first = await _spoken(server, "Please leave a message.")
    assert len(first) == 8 * (20 * 40 + 3 * 80)
    assert await _spoken(server, "Please leave a message.") == first
    assert await _spoken(server, "Please leave a massage.") != first
    assert await _spoken(server, "Please leave a message.", "aura-2-apollo-en") != first


async def test_a_container_is_a_file(server: DeepgramServer) -> None:
    assert await _spoken(server, "Hi", container="wav") == mulaw_wav.wrap(await _spoken(server, "Hi"))


@pytest.mark.parametrize(("text", "voice", "status"), [("Hi", "nobody", 400), (" ", "aura-2-thalia-en", 400)])
async def test_what_cannot_be_spoken_is_refused(server: DeepgramServer, text: str, voice: str, status: int) -> None:
    with pytest.raises(ApiError) as caught:
        await _spoken(server, text, voice)
    assert caught.value.status_code == status


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("encoding=mulaw", "x" * 2_001, 413),
        ("encoding=mp3", "x", 400),
        ("encoding=mulaw&container=ogg", "x", 400),
        ("encoding=mulaw&volume=11", "x", 400),
    ],
)
async def test_bounds_and_unknown_options_are_refused(
    server: DeepgramServer, query: str, body: str, status: int
) -> None:
    headers = {"Authorization": f"Token {KEY}"}
    async with httpx.AsyncClient(base_url=server.base_url, headers=headers) as client:
        answer = await client.post(f"/v1/speak?{query}", json={"text": body})
        assert answer.status_code == status
        assert answer.headers["dg-error"]
        answer = await client.post("/v1/speak?encoding=mulaw", content=b"[")
        assert answer.headers["dg-char-count"] == "1"  # what is not JSON is the text itself


async def test_a_fault_refuses_speech_too(server: DeepgramServer) -> None:
    server.faults = Faults(refuse_posts=1, refuse_status=503)
    with pytest.raises(ApiError):
        await _spoken(server, "Hi")
