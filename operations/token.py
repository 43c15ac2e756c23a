"""Token: have a person sign in in their browser, and show the token that opens the API for an hour."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from operations.errors import OperationError
from operations.terminal import Terminal

REDIRECT: Final = "http://localhost:8400/signed-in"
"""Where the browser is sent back to; the stack's client for people knows it. Source: RFC 8252, section 7.3."""

SCOPES: Final = "openid ringscribe/read ringscribe/manage ringscribe/erase"
"""All that a person may do; which mailboxes, these say themselves."""
WAIT_LIMIT_S: Final = 300.0
"""For the person to sign in, with a second factor that they may have to set up first."""
TURN_S: Final = 1.0
MOST_REQUESTS: Final = 50
"""Browsers ask for an icon too; who asks for more is no browser."""
EXCHANGE_LIMIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in with code and proof key (RFC 7636); `run` raises OperationError.

    Attributes:
        url: the user pool's pages, without a slash at the end.
        client_id: the client for people.
        open_page: shows an address in a browser; tells whether there was one.
        port: where the browser is waited for; the redirect's own but in tests.
    """

    url: str
    client_id: str
    terminal: Terminal
    http: httpx.Client
    open_page: Callable[[str], bool]
    port: int = 8400
    wait_s: float = WAIT_LIMIT_S
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def run(self) -> str:
        """Return an access token of the person who signs in."""
        try:
            door = _Door(self.port, self.state)
        except OSError as exc:
            raise OperationError(f"port {self.port} of this machine is taken: end what listens there") from exc
        with door:
            address = self.address()
            self.terminal.say(f"Sign in here: {address}")
            self.open_page(address)
            code = door.wait(self.wait_s)
        return self._exchange(code)

    def address(self) -> str:
        """Return where to sign in."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.url}/oauth2/authorize?{urlencode(asked)}"

    def _exchange(self, code: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "code": code,
            "code_verifier": self.verifier,
        }
        try:
            answer = self.http.post(f"{self.url}/oauth2/token", data=form, timeout=EXCHANGE_LIMIT_S)
            said = answer.json()
        except (httpx.HTTPError, ValueError) as exc:
            raise OperationError(f"{self.url} gives no token ({type(exc).__name__})") from exc
        token = said.get("access_token") if isinstance(said, dict) else None
        if answer.status_code != HTTPStatus.OK or not isinstance(token, str):
            raise OperationError(f"{self.url} gives no token: it answers {answer.status_code}")
        return token


class _Door(HTTPServer):
    """Waits on this machine alone for the browser to come back with a code."""

    def __init__(self, port: int, state: str) -> None:
        super().__init__(("localhost", port), _Visit)
        self.state, self.code, self.refusal = state, "", ""
        self.timeout = TURN_S

    def wait(self, limit_s: float) -> str:
        """Return the code. Raises: OperationError, also when nobody comes within the limit."""
        until = time.monotonic() + limit_s
        for _ in range(MOST_REQUESTS + int(limit_s / TURN_S)):
            if self.code or self.refusal or time.monotonic() >= until:
                break
            self.handle_request()
        if self.refusal:
            raise OperationError(f"nobody was signed in: {self.refusal}")
        if not self.code:
            raise OperationError(f"nobody signed in within {limit_s:.0f} s")
        return self.code


class _Visit(BaseHTTPRequestHandler):
    timeout = TURN_S  # one that connects and says nothing does not keep the browser out

    def do_GET(self) -> None:
        """Take the code if it is the answer to our question, and say that the page can be closed."""
        door = self.server
        assert isinstance(door, _Door)
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path != urlsplit(REDIRECT).path or not secrets.compare_digest(asked.get("state", ""), door.state):
            self._say(HTTPStatus.NOT_FOUND, "This is not what was asked for.")
            return
        door.code, door.refusal = asked.get("code", ""), "" if "code" in asked else asked.get("error", "no code")
        self._say(HTTPStatus.OK, "You can close this page. The terminal goes on.")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the interface's own
        """Write nothing: the path holds the code."""

    def _say(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
