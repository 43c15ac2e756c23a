"""A streamer on loopback, with stores in memory, a recogniser that reads stamped sound, and a hand-driven Twilio."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import StampedRecogniser, word
from streamer.server import Stores, Streamer
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.numbers import MailboxId
from telephony.ports.stores import TicketStore
from telephony.settings import SocketUrl, StreamerSettings
from telephony.streams import StreamState, Ticket, TicketId, TicketPurpose
from telephony.transcripts import Transcript
from tests.fakes.secrets import AUTH_TOKEN, FixedSecrets
from tests.fakes.sending import MemoryMeter
from tests.fakes.table import MemoryTable

MEDIA_URL = "wss://calls.example.test/media"
KEY = "deepgram-key"
CALL_SID = CallSid("CA" + "0" * 31 + "1")
OTHER_CALL_SID = CallSid("CA" + "0" * 31 + "2")
LIMIT_S = 15
FULL_SPEED = 200.0
"""Times real time: the sound of a call goes to the recogniser as fast as it comes."""


def sign(url: str = MEDIA_URL, token: str = AUTH_TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, {}))


def stamped(first: int, count: int, from_ms: int = 0) -> list[tuple[str, int, int]]:
    """Return the words of stamped sound and when they are said."""
    return [(word(first + at), from_ms + 100 * at, from_ms + 100 * at + 100) for at in range(count)]


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - what it waits for is in stores, which have no events
            await asyncio.sleep(0.005)


def ticket(
    ticket_id: str = "T1",
    *,
    call_sid: CallSid = CALL_SID,
    purpose: TicketPurpose = TicketPurpose.MEDIA,
    lifetime: timedelta = timedelta(minutes=1),
    tracks: tuple[Track, ...] = (Track.INBOUND, Track.OUTBOUND),
) -> Ticket:
    expires_at = datetime.now(UTC) + lifetime
    return Ticket(TicketId(ticket_id), purpose, call_sid, MailboxId("front"), expires_at, tracks=tracks)


@dataclass
class Phone:
    """Twilio's side of one stream."""

    socket: ClientConnection
    sequence: int = 0

    async def say(self, event: str, **fields: object) -> None:
        await self.socket.send(self.text(event, **fields))

    def text(self, event: str, **fields: object) -> str:
        self.sequence += 1
        return json.dumps({"event": event, "sequenceNumber": str(self.sequence), "streamSid": "MZ1", **fields})

    async def start(
        self,
        ticket_id: str | None = "T1",
        *,
        call_sid: str = CALL_SID,
        stream_sid: str | None = None,
        tracks: Sequence[str] = ("inbound",),
    ) -> None:
        await self.socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        start = {
            "accountSid": "AC" + "0" * 32,
            "streamSid": stream_sid or "MZ" + call_sid[2:],
            "callSid": call_sid,
            "tracks": tracks,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {} if ticket_id is None else {"ticket": ticket_id},
        }
        await self.say("start", start=start)

    async def speak(self, audio: bytes, *, from_ms: int = 0, track: str = "inbound") -> None:
        """Send sound in chunks of 20 ms, as fast as they go."""
        for at in range(0, len(audio), 160):
            media = {
                "track": track,
                "chunk": "1",
                "timestamp": str(from_ms + at // 8),
                "payload": base64.b64encode(audio[at : at + 160]).decode(),
            }
            await self.say("media", media=media)

    async def stop(self) -> None:
        await self.say("stop", stop={"accountSid": "AC" + "0" * 32, "callSid": CALL_SID})

    async def closed(self) -> tuple[int, str]:
        """Return the code and the reason with which the streamer closes."""
        async with asyncio.timeout(LIMIT_S):
            with suppress(ConnectionClosed):
                while True:
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""


@dataclass
class House:
    """All that runs."""

    streamer: Streamer
    port: int
    deepgram: DeepgramServer
    table: MemoryTable
    meter: MemoryMeter
    logs: list[Any]
    running: asyncio.Task[None]
    expected_errors: set[str] = field(default_factory=set)
    """Events at error level that the test brings about."""

    @asynccontextmanager
    async def dial(self, path: str = "/media", signature: str | None = "") -> AsyncIterator[Phone]:
        """Open a stream as Twilio does; with its signature unless another one, or None, is given."""
        given = sign() if signature == "" else signature
        headers = {} if given is None else {"X-Twilio-Signature": given}
        url = f"ws://127.0.0.1:{self.port}{path}"
        async with connect(url, additional_headers=headers, compression=None, max_size=None, proxy=None) as socket:
            yield Phone(socket)

    def transcript(self, call_sid: CallSid = CALL_SID) -> Transcript:
        return self.table.transcripts.transcript(call_sid)

    def words(self, call_sid: CallSid = CALL_SID, track: Track = Track.INBOUND) -> list[tuple[str, int, int]]:
        mine = (said for said in self.transcript(call_sid).utterances if said.track is track)
        return [(word.text, word.start_ms, word.end_ms) for said in mine for word in said.words]

    async def written(self, call_sid: CallSid = CALL_SID) -> Transcript:
        """Return the transcript once its end was written."""
        await until(lambda: self.transcript(call_sid).is_ended)
        return self.transcript(call_sid)

    @property
    def has_open_stream(self) -> bool:
        return any(each.state is StreamState.OPEN for each in self.table.state.streams.values())

    def errors(self) -> list[Any]:
        return [
            each
            for each in self.logs
            if each["log_level"] in {"error", "critical"} and each["event"] not in self.expected_errors
        ]


@asynccontextmanager
async def serving(  # noqa: PLR0913 - what a test may want otherwise
    caplog: pytest.LogCaptureFixture,
    *,
    table: MemoryTable | None = None,
    tickets: TicketStore | None = None,
    secrets: FixedSecrets | None = None,
    max_streams: int = 10,
    drain_s: float = 10,
    max_rate: float = FULL_SPEED,
    deepgram_url: str | None = None,
    stall_s: float = 1.0,
    finish_within_s: float = 2.0,
    ecs_agent_uri: str = "",
    beat_s: float = 60,
) -> AsyncIterator[House]:
    """Run a streamer and, at the end, stop it; nothing may have been logged as an error."""
    memory, meter = table or MemoryTable(), MemoryMeter()
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys=[KEY]) as deepgram:
        settings = StreamerSettings(
            table_name="table",
            media_url=SocketUrl(MEDIA_URL),
            twilio_secret_arn="twilio",
            deepgram_secret_arn="deepgram",
            deepgram_url=SocketUrl(deepgram_url or f"{deepgram.ws_url}/v1/listen"),
            host="127.0.0.1",
            port=0,
            max_streams=max_streams,
            max_rate=max_rate,
            drain_s=drain_s,
            backoff_s=0.02,
            stall_s=stall_s,
            finish_within_s=finish_within_s,
            ecs_agent_uri=ecs_agent_uri,
            beat_s=beat_s,
            gather_s=0.05,
        )
        stores = Stores(tickets or memory.tickets, memory.transcripts, secrets or FixedSecrets())
        with structlog.testing.capture_logs() as logs:
            async with asyncio.TaskGroup() as tasks:
                streamer = Streamer(settings, stores, meter)
                running = tasks.create_task(streamer.run())
                async with asyncio.timeout(LIMIT_S):
                    port = await streamer.port
                house = House(streamer, port, deepgram, memory, meter, logs, running)
                yield house
                streamer.stop()
                async with asyncio.timeout(LIMIT_S):
                    await running
        assert house.errors() == []
        assert [
            each.getMessage()
            for each in caplog.records
            if each.levelno >= logging.ERROR and not any(text in each.getMessage() for text in house.expected_errors)
        ] == []
