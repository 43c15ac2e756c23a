"""A recogniser that does by hand what no server's library would: it answers in bytes."""

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from picows import WSMsgType

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Peer:
    """Its side of one connection."""

    request: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, answer: bytes) -> None:
        self.writer.write(answer)

    def upgrade(self) -> None:
        """Accept the connection."""
        key = next(line for line in self.request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + _GUID, usedforsecurity=False).digest())
        self.say(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    def frame(self, kind: WSMsgType, payload: bytes, *, fin: bool = True, mask: bool = False) -> None:
        """Send a frame; one that is masked breaks the protocol, for a server's never are."""
        first = kind.value | (0x80 if fin else 0)
        size = struct.pack(">BH", 126, len(payload)) if len(payload) > 125 else bytes([len(payload)])
        masked = bytes([size[0] | 0x80]) + size[1:] + bytes(4) if mask else size
        self.say(bytes([first]) + masked + payload)

    async def gone(self) -> bytes:
        """Wait until the other side has gone, and return what it sent until then."""
        with suppress(ConnectionError):
            return await self.reader.read()
        return b""


@asynccontextmanager
async def listening(answer: Callable[[Peer], Awaitable[None]]) -> AsyncIterator[str]:
    """Answer every request so; the block is given the address."""
    async with asyncio.TaskGroup() as peers:

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await answer(Peer(await reader.readuntil(b"\r\n\r\n"), reader, writer))
            finally:
                writer.close()

        server = await asyncio.start_server(
            lambda reader, writer: void(peers.create_task(accept(reader, writer))), "127.0.0.1", 0
        )
        async with server:
            yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/listen"


def void(_task: asyncio.Task[None]) -> None:
    """Have the group alone wait for it."""
