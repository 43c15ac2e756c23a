"""Generator: opens many media streams and keeps each at fifty frames a second, or says that it could not.

    open (so many a second) --> every stream sends a frame each 20 ms, spread over the 20 ms --> stop, close

Streams are told apart by their call; what a stream must show to be let in (signature, ticket) comes from an Admission.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from picows import WSError as PicowsError

from local.load import frames

PHASES: Final = 20
"""Into how many groups the streams are spread over 20 ms."""

OPEN_AT_ONCE: Final = 50
"""Handshakes under way at a time; more would be refused by a listen queue before they say anything of the server."""

HANDSHAKE_S: Final = 15
GOODBYE_S: Final = 30
"""How long servers may take to close after `stop`: they wait for the last words."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What lets one stream in.

    Attributes:
        headers: of the upgrade.
        parameters: custom parameters of the `start` message.
    """

    call_sid: str
    headers: dict[str, str]
    parameters: dict[str, str]


Admit = Callable[[], Admission]


@dataclass(slots=True)
class Load:
    """What was sent.

    Attributes:
        frames: media messages sent, all streams together.
        refused: streams that could not be opened.
        lost: streams that the server closed before `stop`.
        late_ms: how far behind its clock the generator was at worst; beyond a frame, the load was not what it claims.
    """

    streams: int = 0
    frames: int = 0
    refused: int = 0
    lost: int = 0
    late_ms: float = 0.0
    troubles: list[str] = field(default_factory=list)


class Stream(WSListener):
    """One media stream, from its upgrade to its close."""

    def __init__(self, load: Load) -> None:
        self.sid = "MZ" + secrets.token_hex(16)
        self.tail = frames.tail(self.sid)
        self.transport: WSTransport | None = None
        self.number = 0
        self.is_stopped = False
        self.closed = asyncio.get_running_loop().create_future()
        self._load = load

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The socket is open."""
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """The server says something: only a close matters."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """The socket is gone."""
        self.transport = None
        if not self.is_stopped:
            self._load.lost += 1
        if not self.closed.done():
            self.closed.set_result(None)

    def begin(self, admission: Admission) -> None:
        """Say whose sound follows."""
        assert self.transport is not None
        start = {
            "accountSid": "AC" + "0" * 32,
            "streamSid": self.sid,
            "callSid": admission.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": admission.parameters,
        }
        self._say({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        self._say({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": self.sid})

    def stop(self) -> None:
        """Say that no more follows."""
        self.is_stopped = True
        if self.transport is not None:
            self._say({"event": "stop", "sequenceNumber": str(self.number + 2), "streamSid": self.sid})

    def _say(self, message: dict[str, object]) -> None:
        assert self.transport is not None
        self.transport.send(WSMsgType.TEXT, orjson.dumps(message))


class Generator:
    """Keeps streams going at Twilio's pace. Use `open`, then `run` as often as wanted, then `close`."""

    def __init__(self, url: str, admit: Admit) -> None:
        self.load = Load()
        self._url = url
        self._admit = admit
        self._phases: list[list[Stream]] = [[] for _ in range(PHASES)]
        self._running: asyncio.Task[None] | None = None

    @property
    def streams(self) -> Sequence[Stream]:
        """All streams that were opened."""
        return [stream for phase in self._phases for stream in phase]

    async def open(self, count: int) -> None:
        """Open *count* more streams, each of which sends from then on."""
        gate = asyncio.Semaphore(OPEN_AT_ONCE)

        async def one(place: int) -> None:
            async with gate:
                await self._open(place % PHASES)

        if self._running is None:
            self._running = asyncio.create_task(self._send())
        async with asyncio.TaskGroup() as tasks:
            for place in range(count):
                tasks.create_task(one(place))

    async def close(self) -> None:
        """Stop all streams and wait until the servers have closed them."""
        for stream in self.streams:
            stream.stop()
        waiting = [stream.closed for stream in self.streams]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=GOODBYE_S)
            self.load.troubles += [f"{len(late)} streams were not closed in {GOODBYE_S} s"] if late else []
        for stream in self.streams:
            if stream.transport is not None:
                stream.transport.disconnect()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _open(self, phase: int) -> None:
        admission, load = self._admit(), self.load
        try:
            _, stream = await ws_connect(
                lambda: Stream(load),
                self._url,
                extra_headers=admission.headers,
                websocket_handshake_timeout=HANDSHAKE_S,
                logger_name=None,
            )
        except (PicowsError, OSError, TimeoutError) as exc:
            load.refused += 1
            load.troubles.append(f"{type(exc).__name__}: {exc}"[:200])
            return
        assert isinstance(stream, Stream)
        stream.begin(admission)
        load.streams += 1
        self._phases[phase].append(stream)

    async def _send(self) -> None:
        """Send one frame of every stream each 20 ms; what is due is sent, however late, as Twilio would."""
        step_s = frames.FRAME_MS / 1000 / PHASES
        due_s = time.monotonic()
        turn = 0
        while True:
            now_s = time.monotonic()
            if now_s < due_s:
                await asyncio.sleep(due_s - now_s)
                continue
            self.load.late_ms = max(self.load.late_ms, (now_s - due_s) * 1000)
            self._send_phase(self._phases[turn % PHASES])
            turn += 1
            due_s += step_s
            if turn % PHASES == 0:
                await asyncio.sleep(0)

    def _send_phase(self, phase: list[Stream]) -> None:
        heads: dict[int, bytes] = {}
        sent = 0
        for stream in phase:
            transport = stream.transport
            if transport is None or stream.is_stopped:
                continue
            number = stream.number
            begin = heads.get(number)
            if begin is None:
                begin = heads[number] = frames.head(number)
            sound = frames.payload(number, time.monotonic_ns())
            transport.send(WSMsgType.TEXT, begin + sound + stream.tail)
            stream.number = number + 1
            sent += 1
        self.load.frames += sent
