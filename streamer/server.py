"""The streamer's door and its life: accept, tell the load balancer it can serve, drain, end."""

import asyncio
import ssl
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from picows import WSListener, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from streamer.bridge import Bridge, Services
from streamer.captions import CaptionsHub
from streamer.gathering import LOOK_S
from streamer.protection import EcsAgent, Protection
from streamer.ring import Budget
from streamer.rules import Rules
from streamer.viewer import ViewerSocket
from streamer.writer import Writer
from telephony import log
from telephony.errors import ConfigurationError, UpstreamError
from telephony.metrics import Meter, Metric
from telephony.ports.services import SecretStore
from telephony.ports.stores import TicketStore, TranscriptStore
from telephony.settings import StreamerSettings
from telephony.wire.media_streams import MAX_MESSAGE_BYTES
from telephony.wire.signature import SignatureVerifier

TICK_S: Final = 0.1
ROTATION_S: Final = 60
"""How long a new auth token may stay unknown; the one before it is accepted meanwhile."""

READ_BUFFER_BYTES: Final = 4 * 1024
"""Of each socket, and it grows with what comes: ten messages of Twilio's, or a fifth of a second."""

FLUSH_S: Final = 9.0
"""How long calls that outlast the drain may take for their last words; and again, how long the writing may take."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What the streamer reads and writes."""

    tickets: TicketStore
    transcripts: TranscriptStore
    secrets: SecretStore


class Streamer:
    """Serves media streams and captions until it is told to stop."""

    def __init__(self, settings: StreamerSettings, stores: Stores, meter: Meter) -> None:
        self._settings = settings
        self._stores = stores
        self._meter = meter
        self._bridges: dict[Bridge, float] = {}
        """The calls there are, and when each began."""
        self._work: set[asyncio.Task[None]] = set()
        self._captions = CaptionsHub()
        self._budget = Budget()
        self._writer = Writer(stores.transcripts, meter, gather_s=settings.gather_s)
        self._stopping = asyncio.Event()
        self._may_end = asyncio.Event()
        self._may_end.set()
        self._late_s = 0.0
        """How much later than asked the loop last came round to the calls' clock."""
        self._protection = _protection(settings, self._newest)
        self._verifier = SignatureVerifier(())
        self._services: Services | None = None
        self.port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The port it listens on, once it does."""

    def stop(self) -> None:
        """Accept no more streams, let the calls there are finish within the drain limit, then end.

        Told so again, end at once: what is known of the calls is written down, and their recordings do the rest.
        """
        if self._stopping.is_set():
            self._may_end.set()
        self._stopping.set()

    async def run(self) -> None:
        """Serve. Raises: ConfigurationError when the secrets can't be used."""
        await self._read_secrets(fresh=False)
        async with asyncio.TaskGroup() as tasks:
            self._services = self._make_services(tasks)
            jobs = [self._writer.run, self._tick, self._look_after, self._beat, self._watch_rotation]
            if self._protection is not None:
                jobs.append(self._protection.run)
            background = [tasks.create_task(job()) for job in jobs]
            server = await ws_create_server(
                self._accept,
                self._settings.host,
                self._settings.port,
                max_frame_size=MAX_MESSAGE_BYTES,
                read_buffer_init_size=READ_BUFFER_BYTES,
            )
            port: int = server.sockets[0].getsockname()[1]
            self.port.set_result(port)
            log.logger().info("listening", port=port)
            await self._stopping.wait()
            server.close()
            await self._drain()
            for job in (*background, *self._work):
                job.cancel()

    def _make_services(self, tasks: asyncio.TaskGroup) -> Services:
        def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
            task = tasks.create_task(_alone(work))
            self._work.add(task)
            task.add_done_callback(self._work.discard)
            return task

        return Services(
            tickets=self._stores.tickets,
            secrets=self._stores.secrets,
            writer=self._writer,
            captions=self._captions,
            meter=self._meter,
            rules=_rules(self._settings),
            budget=self._budget,
            deepgram_url=self._settings.deepgram_url,
            tls=_tls(self._settings.deepgram_url),
            spawn=spawn,
        )

    def _accept(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener | None:
        assert self._services is not None
        match request.path.partition(b"?")[0]:
            case b"/healthz":
                return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(self._health()), None)
            case b"/captions":
                return ViewerSocket(self._services)
            case path if path == urlsplit(self._settings.media_url).path.encode():
                return self._accept_stream(request, self._services)
            case _:
                return None

    def _health(self) -> bytes:
        """Say that all is well, what is held, and how late the loop is. The balancer forwards nobody here."""
        waiting = self._writer.waiting
        held = f"streams={len(self._bridges)} tasks={len(self._work)} sound={self._budget.held_bytes} waiting={waiting}"
        return f"ok {held}\nlate_ms={self._late_s * 1000:.1f}\n".encode()

    def _accept_stream(
        self, request: WSUpgradeRequest, services: Services
    ) -> WSListener | WSUpgradeResponseWithListener:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not self._verifier.verify_upgrade(self._settings.media_url, signature):
            self._meter.add(Metric.STREAM_REFUSED)
            log.logger().warning("stream-refused", why="signature")
            return _refuse(403, b"the signature is not valid\n")
        if self._stopping.is_set() or len(self._bridges) >= self._settings.max_streams:
            self._meter.add(Metric.STREAM_REFUSED)
            log.logger().warning("stream-refused", why="full or stopping", streams=len(self._bridges))
            return _refuse(503, b"no more streams here\n")
        return Bridge(services, on_begin=self._remember, on_end=self._forget)

    def _remember(self, bridge: Bridge) -> None:
        self._bridges[bridge] = time.monotonic()
        self._may_end.clear()
        self._watch_protection()
        self._meter.add(Metric.ACTIVE_STREAMS, len(self._bridges))

    def _forget(self, bridge: Bridge) -> None:
        self._bridges.pop(bridge, None)
        self._meter.add(Metric.ACTIVE_STREAMS, len(self._bridges))
        if not self._bridges:
            self._may_end.set()
            self._watch_protection()

    def _newest(self) -> float | None:
        return max(self._bridges.values(), default=None)

    def _watch_protection(self) -> None:
        if self._protection is not None:
            self._protection.look()

    async def _drain(self) -> None:
        log.logger().info("draining", streams=len(self._bridges))
        await _wait(self._may_end.wait(), self._settings.drain_s)
        for bridge in tuple(self._bridges):
            bridge.drop()
        await _wait(self._may_end.wait(), FLUSH_S)
        cut = tuple(self._bridges)
        for bridge in cut:
            bridge.cut()
        self._captions.close()
        await _wait(self._writer.idle(), FLUSH_S)
        log.logger().info("stopped", cut=len(cut), unwritten=not self._writer.is_idle)

    async def _tick(self) -> None:
        while True:
            asleep_at = time.monotonic()
            await asyncio.sleep(TICK_S)
            self._late_s = max(time.monotonic() - asleep_at - TICK_S, 0.0)
            for bridge in tuple(self._bridges):
                try:
                    bridge.tick(time.monotonic())
                except Exception:  # noqa: BLE001 - the outermost edge: one call's fault must not stop the others' clock
                    log.logger().exception("session-crashed")
                    bridge.abandon()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            now = time.monotonic()
            for bridge in self._bridges:
                bridge.look(now)

    async def _beat(self) -> None:
        while True:
            self._meter.add(Metric.ACTIVE_STREAMS, len(self._bridges))
            for bridge in tuple(self._bridges):
                bridge.ping()
            for viewer in self._captions.viewers:
                viewer.ping()
            await asyncio.sleep(self._settings.beat_s)

    async def _watch_rotation(self) -> None:
        while True:
            await asyncio.sleep(ROTATION_S)
            try:
                await self._read_secrets(fresh=True)
            except (ConfigurationError, UpstreamError) as exc:
                log.logger().error("secrets-not-read-again", error=str(exc))

    async def _read_secrets(self, *, fresh: bool) -> None:
        credentials = await asyncio.to_thread(self._stores.secrets.twilio, fresh=fresh)
        self._verifier = SignatureVerifier(credentials.auth_tokens)


def _protection(settings: StreamerSettings, newest: Callable[[], float | None]) -> Protection | None:
    return Protection(EcsAgent(settings.ecs_agent_uri), newest) if settings.ecs_agent_uri else None


def _tls(url: str) -> ssl.SSLContext | None:
    """Return what all connections to *url* share, for the certificates of the system take a megabyte to hold."""
    return ssl.create_default_context() if urlsplit(url).scheme == "wss" else None


def _rules(settings: StreamerSettings) -> Rules:
    return Rules(
        chunk_ms=settings.chunk_ms,
        open_within_s=settings.open_within_s,
        backoff_s=settings.backoff_s,
        backoff_most_s=16 * settings.backoff_s,
        max_rate=settings.max_rate,
        stall_s=settings.stall_s,
        finish_within_s=settings.finish_within_s,
    )


def _refuse(status: int, body: bytes) -> WSUpgradeResponseWithListener:
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(status, body), None)


async def _alone(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001 - the outermost edge: what fails for one socket must not end all the others
        log.logger().exception("socket-crashed")


async def _wait(until: Coroutine[Any, Any, object], limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await until
    except TimeoutError:
        return
