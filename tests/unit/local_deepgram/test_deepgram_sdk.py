"""The vendor's own client works against the server as it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from deepgram import AsyncDeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment

from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import stamp
from tests.unit.local_deepgram.line import KEY

# The SDK's asynchronous client is written for an interface that websockets has deprecated.
pytestmark = [
    pytest.mark.filterwarnings(r"ignore:websockets\.legacy is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings(r"ignore:websockets\.exceptions\.InvalidStatusCode is deprecated:DeprecationWarning"),
]


@asynccontextmanager
async def sdk(server: DeepgramServer, key: str = KEY) -> AsyncIterator[AsyncDeepgramClient]:
    environment = DeepgramClientEnvironment(
        base=server.base_url, production=server.ws_url, agent=server.ws_url, agent_rest=server.base_url
    )
    async with httpx.AsyncClient() as connections:  # the SDK would leave its own open
        yield AsyncDeepgramClient(api_key=key, environment=environment, httpx_client=connections)


async def test_the_sdk_streams_and_reads_every_kind_of_message(server: DeepgramServer) -> None:
    told: list[Any] = []
    async with (
        asyncio.timeout(20),
        sdk(server) as client,
        client.listen.v1.connect(
            model="nova-3",
            encoding="mulaw",
            sample_rate=8000,
            interim_results="true",
            punctuate="true",
            vad_events="true",
            utterance_end_ms="1000",
            endpointing="300",
            keyterm=["Acme Corp", "widget"],
        ) as stream,
        asyncio.TaskGroup() as tasks,
    ):
        stream.on(EventType.MESSAGE, told.append)
        tasks.create_task(stream.start_listening())
        audio = stamp(0, 15) + b"\xff" * 16_000 + stamp(15, 10)
        for at in range(0, len(audio), 800):
            await stream.send_media(audio[at : at + 800])
        await stream.send_keep_alive()
        await stream.send_finalize()
        await stream.send_close_stream()
    kinds = [message.type for message in told]
    assert {"Results", "SpeechStarted", "UtteranceEnd", "Metadata"} == set(kinds)
    assert kinds[-1] == "Metadata"
    finals = [message for message in told if message.type == "Results" and message.is_final]
    said = " ".join(message.channel.alternatives[0].transcript for message in finals).split()
    assert said == [f"w{number:05d}" for number in range(25)]
    assert [message.from_finalize for message in finals][-1] is True


async def test_the_sdk_transcribes_a_recording(server: DeepgramServer) -> None:
    async with sdk(server) as client:
        response: Any = await client.listen.v1.media.transcribe_file(
            request=stamp(0, 3),
            utterances=True,
            request_options={"additional_query_parameters": {"encoding": "mulaw", "sample_rate": "8000"}},
        )
    assert response.results.channels[0].alternatives[0].transcript == "w00000 w00001 w00002"
    assert response.results.utterances[0].end == pytest.approx(0.3)
    assert response.metadata.channels == 1


async def test_the_sdk_sees_why_it_was_refused(server: DeepgramServer) -> None:
    async with sdk(server, "wrong") as client:
        with pytest.raises(ApiError) as caught:
            await client.listen.v1.media.transcribe_file(request=b"x")
    assert caught.value.status_code == 401
    assert caught.value.body["err_code"] == "INVALID_AUTH"
