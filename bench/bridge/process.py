"""Process: one program under test or around it, pinned to a core, and what the operating system says it used.

Linux only: /proc and CPU affinity.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TESTED_CORE: Final = 0
"""The program under test has it alone; load, counterpart and cloud share the others."""

STOP_S: Final = 10
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class BenchError(Exception):
    """A run that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used so far.

    Attributes:
        cpu_s: of all its threads, user and system, counted by the scheduler in nanoseconds.
        rss_bytes: what of its memory is in RAM now.
    """

    cpu_s: float
    rss_bytes: int
    descriptors: int


def usage(pid: int) -> Usage:
    """Return what process *pid* and its children have used. Raises: BenchError if it is gone."""
    try:
        pids = [pid, *_children(pid)]
        return Usage(
            cpu_s=sum(_cpu_s(each) for each in pids),
            rss_bytes=sum(_rss_bytes(each) for each in pids),
            descriptors=sum(sum(1 for _ in Path(f"/proc/{each}/fd").iterdir()) for each in pids),
        )
    except OSError as exc:
        raise BenchError(f"process {pid} is gone") from exc


def _cpu_s(pid: int) -> float:
    nanoseconds = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def _rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [child for each in text.split() for child in (int(each), *_children(int(each)))]


def other_cores() -> set[int]:
    """Return the cores that are not the tested one's. Raises: BenchError on a machine of one core."""
    cores = os.sched_getaffinity(0) - {TESTED_CORE}
    if not cores:
        raise BenchError("it takes two cores: one for the program under test alone")
    return cores


@contextlib.contextmanager
def running(
    command: Sequence[str], *, cores: set[int], environment: Mapping[str, str], log: Path, speaks: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* on *cores* until the block ends; what it says goes to *log*, or, if it *speaks*, to the caller."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdout=subprocess.PIPE if speaks else said,
            stderr=said,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509 - no threads are about when this forks
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def wait_for(is_so: Callable[[], bool], *, within_s: float, what: str) -> float:
    """Wait until *is_so*, and return how long it took. Raises: BenchError, naming *what* did not come."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise BenchError(f"{what} within {within_s} s")
        time.sleep(0.005)
    return time.monotonic() - began
