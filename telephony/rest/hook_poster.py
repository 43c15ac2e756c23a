"""HookPoster over HTTPS: to addresses of the internet at large, within a few seconds, and no further than told."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import SplitResult, urlsplit

from telephony.errors import UpstreamError
from telephony.public_addresses import is_public

LIMIT_S: Final = 5.0
"""For one request, from the look-up of the name to the end of what is read."""

MAX_ANSWER_BYTES: Final = 4 * 1024
"""What a program says is not used; so much is read that its connection ends well."""

SERVICE: Final = "webhook"

_PORTS: Final = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host. Raises: OSError."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


class HttpHookPoster:
    """Tells programs; see `telephony.ports.HookPoster`.

    The name is looked up once, and the connection goes to the very address that was looked at: a name that leads
    elsewhere a moment later leads nowhere. Redirects are not followed.
    """

    def __init__(
        self,
        *,
        may_be_local: bool = False,
        resolve: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        """Make one. *may_be_local* lets it go to private addresses, and without TLS: on one machine only."""
        self._may_be_local = may_be_local
        self._resolve = resolve
        self._trust = trust
        self._limit_s = limit_s

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post JSON, and return once it was taken. Raises: UpstreamError."""
        target = urlsplit(url)
        if target.scheme != "https" and not self._may_be_local:
            raise UpstreamError(SERVICE, "no-https", retryable=False)
        with _translated():
            status = self._ask(self._connection(target), target, body, headers)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            # Whoever has moved, or is being mended, or has lost the secret, may be well in an hour.
            raise UpstreamError(SERVICE, str(status), retryable=status != HTTPStatus.GONE)

    def _connection(self, target: SplitResult) -> "_CheckedConnection":
        if self._trust is None and target.scheme == "https":
            self._trust = ssl.create_default_context()
        trust = self._trust if target.scheme == "https" else None
        port = target.port or _PORTS[target.scheme]
        return _CheckedConnection(target.hostname or "", port, find=self._address, trust=trust, limit_s=self._limit_s)

    def _address(self, host: str, port: int) -> str:
        addresses = self._resolve(host, port)
        # One private address among them is enough: nobody with good intent mixes them.
        if not self._may_be_local and not all(map(is_public, addresses)):
            raise UpstreamError(SERVICE, "private-address", retryable=False)
        return min(addresses, key=lambda address: ":" in address)  # a Lambda function reaches no IPv6 by itself

    def _ask(
        self, connection: "_CheckedConnection", target: SplitResult, body: bytes, headers: Mapping[str, str]
    ) -> int:
        # A socket's own time limit begins anew with each byte, and a program may send one every few seconds.
        watchdog = threading.Timer(self._limit_s, connection.abort)
        watchdog.start()
        try:
            path = target._replace(scheme="", netloc="").geturl() or "/"
            all_headers = {**headers, "Content-Type": "application/json", "User-Agent": "Ringscribe"}
            connection.request("POST", path, body, all_headers)
            answer = connection.getresponse()
            answer.read(MAX_ANSWER_BYTES)
        except (OSError, HTTPException) as exc:
            if connection.is_aborted:
                raise TimeoutError from exc
            raise
        else:
            return answer.status
        finally:
            watchdog.cancel()
            connection.close()


class _CheckedConnection(HTTPConnection):
    """A connection to an address that was looked at, with or without TLS for the name that it was found by.

    *find* returns the address. Raises: OSError, UpstreamError.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        find: Callable[[str, int], str],
        trust: ssl.SSLContext | None,
        limit_s: float,
    ) -> None:
        super().__init__(host, port, timeout=limit_s)
        self._find = find
        self._trust = trust
        self.is_aborted = False
        if trust is not None:
            self.default_port = _PORTS["https"]  # is left out of the Host header

    def connect(self) -> None:
        self.sock = socket.create_connection((self._find(self.host, self.port), self.port), self.timeout)
        if self.is_aborted:  # before there was anything to end
            raise TimeoutError
        if self._trust is not None:
            self.sock = self._trust.wrap_socket(self.sock, server_hostname=self.host)

    def abort(self) -> None:
        """End whatever the connection is waiting for, or will wait for."""
        self.is_aborted = True
        sock = self.sock
        if sock is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as exc:
        raise UpstreamError(SERVICE, "timeout", retryable=True) from exc
    except ssl.SSLError as exc:
        raise UpstreamError(SERVICE, "tls", retryable=True) from exc
    except (OSError, HTTPException, ValueError) as exc:  # ValueError: a name that no name server takes
        raise UpstreamError(SERVICE, "connection", retryable=True) from exc
