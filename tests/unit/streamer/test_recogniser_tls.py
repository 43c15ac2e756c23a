"""A connection to a recogniser goes to nobody but whom its certificate vouches for."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve

from streamer.failure import Failure
from telephony.wire.deepgram import CLOSE_STREAM, Metadata
from tests.unit.streamer.house import until
from tests.unit.streamer.line import RESULTS, Line


@dataclass(frozen=True)
class Certificate:
    """Of 127.0.0.1 alone, and vouched for by itself."""

    path: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "certificate.pem"
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        pem = serialization.Encoding.PEM
        path.write_bytes(key.private_bytes(pem, form, plain) + made.public_bytes(pem))
        return cls(path)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[int]:
        """Send back whatever comes; the block is given the port."""

        async def echo(peer: ServerConnection) -> None:
            async for message in peer:
                await peer.send(RESULTS.decode() if isinstance(message, bytes) else '{"type":"Metadata","duration":1}')

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        async with serve(echo, "127.0.0.1", 0, ssl=context, close_timeout=0.1) as running:
            yield running.sockets[0].getsockname()[1]


async def test_a_trusted_certificate_of_its_name_is_talked_to(tmp_path: Path) -> None:
    certificate = Certificate.make(tmp_path)
    line = Line()
    trusting = ssl.create_default_context(cafile=certificate.path)
    async with certificate.serve() as port:
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
    certificate = Certificate.make(tmp_path)
    line = Line()
    tls = ssl.create_default_context(cafile=certificate.path) if is_trusted else None
    async with certificate.serve() as port:
        await line.run(f"wss://{host}:{port}", tls=tls)
    assert line.failure == Failure("the recogniser can't be reached: SSLCertVerificationError")
    assert not line.opened
