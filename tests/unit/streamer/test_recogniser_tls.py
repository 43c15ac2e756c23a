"""A connection to a recogniser goes to nobody but whom its certificate vouches for."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from local.certificate import Certificate
from streamer.failure import Failure
from telephony.wire.deepgram import CLOSE_STREAM, Metadata
from tests.unit.streamer.house import until
from tests.unit.streamer.line import RESULTS, Line


@asynccontextmanager
async def serving(certificate: Certificate) -> AsyncIterator[int]:
    """Send back whatever comes; the block is given the port."""

    async def echo(peer: ServerConnection) -> None:
        async for message in peer:
            await peer.send(RESULTS.decode() if isinstance(message, bytes) else '{"type":"Metadata","duration":1}')

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    async with serve(echo, "127.0.0.1", 0, ssl=context, close_timeout=0.1) as running:
        yield running.sockets[0].getsockname()[1]


async def test_a_trusted_certificate_of_its_name_is_talked_to(tmp_path: Path) -> None:
    certificate = Certificate.make(tmp_path, "127.0.0.1")
    line = Line()
    trusting = ssl.create_default_context(cafile=certificate.path)
    async with serving(certificate) as port:
        running = asyncio.create_task(line.run(f"wss://127.0.0.1:{port}", tls=trusting))
        await until(lambda: line.opened)
        for _ in range(50):
            line.recogniser.send(bytes(8_000))
        line.recogniser.send(CLOSE_STREAM)
        await until(lambda: line.heard[-1:] == [Metadata(1_000)])
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert len(line.heard) == 51


@pytest.mark.parametrize(("host", "is_trusted"), [("127.0.0.1", False), ("localhost", True)])
async def test_a_certificate_that_nobody_vouches_for_or_of_another_name_is_not_talked_to(
    tmp_path: Path, host: str, is_trusted: bool
) -> None:
    certificate = Certificate.make(tmp_path, "127.0.0.1")
    line = Line()
    tls = ssl.create_default_context(cafile=certificate.path) if is_trusted else None
    async with serving(certificate) as port:
        await line.run(f"wss://{host}:{port}", tls=tls)
    assert line.failure == Failure("the recogniser can't be reached: SSLCertVerificationError")
    assert not line.opened
