"""The streamer's image, built and run, serves a call as the streamer on this machine does. `make image-test` runs it.

It needs what tools/streamer_image.py needs, and a minute or two; RINGSCRIBE_IMAGE_TEST=1 asks for it.
"""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from local.deepgram.stamp import stamp, word
from local.house import OUR_NUMBER, House, Plan, open_house
from local.twilio.caller import Caller
from tests.e2e.asking import eventually
from tools import streamer_image

WANTED = os.environ.get("RINGSCRIBE_IMAGE_TEST") == "1"  # noqa: TID251 - chooses a test, sets nothing
SPEED = 10.0
WORDS = 100
START_LIMIT_S = 30

pytestmark = [
    pytest.mark.skipif(not WANTED, reason="`make image-test` builds the image and runs this"),
    pytest.mark.timeout(180),
]


async def shell(*command: str) -> str:
    """Run *command*, and return what it prints."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    assert process.returncode == 0, command
    return printed.decode().strip()


@asynccontextmanager
async def contained(house: House) -> AsyncIterator["Contained"]:
    """Run the image's own entry point as its own user, with the settings that the house's streamer would have."""
    container = await shell(*streamer_image.buildah("from", "--pull-never", streamer_image.IMAGE))
    config = json.loads(await shell(*streamer_image.buildah("inspect", container)))["Docker"]["config"]
    settings = {name: value for name, value in house.environment.items() if name not in {"PATH", "HOME"}}
    kept = [each for name, value in settings.items() for each in ("--env", f"{name}={value}")]
    command = streamer_image.buildah("run", "--isolation", "chroot", "--network", "host", *kept, container, "--")
    process = await asyncio.create_subprocess_exec(*command, *config["Entrypoint"], stdout=asyncio.subprocess.PIPE)
    running = Contained(process, str(config["User"]))
    try:
        await running.wait_until_it_listens()
        yield running
    finally:
        await running.stop()
        await shell(*streamer_image.buildah("rm", container))


class Contained:
    """The running container."""

    def __init__(self, process: asyncio.subprocess.Process, user: str) -> None:
        self._process = process
        self.user = user
        self.said: list[dict[str, object]] = []
        self._reading: asyncio.Task[None] | None = None
        self._listens = asyncio.Event()

    async def wait_until_it_listens(self) -> None:
        self._reading = asyncio.create_task(self._read())
        async with asyncio.timeout(START_LIMIT_S):
            await self._listens.wait()

    async def stop(self) -> None:
        """Ask it to stop, as a deployment does, and wait until it has."""
        if self._process.returncode is None:
            os.kill(_innermost(self._process.pid), signal.SIGTERM)
        async with asyncio.timeout(START_LIMIT_S):
            await self._process.wait()
            if self._reading is not None:
                await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if re.match(rb"\{.*\}$", line.strip()):
                self.said.append(json.loads(line))
            if self.said and self.said[-1].get("event") == "listening":
                self._listens.set()


def _innermost(pid: int) -> int:
    """Return the process that the others were started for: an engine would signal it and not its own helpers."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            if f"\nPPid:\t{pid}\n" in status.read_text(encoding="utf-8", errors="replace"):
                return _innermost(int(status.parent.name))
    return pid


async def test_the_image_puts_a_call_in_writing_and_stops_when_it_is_told() -> None:
    plan = Plan(recogniser="stamped", speed=SPEED, with_streamer=False, settings={"HAS_STREAMER": "true"})
    async with open_house(plan) as house:
        async with contained(house) as container:
            assert container.user == "10001"
            call = await house.twilio.ring(Caller(number="+14155550123", speech=stamp(0, WORDS)), to=OUR_NUMBER)
            async with asyncio.timeout(30):
                await call.ended()
            assert await _words(house, call.sid) == [word(number) for number in range(WORDS)]
        events = [each.get("event") for each in container.said]
    assert "draining" in events
    assert events[-1] == "stopped"


async def _words(house: House, call_sid: str) -> list[str]:
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:

        async def transcript() -> list[str] | None:
            answer = await api.get(f"/api/calls/{call_sid}/transcript")
            if answer.status_code != httpx.codes.OK or not answer.json()["is_complete"]:
                return None
            found = answer.json()
            return [each["text"] for utterance in found["utterances"] for each in utterance["words"]]

        return await eventually(transcript)
