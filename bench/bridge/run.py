"""Run: one server under one load, from its start to its stop, and what was measured meanwhile."""

import asyncio
import contextlib
import json
import os
import secrets
import selectors
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from twilio.request_validator import RequestValidator

from bench.bridge.cloud import AUTH_TOKEN
from bench.bridge.process import TESTED_CORE, BenchError, Usage, other_cores, running, usage, wait_for
from bench.bridge.servers import OURS, Server, Surroundings, media_url
from local.certificate import Certificate
from local.load.frames import FRAME_MS
from local.load.generator import Admission, Generator

LOG: Final = Path(".bench/log")
READY_S: Final = 60
SETTLE_S: Final = 60
"""How long a server may take, after the last stream has opened, until as much comes out as goes in: what waited while
its sockets opened goes out first."""

DOUBT_S: Final = 3
"""How long a server has to talk to a stranger; it opens its sockets towards Deepgram at once."""

STEADY: Final = 0.03
"""How far what comes out in a second may be from what goes in."""

MOST_LATE_MS: Final = 15.0
"""How far the generator may fall behind before its run says nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        cpu_us_per_frame: CPU of the server, user and system, for each 20 ms of one stream's sound.
        cpu_share: of one core.
        latency_ms: from the generator's send to the counterpart's receive, by share; None where sound is not passed on
            as it is. A chunk of 100 ms waits for its last frame, so its first is 80 ms old when it is sent.
        kb_per_stream: memory above the idle server's.
        ready_s: from the process's start to its first answer.
        late_ms: how far the generator was behind at worst.
        deepgram_sockets: that were open in the end.
        ciphers: of TLS towards Deepgram; none without it.
    """

    server: str
    chunk_ms: int
    streams: int
    seconds: float
    cpu_us_per_frame: float
    cpu_share: float
    latency_ms: dict[str, float | None]
    missing_frames: int
    idle_mb: float
    kb_per_stream: float
    descriptors: int
    ready_s: float
    late_ms: float
    cloud: dict[str, Any]
    deepgram_messages: int
    deepgram_bytes: int
    deepgram_sockets: int
    ciphers: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server with all that is around it."""

    server: Server
    around: Surroundings
    pid: int
    ready_s: float
    idle: Usage
    certificate: Certificate | None

    def generator(self) -> Generator:
        """Return a generator of streams that the server lets in."""
        url = media_url(self.around)
        signature = RequestValidator(AUTH_TOKEN).compute_signature(url, {})

        def admit() -> Admission:
            ticket = secrets.token_hex(16)
            return Admission("CA" + ticket, {"X-Twilio-Signature": signature}, {"ticket": ticket})

        return Generator(url, admit)

    async def deepgram(self) -> dict[str, Any]:
        """Return what has arrived since the last time."""
        return await asyncio.to_thread(_ask, self.around.deepgram_url, self.certificate)

    async def cloud(self) -> dict[str, Any]:
        """Return what was asked of AWS since the last time."""
        return await asyncio.to_thread(_ask, f"ws://127.0.0.1:{self.around.cloud_port}", None)

    async def lag_ms(self) -> float:
        """Return how late our streamer's loop last came round to its calls' clock, as its health says."""
        health = await asyncio.to_thread(_read, f"http://127.0.0.1:{self.around.server_port}/healthz", None)
        return float(health.rpartition(b"late_ms=")[2])


@contextlib.contextmanager
def stage(server: Server, *, is_trusting: bool = True) -> Iterator[Stage]:
    """Start *server* and what it needs, alone on its core, until the block ends. Raises: BenchError.

    One that speaks TLS is told to trust the counterpart, unless not *is_trusting*.
    """
    LOG.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)  # noqa: TID251 - handed on to children, not read as settings
    with contextlib.ExitStack() as stack:
        certificate, shown = None, []
        if server.is_secure:
            certificate = Certificate.make(
                Path(stack.enter_context(tempfile.TemporaryDirectory())), "127.0.0.1", "localhost"
            )
            shown = ["--certificate", str(certificate.path), "--key", str(certificate.key_path)]
        started = [
            stack.enter_context(
                running(
                    [sys.executable, "-m", f"bench.bridge.{each}", *arguments],
                    cores=other_cores(),
                    environment=environment,
                    log=LOG / f"{each}.log",
                    speaks=True,
                )
            )
            for each, arguments in (("counterpart", shown), ("cloud", []))
        ]
        deepgram, cloud = (_port_of(each) for each in started)
        around = Surroundings(
            server_port=_free_port(),
            deepgram_url=f"{'wss' if certificate else 'ws'}://127.0.0.1:{deepgram}",
            cloud_port=cloud,
            trusted=certificate.path if certificate and is_trusting else None,
        )
        process = stack.enter_context(
            running(
                server.command(around),
                cores={TESTED_CORE},
                environment=server.environment(around),
                log=LOG / f"{server.label.replace(' ', '-')}.log",
            )
        )
        ready_s = wait_for(
            lambda: process.poll() is not None or _answers(around.server_port),
            within_s=READY_S,
            what=f"{server.label} did not answer",
        )
        if process.poll() is not None:
            raise BenchError(f"{server.label} did not start: {LOG} says why")
        time.sleep(0.5)
        yield Stage(server, around, process.pid, ready_s, usage(process.pid), certificate)


async def measure(server: Server, streams: int, seconds: float) -> Measured:
    """Run *server* with so many *streams*, and measure for *seconds*. Raises: BenchError, also if bytes are missing."""
    with stage(server) as on:
        async with loaded(on, streams) as generator:
            before, frames_before = usage(on.pid), generator.load.frames
            generator.load.late_ms = 0.0
            await on.deepgram()
            await on.cloud()
            began = time.monotonic()
            await asyncio.sleep(seconds)
            after, frames = usage(on.pid), generator.load.frames - frames_before
            took = time.monotonic() - began
            heard, asked = await on.deepgram(), await on.cloud()
            late_ms = generator.load.late_ms
    _check(server, generator, heard, frames)
    if late_ms > MOST_LATE_MS:
        raise BenchError(f"the generator was {late_ms:.0f} ms behind: {streams} streams are too many for this machine")
    cpu_s = after.cpu_s - before.cpu_s
    return Measured(
        server=server.name,
        chunk_ms=server.chunk_ms,
        streams=streams,
        seconds=round(took, 2),
        cpu_us_per_frame=round(cpu_s / frames * 1e6, 2),
        cpu_share=round(cpu_s / took, 3),
        latency_ms=heard["latency_ms"],
        missing_frames=heard["missing"] + heard["repeated"],
        idle_mb=round(on.idle.rss_bytes / 1e6, 1),
        kb_per_stream=round((after.rss_bytes - on.idle.rss_bytes) / streams / 1e3, 1),
        descriptors=after.descriptors,
        ready_s=round(on.ready_s, 2),
        late_ms=round(late_ms, 1),
        cloud=asked,
        deepgram_messages=heard["messages"],
        deepgram_bytes=heard["audio_bytes"],
        deepgram_sockets=heard["open"],
        ciphers=heard["ciphers"],
    )


async def check_verification(server: Server) -> None:
    """Raises: BenchError if *server* talks to a counterpart whose certificate nobody vouches for."""
    with stage(server, is_trusting=False) as on:
        generator = on.generator()
        try:
            await generator.open(1)
            await asyncio.sleep(DOUBT_S)
            heard = await on.deepgram()
        finally:
            await generator.close()
    if heard["connections"]:
        raise BenchError(f"{server.label}: it does not look at Deepgram's certificate")


@contextlib.asynccontextmanager
async def loaded(on: Stage, streams: int) -> AsyncIterator[Generator]:
    """Keep *streams* going until the block ends, then stop them. Raises: BenchError if one is refused or lost."""
    generator = on.generator()
    try:
        await generator.open(streams)
        await _settle(on, generator)
        yield generator
    finally:
        await generator.close()


async def _settle(on: Stage, generator: Generator) -> None:
    """Wait until as much comes out as goes in, for three seconds on end."""
    steady = 0
    until = time.monotonic() + SETTLE_S
    while steady < 3:  # noqa: PLR2004 - as said
        if time.monotonic() > until:
            raise BenchError(f"{on.server.label}: after {SETTLE_S} s it does not keep up")
        await on.deepgram()
        before = generator.load.frames
        await asyncio.sleep(1)
        wanted = (generator.load.frames - before) * on.server.bytes_per_frame
        heard = (await on.deepgram())["audio_bytes"]
        steady = steady + 1 if abs(heard / wanted - 1) < STEADY + 2 * on.server.chunk_ms / 1000 else 0
        if generator.load.refused or generator.load.lost:
            raise BenchError(f"{on.server.label}: {generator.load}")


def _check(server: Server, generator: Generator, heard: dict[str, Any], frames: int) -> None:
    load = generator.load
    if load.refused or load.lost:
        raise BenchError(f"{server.label}: {load.refused} streams refused, {load.lost} lost: {load.troubles[:3]}")
    wanted = frames * server.bytes_per_frame
    # At both ends of the time measured, up to a chunk of each stream is on its way.
    slack = load.streams * max(server.chunk_ms, FRAME_MS) // FRAME_MS * server.bytes_per_frame * 2
    if abs(heard["audio_bytes"] - wanted) > slack:
        raise BenchError(f"{server.label}: {heard['audio_bytes']} bytes of {wanted} arrived: it does not keep up")


def median_and_spread(values: list[float]) -> tuple[float, float]:
    """Return the median and how far the extremes are apart, as a share of it."""
    middle = statistics.median(values)
    return middle, (max(values) - min(values)) / middle if middle else 0.0


def _port_of(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(READY_S):
            raise BenchError("a program around the server did not start")
    return int(json.loads(process.stdout.readline())["port"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _ask(url: str, certificate: Certificate | None) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(_read(f"{url.replace('ws', 'http', 1)}/stats", certificate))
    return said


def _read(url: str, certificate: Certificate | None) -> bytes:
    tls = ssl.create_default_context(cafile=certificate.path) if certificate else None
    with urllib.request.urlopen(url, timeout=10, context=tls) as answer:  # noqa: S310 - our own
        said: bytes = answer.read()
        return said


def our_server(chunk_ms: int = 100) -> Server:
    """Return ours."""
    return Server(OURS, chunk_ms)
