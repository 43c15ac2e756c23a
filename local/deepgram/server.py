"""The server: one port for live streams, for recordings, and for what is to be spoken."""

import asyncio
import socket
import struct
import uuid
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from local.deepgram import batch, speech
from local.deepgram.access import Access
from local.deepgram.faults import FaultPlan, Faults
from local.deepgram.hearing import Hearing
from local.deepgram.live import LiveStream
from local.deepgram.messages import Scribe
from local.deepgram.outlet import Outlet
from local.deepgram.query import ListenOptions, parse_query
from local.deepgram.recogniser import Recogniser
from local.deepgram.refusals import NOT_FOUND, TOO_MANY_REQUESTS, Refused, refusal_for
from local.deepgram.settings import Settings

_MAX_FRAME_BYTES = 16 * 1024 * 1024
"""Half an hour of telephone audio; more in one message is a mistake."""
MAX_TEXT_BYTES = 64 * 1024
"""Of a text to be spoken, in JSON; Deepgram takes 2,000 characters."""
_GRACE_S = 2
"""How long open requests may take to end when the server stops."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: the kernel sends RST."""


class DeepgramServer:
    """Serves `/v1/listen` on loopback, from the moment the `async with` block is entered to its end.

    *recogniser* is used for all requests; *api_keys* are good as `Token`, *bearer_tokens* as `Bearer`. A *port*
    of 0 takes any free one. `faults` may be replaced at any time.
    """

    def __init__(
        self,
        *,
        recogniser: Recogniser,
        api_keys: Collection[str],
        bearer_tokens: Collection[str] = (),
        settings: Settings = Settings(),  # noqa: B008 - it is frozen
        faults: Faults = Faults(),  # noqa: B008 - it is frozen
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._access = Access(frozenset(api_keys), frozenset(bearer_tokens))
        self._settings = settings
        self._plan = FaultPlan(faults)
        self._address = (host, port)
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="recogniser")
        self._hearing = Hearing(recogniser, self._pool)
        self._open_streams = self._streams = self._posts = self._spoken = 0
        config = uvicorn.Config(
            self._application(),
            lifespan="off",
            log_config=None,
            access_log=False,
            ws=_Socket,
            ws_max_size=_MAX_FRAME_BYTES,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        config.load()
        self._uvicorn = uvicorn.Server(config)
        self._uvicorn.lifespan = config.lifespan_class(config)

    @property
    def base_url(self) -> str:
        """Where recordings are posted to, without a path: `http://127.0.0.1:port`."""
        return f"http://{self._address[0]}:{self._address[1]}"

    @property
    def ws_url(self) -> str:
        """Where live streams are opened, without a path: `ws://127.0.0.1:port`."""
        return f"ws://{self._address[0]}:{self._address[1]}"

    @property
    def open_streams(self) -> int:
        """How many live streams there are now."""
        return self._open_streams

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self._plan.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._plan = FaultPlan(faults)

    async def __aenter__(self) -> Self:
        listening = socket.create_server(self._address)
        self._address = listening.getsockname()[:2]
        self._listening = [listening]
        # Not `serve`: signals belong to whoever owns the process.
        await self._uvicorn.startup(self._listening)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._uvicorn.shutdown(self._listening)
        self._pool.shutdown(cancel_futures=True)

    def _application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/listen", self._answering(self._post), methods=["POST"]),
                WebSocketRoute("/v1/listen", self._stream),
                Route("/v1/speak", self._answering(self._speak), methods=["POST"]),
                Route("/simulator/faults", self._put_faults, methods=["PUT"]),
                Route("/simulator/state", self._get_state, methods=["GET"]),
                Route("/{path:path}", self._answering(_not_found), methods=["GET", "POST", "PUT", "DELETE"]),
                WebSocketRoute("/{path:path}", _no_such_stream),
            ]
        )

    def _answering(
        self, endpoint: Callable[[Request, str], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return *endpoint* with a request id, and with Refused made into an answer."""

        async def answer(request: Request) -> Response:
            request_id = str(uuid.uuid4())
            try:
                response = await endpoint(request, request_id)
            except Refused as exc:
                return _refusal(exc, request_id)
            response.headers["dg-request-id"] = request_id
            return response

        return answer

    async def _post(self, request: Request, request_id: str) -> Response:
        self._posts += 1
        if self._plan.refuses_post():
            raise Refused(refusal_for(self.faults.refuse_status))
        self._access.check(request.headers)
        options = parse_query(request.query_params.multi_items())
        body = await _body(request, self._settings.max_body_bytes)
        audio = await batch.read_body(body, request.headers.get("content-type", ""), self._settings)
        scribe = self._scribe(options, request_id)
        return JSONResponse(await batch.transcribe(audio, options, hearing=self._hearing, scribe=scribe))

    async def _speak(self, request: Request, request_id: str) -> Response:
        self._spoken += 1
        if self._plan.refuses_post():
            raise Refused(refusal_for(self.faults.refuse_status))
        self._access.check(request.headers)
        options = speech.parse_query(request.query_params.multi_items())
        text = speech.read_text(await _body(request, MAX_TEXT_BYTES), request.headers.get("content-type", ""))
        headers = {
            "dg-request-id": request_id,
            "dg-model-name": options.voice,
            "dg-char-count": str(len(text)),
            "Content-Type": "audio/mulaw;rate=8000" if options.container == "none" else "audio/wav",
        }
        return StreamingResponse(speech.speak(text, options), headers=headers)

    async def _put_faults(self, request: Request) -> Response:
        """Let another process on this machine order faults."""
        try:
            self.faults = Faults.read(await request.body())
        except ValueError as exc:
            return JSONResponse({"message": str(exc)}, status_code=400)
        return Response(status_code=204)

    async def _get_state(self, _request: Request) -> Response:
        counts = {"streams": self._streams, "posts": self._posts, "spoken": self._spoken}
        return JSONResponse({"open_streams": self._open_streams, **counts})

    async def _stream(self, peer: WebSocket) -> None:
        request_id = str(uuid.uuid4())
        try:
            await asyncio.sleep(self.faults.open_late_ms / 1_000)
            subprotocol, options = self._admit(peer)
        except Refused as exc:
            await peer.send_denial_response(_refusal(exc, request_id))
            return
        self._open_streams += 1
        self._streams += 1
        try:
            await peer.accept(subprotocol, headers=[(b"dg-request-id", request_id.encode())])
            await self._serve(peer, options, request_id)
        finally:
            self._open_streams -= 1

    def _admit(self, peer: WebSocket) -> tuple[str | None, ListenOptions]:
        if self._plan.refuses_handshake():
            raise Refused(refusal_for(self.faults.refuse_status))
        subprotocol = self._access.check(peer.headers, peer.scope["subprotocols"])
        options = parse_query(peer.query_params.multi_items())
        if self._open_streams >= self._settings.max_streams:
            raise Refused(TOO_MANY_REQUESTS)
        return subprotocol, options

    async def _serve(self, peer: WebSocket, options: ListenOptions, request_id: str) -> None:
        stream = LiveStream(
            peer,
            options,
            hearing=self._hearing,
            scribe=self._scribe(options, request_id),
            outlet=Outlet(peer, lambda: self._plan, self._reset),
            settings=self._settings,
        )
        await stream.run()

    def _scribe(self, options: ListenOptions, request_id: str) -> Scribe:
        return Scribe(
            request_id=request_id,
            model=options.model,
            punctuate=options.punctuate,
            float32_times=self._settings.float32_times,
        )

    def _reset(self, peer: WebSocket) -> None:
        """Reset the TCP connection of *peer*."""
        for connection in self._uvicorn.server_state.connections:
            transport = connection.transport
            if peer.client is not None and transport.get_extra_info("peername")[:2] == tuple(peer.client):
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                transport.abort()
                return


class _Socket(WebSocketsSansIOProtocol):
    """Knows that a refused handshake is a finished one; uvicorn 0.54 logs an error for each."""

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        self.handshake_complete = self.handshake_complete or self.close_sent


def _refusal(refused: Refused, request_id: str) -> JSONResponse:
    refusal = refused.refusal
    return JSONResponse(refusal.body(request_id), status_code=refusal.status, headers=refusal.headers(request_id))


async def _body(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async with aclosing(request.stream()) as parts:
        async for part in parts:
            body += part
            if len(body) > max_bytes:
                raise Refused(refusal_for(413))
    return bytes(body)


async def _not_found(_request: Request, _request_id: str) -> Response:
    raise Refused(NOT_FOUND)


async def _no_such_stream(peer: WebSocket) -> None:
    await peer.send_denial_response(_refusal(Refused(NOT_FOUND), str(uuid.uuid4())))
