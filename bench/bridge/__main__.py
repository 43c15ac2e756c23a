"""`python -m bench.bridge [--quick]`: measure our bridge beside its peers, and write down what came of it."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

import uvloop

from bench.bridge.plan import QUICK, Plan, carry_out
from bench.bridge.process import BenchError, other_cores
from bench.bridge.servers import build
from bench.figures import machine

RESULTS: Final = Path("bench/results/bridge.json")
MOST_LOAD: Final = 0.5
"""What the machine may have been busy with in the last minute, in cores, before it is measured on."""


def main() -> int:
    """Measure, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.bridge", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works; writes nothing")
    quick = parser.parse_args().quick
    if os.getloadavg()[0] > MOST_LOAD:
        _say(f"the machine is busy (load {os.getloadavg()[0]:.1f}): what is measured now says little")
    try:
        build()
        os.sched_setaffinity(0, other_cores())
        results = uvloop.run(carry_out(QUICK if quick else Plan(), _say))
    except BenchError as exc:
        _say(f"Failed: {exc}")
        return 1
    if not quick:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": machine(), **results}, indent=1) + "\n")
        _say(f"written to {RESULTS}; `python -m bench.report` makes the tables of it")
    return int(any("trouble" in run for runs in results.values() for run in runs))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
