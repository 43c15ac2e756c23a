"""`make demo` ends with a plain reason, soon, when a part of it dies."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 45
END_LIMIT_S = 30

pytestmark = pytest.mark.timeout(START_LIMIT_S + END_LIMIT_S + 15)


def _child(parent: int, module: str) -> int:
    """Return the process that *parent* started to run *module*."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode().split("\0")
            status = (folder / "status").read_text()
        except OSError:  # it has just ended
            continue
        if command[1:4] == ["-m", "local.leash", module] and f"PPid:\t{parent}\n" in status:
            return int(folder.name)
    raise AssertionError(f"no {module} runs")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
@pytest.mark.parametrize("module", ["streamer", "local.lambdas"])
async def test_the_demo_says_plainly_which_part_died(module: str) -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "local", "demo", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert demo.stdout is not None
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while b"stream open" not in (line := await demo.stdout.readline()):
                assert line, "the demo ended before its call"
        os.kill(_child(demo.pid, module), signal.SIGKILL)
        async with asyncio.timeout(END_LIMIT_S):
            _, errors = await demo.communicate()
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
    said = errors.decode()
    assert demo.returncode == 1
    assert said.startswith("Failed: ")
    assert f"{module} ended with exit code -9" in said
    assert "Traceback" not in said
