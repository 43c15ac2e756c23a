"""A stand-in for the product that is rung: webhooks that check signatures, and a WebSocket server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from twilio.request_validator import RequestValidator
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Upgrade
from websockets.http11 import Response as Refusal

from local.twilio.account import Account
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.clock import Clock
from local.twilio.faults import Faults
from local.twilio.quirks import Quirks
from local.twilio.server import SimulatedTwilio

ACCOUNT = Account(sid="AC" + "0" * 31 + "1", auth_token="12345", api_key="SK" + "0" * 32, api_secret="sesame")
CALLER = "+15005550001"
OWN = "+15005550006"
SPEECH = bytes(range(100)) * 80
"""One second of loud mu-law, each sample of which tells where it belongs."""
LIMIT_S = 20


@dataclass(frozen=True)
class Received:
    path: str
    method: str
    form: dict[str, str]
    headers: dict[str, str]
    is_signed: bool
    target: str
    """Path and query as they came."""


@dataclass(frozen=True)
class Reply:
    content: str | bytes = "<Response/>"
    status: int = 200
    content_type: str | None = "text/xml"
    delay_s: float = 0


class Webhooks:
    """Answers each path with its replies in turn; the last one stays."""

    def __init__(self) -> None:
        self.base_url = ""
        self.received: list[Received] = []
        self._replies: dict[str, list[Reply]] = {}

    def on(self, path: str, *replies: Reply | str) -> str:
        """Set what *path* answers and return its URL."""
        self._replies[path] = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]
        return self.base_url + path

    def at(self, path: str) -> list[Received]:
        return [received for received in self.received if received.path == path]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        url = f"http://{request.host}{request.raw_path}"
        signature = request.headers.get("X-Twilio-Signature", "")
        is_signed = bool(RequestValidator(ACCOUNT.auth_token).validate(url, form, signature))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(
            Received(request.path, request.method, form or dict(request.query), headers, is_signed, request.raw_path)
        )
        replies = self._replies.get(request.path, [Reply(status=204, content="", content_type=None)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        await asyncio.sleep(reply.delay_s)
        content = reply.content.encode() if isinstance(reply.content, str) else reply.content
        return web.Response(body=content, status=reply.status, content_type=reply.content_type)


@dataclass
class Stream:
    """One connection to the WebSocket server."""

    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)

    def media(self, track: str) -> list[dict[str, Any]]:
        return [m["media"] for m in self.messages if m["event"] == "media" and m["media"]["track"] == track]


class Media:
    """A WebSocket server that records what it is sent, and misbehaves when told to."""

    def __init__(self) -> None:
        self.url = ""
        self.streams: list[Stream] = []
        self.refuses_with: int | None = None
        self.redirects_to: str | None = None
        self.closes_after: int | None = None
        self.aborts_after: int | None = None
        self.says: list[str | bytes] = []
        self.reads = True

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with serve(
            self._handle, "127.0.0.1", 0, process_request=self._refuse, max_queue=(4, 2), close_timeout=0.2
        ) as server:
            self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
            yield

    def _refuse(self, socket: ServerConnection, _: Upgrade) -> Refusal | None:
        if self.refuses_with is None:
            return None
        refusal = socket.respond(self.refuses_with, "no\n")
        if self.redirects_to is not None:
            refusal.headers["Location"] = self.redirects_to
        return refusal

    async def _handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        stream = Stream({name.lower(): value for name, value in socket.request.headers.raw_items()})
        self.streams.append(stream)
        for message in self.says:
            await socket.send(message)
        if not self.reads:
            await socket.wait_closed()
            return
        with contextlib.suppress(ConnectionClosed):
            async for message in socket:
                stream.messages.append(json.loads(message))
                if len(stream.messages) == self.closes_after:
                    await socket.close()
                if len(stream.messages) == self.aborts_after:
                    socket.transport.abort()


@dataclass
class Studio:
    """A simulated Twilio with the product at the other end."""

    twilio: SimulatedTwilio
    webhooks: Webhooks
    media: Media

    def voice(self, *replies: Reply | str, fragment: str = "") -> None:
        """Set what the number's voice webhook answers."""
        self.twilio.own_number(
            OWN,
            voice_url=self.webhooks.on("/voice", *replies) + fragment,
            status_callback=self.webhooks.base_url + "/status",
        )

    async def call(self, caller: Caller | None = None) -> Call:
        """Ring, and return the call when all that belongs to it is over."""
        async with asyncio.timeout(LIMIT_S):
            call = await self.twilio.ring(caller or Caller(number=CALLER, speech=SPEECH), to=OWN)
            await call.ended()
            await self.twilio.settled()
        return call

    def codes(self) -> list[int]:
        return [warning.code for warning in self.twilio.warnings]


@contextlib.asynccontextmanager
async def studio(
    *, speed: float = 50, quirks: Quirks | None = None, faults: Faults | None = None
) -> AsyncIterator[Studio]:
    webhooks, media = Webhooks(), Media()
    twilio = SimulatedTwilio(
        account=ACCOUNT, clock=Clock(speed), quirks=quirks or Quirks(allow_insecure_streams=True), faults=faults
    )
    async with webhooks.running(), media.running(), twilio:
        yield Studio(twilio, webhooks, media)
