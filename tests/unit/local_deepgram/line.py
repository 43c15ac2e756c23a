"""A plain WebSocket client of the server, which keeps all that it is told, and a reader of the results."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from local.deepgram.recogniser import SAMPLE_RATE, Pcm, Recogniser
from local.deepgram.segmenter import Final, Rules, Segmenter
from local.deepgram.server import DeepgramServer

KEY = "a key"
SILENCE = b"\xff"
MS = 8  # bytes of mu-law
QUERY: dict[str, str | list[str]] = {"model": "nova-3", "encoding": "mulaw", "sample_rate": "8000", "punctuate": "true"}
LIMIT_S = 10

Message = dict[str, Any]


@dataclass
class Line:
    """One open stream."""

    socket: ClientConnection
    messages: list[Message] = field(default_factory=list)

    async def send(self, audio: bytes, chunk_bytes: int = 800) -> None:
        for at in range(0, len(audio), chunk_bytes):
            await self.socket.send(audio[at : at + chunk_bytes])

    async def say(self, name: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": name, **fields}))

    async def next(self, kind: str = "Results") -> Message:
        """Return the next message of this kind."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                message: Message = json.loads(await self.socket.recv())
                self.messages.append(message)
                if message["type"] == kind:
                    return message

    async def rest(self) -> list[Message]:
        """Return all messages, when the server has closed the stream."""
        async with asyncio.timeout(LIMIT_S):
            try:
                while True:
                    self.messages.append(json.loads(await self.socket.recv()))
            except ConnectionClosed:
                return self.messages

    async def finish(self) -> list[Message]:
        await self.say("CloseStream")
        return await self.rest()


@asynccontextmanager
async def dial(server: DeepgramServer, **query: str | list[str]) -> AsyncIterator[Line]:
    """Open a stream with QUERY and what *query* changes of it."""
    url = f"{server.ws_url}/v1/listen?{urlencode(QUERY | query, doseq=True)}"
    async with connect(url, additional_headers={"Authorization": f"Token {KEY}"}, max_size=None) as socket:
        yield Line(socket)


def results(messages: Iterable[Message]) -> list[Message]:
    return [message for message in messages if message["type"] == "Results"]


def finals(messages: Iterable[Message]) -> list[Message]:
    return [message for message in results(messages) if message["is_final"]]


def alternative(message: Message) -> Message:
    chosen: Message = message["channel"]["alternatives"][0]
    return chosen


def text(messages: Iterable[Message]) -> str:
    """Return the words of all finals."""
    return " ".join(part for message in finals(messages) if (part := alternative(message)["transcript"]))


def windows(messages: Iterable[Message]) -> list[tuple[float, float]]:
    """Return the start and end of each final."""
    return [(message["start"], round(message["start"] + message["duration"], 6)) for message in finals(messages)]


@dataclass
class Heard:
    """What a segmenter made of some audio, without a server: words with their milliseconds, and windows in samples."""

    words: list[tuple[str, float, float]] = field(default_factory=list)
    windows: list[tuple[int, int]] = field(default_factory=list)


def listen(recogniser: Recogniser, chunks: Sequence[Pcm], endpoint_ms: int = 300, finalize_after: int = -1) -> Heard:
    """Feed *chunks* to a segmenter and return all finals; Finalize comes after the chunk of that index."""
    rules = Rules(interim_step=8_000, endpoint=endpoint_ms * MS, utterance_end=None, longest_silence=5 * SAMPLE_RATE)
    segmenter = Segmenter(recogniser.tuning, rules, recogniser.detector())
    heard = Heard()
    for index, chunk in enumerate(chunks):
        segmenter.feed(chunk)
        _settle_all(segmenter, recogniser, heard)
        if index == finalize_after:
            segmenter.finalize()
            _settle_all(segmenter, recogniser, heard)
    segmenter.finish()
    _settle_all(segmenter, recogniser, heard)
    return heard


def _settle_all(segmenter: Segmenter, recogniser: Recogniser, heard: Heard) -> None:
    while (event := segmenter.poll()) is not None:
        if not isinstance(event, Final):
            continue
        found = recogniser.transcribe(event.audio, complete=event.complete)
        heard.windows.append((event.start, segmenter.settle(event, found)))
        heard.words += [
            (word.punctuated, (event.audio_start + word.start) / MS, (event.audio_start + word.end) / MS)
            for word in found.words
        ]
