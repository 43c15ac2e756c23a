"""Asking the API as API Gateway does, with tokens as an issuer makes them."""

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from mangum import Mangum

from functions.api.app import create_app, gateway
from functions.api.auth import TokenVerifier
from functions.api.ports import ApiPorts
from telephony.errors import TelephonyError
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.control import MemoryControl
from tests.fakes.jobs import MemoryJobQueue
from tests.fakes.subscribers import MemorySubscribers
from tests.fakes.table import MemoryTable

ISSUER = "https://issuer.example"
AUDIENCE = "ringscribe-api"
KEY_ID = "key-1"
NO_HEADERS: Mapping[str, str] = {}
SCOPES = "openid ringscribe/read ringscribe/manage ringscribe/erase"
_CONTEXT: Any = object()  # nothing looks into it


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """Makes tokens, and is the resolver of its own key."""

    private_key: rsa.RSAPrivateKey = field(default_factory=new_key)
    failure: TelephonyError | None = None

    def key(self, key_id: str) -> rsa.RSAPublicKey | None:
        if self.failure is not None:
            raise self.failure
        return self.private_key.public_key() if key_id == KEY_ID else None

    def claims(self, **changes: object) -> dict[str, object]:
        now = int(time.time())
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "scope": SCOPES}
        claims: dict[str, object] = {**usual, "iat": now, "exp": now + 600, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: object) -> str:
        """Return a good token, but for *changes*; None leaves a claim out."""
        return jwt.encode(self.claims(**changes), self.private_key, algorithm="RS256", headers={"kid": KEY_ID})


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> Any:  # noqa: ANN401 - whatever the answer holds; the assertions look into it
        return json.loads(self.body)


def memory_ports(table: MemoryTable, audio: MemoryAudio, clock: FixedClock, issuer: Issuer) -> ApiPorts:
    """Return the API's ports on what a test can look into."""
    ids = (f"id-{number}" for number in itertools.count())
    return ApiPorts(
        directory=table.directory,
        calls=table.calls,
        tickets=table.tickets,
        links=table.links,
        usage=table.usage,
        deliveries=table.deliveries,
        idempotency=table.idempotency,
        subscribers=MemorySubscribers(),
        opt_outs=table.opt_outs,
        search=table.search,
        pauses=table.pauses,
        outgoing=table.outgoing,
        hook_secrets=table.hook_secrets,
        control=MemoryControl(),
        audio=audio,
        uploads=audio,
        erasure=table.erasure,
        jobs=table.jobs,
        queue=MemoryJobQueue(),
        tokens=TokenVerifier(issuer, ISSUER, AUDIENCE),
        clock=clock,
        captions_url="wss://calls.example/captions",
        has_streamer=True,
        new_id=lambda: next(ids),
    )


class Gateway:
    """API Gateway's HTTP API in front of the app."""

    def __init__(self, ports: ApiPorts) -> None:
        self._handler: Mangum = gateway(create_app(ports))

    def get(
        self,
        path: str,
        token: str | None = None,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        **query: object,
    ) -> Answer:
        return self.ask("GET", path, token, accept=accept, headers=headers, body=None, **query)

    def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        accept: str | None = None,
        body: object = None,
        headers: Mapping[str, str] = NO_HEADERS,
        **query: object,
    ) -> Answer:
        headers = {"host": "api.example", **headers}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if accept is not None:
            headers["accept"] = accept
        if body is None:
            return self.send(method, path, headers, urlencode(query))
        headers["content-type"] = "application/json"
        return self.send(method, path, headers, urlencode(query), json.dumps(body))

    def send(self, method: str, path: str, headers: dict[str, str], query: str = "", body: str | None = None) -> Answer:
        http = {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {"http": http, "stage": "$default"},
            "isBase64Encoded": False,
            **({} if body is None else {"body": body}),
        }
        response = self._handler(event, _CONTEXT)
        assert not response["isBase64Encoded"], "people read it, so it must not be encoded"
        return Answer(response["statusCode"], response["headers"], response["body"])
