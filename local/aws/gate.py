"""The gate: stands before an endpoint of local AWS, and lets requests through, throttles them, or lets nobody in."""

import asyncio
import json
from contextlib import suppress
from enum import StrEnum
from typing import Final, Self
from urllib.parse import urlsplit

LOOPBACK: Final = "127.0.0.1"
MAX_HEAD_BYTES: Final = 64 * 1024
MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""The largest batch that DynamoDB takes."""
END_OF_HEAD: Final = b"\r\n\r\n"
TABLE: Final = b"x-amz-target: dynamodb_20120810."
"""Marks a request to the table, and not to its stream; in lower case."""


class GateState(StrEnum):
    """What the gate does with a request."""

    OPEN = "open"
    THROTTLED = "throttled"
    """Requests to the table are refused as AWS refuses what is over a table's capacity; its stream can be read."""
    SHUT = "shut"
    """Every connection is broken."""


class Gate:
    """Serves on loopback while its `async with` block lasts; `state` may be changed at any time."""

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._upstream = (address.hostname, address.port)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.state = GateState.OPEN
        self.endpoint = ""
        self.turned_away = 0
        """How many requests or connections were not let through."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0, limit=MAX_HEAD_BYTES)
        self.endpoint = f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for connection in tuple(self._connections):
            connection.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                await self._pass(reader, writer)
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one request and its answer; the connection is not used again."""
        if self._breaks(writer):
            return
        head = await reader.readuntil(END_OF_HEAD)
        body = await reader.readexactly(_length(head))
        if self._breaks(writer):
            return
        if self.state is GateState.THROTTLED and TABLE in head.lower():
            self.turned_away += 1
            writer.write(_throttled())
            await writer.drain()
            return
        upstream_reader, upstream = await asyncio.open_connection(*self._upstream)
        try:
            upstream.write(_once(head) + body)
            while part := await upstream_reader.read(MAX_HEAD_BYTES):
                writer.write(part)
                await writer.drain()
        finally:
            upstream.close()

    def _breaks(self, writer: asyncio.StreamWriter) -> bool:
        if self.state is GateState.SHUT:
            self.turned_away += 1
            writer.transport.abort()
        return self.state is GateState.SHUT


def _length(head: bytes) -> int:
    """Return how long the body is. Raises: ValueError when it is too long."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            if (length := int(value)) > MAX_BODY_BYTES:
                raise ValueError(f"a body of {length} bytes")
            return length
    return 0


def _once(head: bytes) -> bytes:
    """Return *head* with the wish that the connection be closed behind the answer."""
    lines = head.removesuffix(END_OF_HEAD).split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + END_OF_HEAD


def _throttled() -> bytes:
    """Source: Amazon DynamoDB API Reference, common errors."""
    body = json.dumps(
        {
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput for the table was exceeded.",
        }
    ).encode()
    lines = (
        b"HTTP/1.1 400 Bad Request",
        b"Content-Type: application/x-amz-json-1.0",
        b"Content-Length: %d" % len(body),
        b"Connection: close",
    )
    return b"\r\n".join(lines) + END_OF_HEAD + body
