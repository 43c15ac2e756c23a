"""The public origin's certificate is looked at as a stranger would, and its end is seen coming."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import httpx
import pytest

from local.certificate import Certificate
from operations.checks.door import check_certificate
from operations.checks.finding import Finding
from operations.checks.instruments import Instruments
from operations.deployment import Deployment
from telephony.credentials import DeepgramCredentials
from telephony.pointing import Pointer
from tests.fakes.directory import MemoryDirectory
from tests.fakes.numbers import MemoryNumberMemory, MemoryNumbers
from tests.fakes.secrets import FixedSecrets
from tests.fakes.table import MemoryTable

NOW = datetime.now(UTC)


def make_certificate(folder: Path, days: int, name: str = "localhost") -> Certificate:
    """Write a certificate that *name* gave itself, with its key."""
    return Certificate.make(folder, name, ends_in=timedelta(days=days, hours=1))


@contextmanager
def served(certificate: Certificate) -> Iterator[str]:
    """Serve one handshake with it, and give the origin."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)
        thread = Thread(target=_shake_hands, args=(door, context))
        thread.start()
        yield f"https://localhost:{door.getsockname()[1]}"
        thread.join(timeout=10)


def _shake_hands(door: socket.socket, context: ssl.SSLContext) -> None:
    line, _ = door.accept()
    line.settimeout(10)
    try:
        with context.wrap_socket(line, server_side=True) as secured:
            secured.recv(1)
    except OSError:  # the client did not like the certificate
        line.close()


def look(origin: str, trusted: Path | None) -> Finding:
    with httpx.Client() as http:
        (finding,) = check_certificate(
            Instruments(
                deployment=Deployment(origin, None, "calls", "arn:topic", "arn:twilio", "arn:deepgram", ()),
                twilio=FixedSecrets().twilio(),
                deepgram=DeepgramCredentials("key"),
                directory=MemoryDirectory(),
                tickets=MemoryTable().tickets,
                pointer=Pointer(MemoryNumbers(), MemoryNumberMemory(), origin),
                subscriptions=dict,
                concurrent_executions=int,
                now=lambda: NOW,
                http=http,
                tls=ssl.create_default_context(cafile=trusted),
            )
        )
    return finding


def test_a_good_certificate_is_well(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, days=60)
    with served(certificate) as origin:
        assert look(origin, certificate.path).is_ok


def test_a_certificate_that_ends_soon_is_found(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, days=3)
    with served(certificate) as origin:
        assert look(origin, certificate.path).wrong == "the certificate ends in 3 days"


@pytest.mark.parametrize(("name", "is_trusted"), [("localhost", False), ("other.example.com", True)])
def test_a_certificate_of_nobody_known_or_for_another_name_is_found(
    tmp_path: Path, name: str, is_trusted: bool
) -> None:
    certificate = make_certificate(tmp_path, days=60, name=name)
    with served(certificate) as origin:
        finding = look(origin, certificate.path if is_trusted else None)
    assert finding.wrong.startswith("localhost: ")
    assert "certificateArn" in finding.mend
