"""The processes of the house: each is started, waited for until it says it is ready, and stopped."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Self

READY_LIMIT_S = 40
STOP_LIMIT_S = 20
ROOT = Path(__file__).parent.parent
LOGS = ROOT / ".local" / "logs"


class StartError(Exception):
    """A part of the house did not start; the text says which, and shows the end of its log."""


class Part:
    """`python -m module` while an `async with` block lasts; what it prints goes to `.local/logs/`.

    It is ready when it has printed a line of JSON with the key *ready*. It may be killed, and started again.

    Attributes:
        said: that line.
        log: where what it prints is.
    """

    def __init__(
        self, module: str, *arguments: str, ready: str, environment: Mapping[str, str], pass_fds: tuple[int, ...] = ()
    ) -> None:
        self.said: dict[str, object] = {}
        self._command = ("-m", "local.leash", module, *arguments)
        self._ready = ready
        self._environment = {**environment, "PYTHONUNBUFFERED": "1"}
        self._pass_fds = pass_fds
        self.log = LOGS / f"{module}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """Its number. Only after a start."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, unless it runs. Raises: StartError if it does not get ready."""
        if self.is_running:
            return
        await self.stop()
        with self.log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=self._environment,
                cwd=ROOT,
                pass_fds=self._pass_fds,
            )
        assert self._process.stdout is not None
        self.said = await _first_line(self._process.stdout, self._ready, self.log)
        self._keeping = asyncio.create_task(_keep(self._process.stdout, self.log))

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end, and return its exit code. The caller bounds the wait."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """End it, by force if it takes too long."""
        if self._process is not None:
            await _stop(self._process)
        if self._keeping is not None:
            await self._keeping
            self._keeping = None


@contextlib.asynccontextmanager
async def running(
    module: str, *arguments: str, ready: str, environment: Mapping[str, str], pass_fds: tuple[int, ...] = ()
) -> AsyncIterator[dict[str, object]]:
    """Run a Part until the block ends, and give what it said. Raises: StartError if it does not get ready."""
    async with Part(module, *arguments, ready=ready, environment=environment, pass_fds=pass_fds) as part:
        yield part.said


async def _first_line(output: asyncio.StreamReader, ready: str, log: Path) -> dict[str, object]:
    try:
        async with asyncio.timeout(READY_LIMIT_S):
            while line := await output.readline():
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict) and ready in said:
                        return said
                _append(log, line)
    except TimeoutError:
        raise StartError(f"{log.stem} was not ready within {READY_LIMIT_S} s: {_end_of(log)}") from None
    raise StartError(f"{log.stem} ended before it was ready: {_end_of(log)}")


async def _keep(output: asyncio.StreamReader, log: Path) -> None:
    while line := await output.readline():
        _append(log, line)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _append(log: Path, line: bytes) -> None:
    with log.open("ab") as file:
        file.write(line)


def _end_of(log: Path) -> str:
    return log.read_bytes()[-2_000:].decode(errors="replace").strip() or "it said nothing"
