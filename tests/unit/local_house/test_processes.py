"""The house's processes start, say so, and never outlive it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.processes import ROOT, Part, StartError, running

Environment = dict[str, str]


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], Environment]:
    """Give a function that makes code the module `told`, and returns the environment in which it is one."""

    def write(code: str) -> Environment:
        (tmp_path / "told.py").write_text(code)
        return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)}

    return write


async def test_a_process_that_ends_at_once_is_named_with_what_it_said(module: Callable[[str], Environment]) -> None:
    environment = module("import sys; sys.exit('no luck today')")
    with pytest.raises(StartError, match=r"told ended before it was ready: [\s\S]*no luck today"):
        async with running("told", ready="url", environment=environment):
            pytest.fail("it did not start")


async def test_the_line_with_the_key_is_given_and_the_process_stopped_at_the_end(
    module: Callable[[str], Environment],
) -> None:
    environment = module(
        "import os, time\nprint('some noise')\nprint('{\"pid\": %d}' % os.getpid(), flush=True)\ntime.sleep(60)"
    )
    async with running("told", ready="pid", environment=environment) as said:
        pid = int(str(said["pid"]))
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_process_may_be_killed_and_started_again(module: Callable[[str], Environment]) -> None:
    environment = module("import os, time\nprint('{\"pid\": %d}' % os.getpid(), flush=True)\ntime.sleep(60)")
    async with Part("told", ready="pid", environment=environment) as part:
        before = part.pid
        await part.start()
        assert part.pid == before == part.said["pid"]
        part.signal(signal.SIGKILL)
        assert await part.ended() == -signal.SIGKILL
        part.signal(signal.SIGKILL)
        await part.start()
        assert part.pid == part.said["pid"] != before
    with pytest.raises(ProcessLookupError):
        os.kill(part.pid, 0)


def test_a_child_on_the_leash_ends_when_its_parent_does(module: Callable[[str], Environment]) -> None:
    environment = module("import time\nprint('up', flush=True)\ntime.sleep(60)")
    child = subprocess.Popen(
        [sys.executable, "-m", "local.leash", "told"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child, child.stdout:
        assert child.stdout.readline() == b"up\n"
        child.stdin.close()
        assert child.wait(timeout=20) != 0
