"""Streams held for long: does memory grow, do descriptors leak, does the loop fall behind?

    python -m bench.soak [STREAMS] [MINUTES]

Prints a line a minute of our streamer's memory, descriptors, CPU, the latency of its sound and the lag of its event
loop, and at the end the first minute beside the last; writes bench/results/soak.json; fails if memory grew by more than
MOST_GROWTH after the first minute, or descriptors at all.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.bridge.process import BenchError, other_cores, usage
from bench.bridge.run import Stage, loaded, our_server, stage
from bench.figures import machine, percentile

RESULTS: Final = Path("bench/results/soak.json")
MINUTE_S: Final = 60
MOST_GROWTH: Final = 0.05
"""Of the memory after the first minute: the ring buffers are full by then, and nothing else may grow."""


async def hold(streams: int, minutes: int) -> list[dict[str, Any]]:
    """Hold *streams* for *minutes*, and return what was seen each minute. Raises: BenchError."""
    seen: list[dict[str, Any]] = []
    with stage(our_server()) as on:
        async with loaded(on, streams) as generator:
            for minute in range(1, minutes + 1):
                before = usage(on.pid)
                await on.deepgram()
                lags = await _lags(on)
                now, heard = usage(on.pid), await on.deepgram()
                seen.append(
                    {
                        "minute": minute,
                        "rss_mb": round(now.rss_bytes / 1e6, 1),
                        "descriptors": now.descriptors,
                        "cpu_share": round((now.cpu_s - before.cpu_s) / MINUTE_S, 3),
                        "p50_ms": heard["latency_ms"]["0.5"],
                        "p99_ms": heard["latency_ms"]["0.99"],
                        "lag_p50_ms": percentile(lags, 0.5),
                        "lag_most_ms": max(lags),
                        "missing_frames": heard["missing"] + heard["repeated"],
                    }
                )
                print(json.dumps(seen[-1]), flush=True)
                if generator.load.lost:
                    raise BenchError(f"{generator.load.lost} streams were lost in minute {minute}")
    return seen


async def _lags(on: Stage) -> list[float]:
    """Return the loop's lag at each second of a minute, in milliseconds, but the last: who asks is a descriptor too."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    lags = []
    for second in range(1, MINUTE_S):
        await asyncio.sleep(began + second - loop.time())
        lags.append(await on.lag_ms())
    await asyncio.sleep(began + MINUTE_S - loop.time())
    return lags


def main(streams: int = 500, minutes: int = 10) -> int:
    """Hold, print, write down, and return the exit code."""
    os.sched_setaffinity(0, other_cores())
    try:
        seen = uvloop.run(hold(streams, minutes))
    except BenchError as exc:
        print(f"Failed: {exc}", file=sys.stderr)
        return 1
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine(), "streams": streams, "minutes": seen}, indent=1) + "\n")
    growth = seen[-1]["rss_mb"] / seen[0]["rss_mb"] - 1
    leaked = seen[-1]["descriptors"] - seen[0]["descriptors"]
    print(f"{streams} streams, {minutes} minutes: memory {growth:+.1%}, descriptors {leaked:+d} since the first minute")
    for when, minute in (("first", seen[0]), ("last", seen[-1])):
        held = f"{minute['rss_mb']} MB, {minute['descriptors']} descriptors"
        lag = f"the loop {minute['lag_p50_ms']} ms late at the median, {minute['lag_most_ms']} at most"
        print(f"{when} minute: {held}, {lag}")
    return int(growth > MOST_GROWTH or leaked > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
