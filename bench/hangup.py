"""From hang-up to SMS, on the whole product at real-time speed, with a recogniser that needs no time of its own.

    python -m bench.hangup [CALLS]

Simulated callers leave short stamped messages through the house that `make local` runs; measured is what the simulated
Twilio sees: from the end of the call to the SMS it is asked to send. On the way lies what the parts log: when the
streamer had the last words, and the status webhook was answered. Prints p50 and p95, and writes
bench/results/hangup.json.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.figures import machine, percentile
from local.deepgram.stamp import stamp
from local.house import OUR_NUMBER, House, Plan, open_house
from local.processes import LOGS
from local.twilio.caller import Caller
from local.twilio.events import CallEnded, MessageSent

RESULTS: Final = Path("bench/results/hangup.json")
WORDS: Final = 20
AT_ONCE: Final = 2
CALL_S: Final = 60
SMS_S: Final = 30


@dataclass(frozen=True, slots=True)
class Told:
    """One call: when it ended, and when somebody was told of it."""

    call_sid: str
    ended_at: datetime
    told_at: datetime


async def one(house: House, number: int) -> Told:
    """Leave one message. Raises: TimeoutError."""
    caller = f"+1415555{number:04}"
    call = await house.twilio.ring(Caller(number=caller, speech=stamp(number * WORDS, WORDS)), to=OUR_NUMBER)
    async with asyncio.timeout(CALL_S):
        await call.ended()
    ended = next(event for event in call.events if isinstance(event, CallEnded))
    async with asyncio.timeout(SMS_S):
        while True:
            sent = [each for each in house.twilio.events if isinstance(each, MessageSent) and caller in each.body]
            if sent:
                return Told(call.sid, ended.at, sent[0].at)
            await asyncio.sleep(0.02)


async def measure(calls: int) -> list[Told]:
    """Return what became of each call, in the order in which people were told."""
    gate = asyncio.Semaphore(AT_ONCE)
    told: list[Told] = []

    async def gated(house: House, number: int) -> None:
        async with gate:
            told.append(await one(house, number))

    async with open_house(Plan(recogniser="stamped")) as house, asyncio.TaskGroup() as tasks:
        for number in range(calls):
            tasks.create_task(gated(house, number))
    return told


def logged(log: Path, is_meant: Callable[[dict[str, str]], bool]) -> dict[str, datetime]:
    """Return when each call's first line of *log* that *is_meant* was written."""
    found: dict[str, datetime] = {}
    for line in log.read_text().splitlines():
        if line.startswith("{") and is_meant(entry := json.loads(line)):
            found.setdefault(entry["call_sid"], datetime.fromisoformat(entry["timestamp"]))
    return found


def steps(told: Sequence[Told]) -> dict[str, float]:
    """Return the median milliseconds from hang-up to each step on the way."""
    logs = {
        "status known": logged(LOGS / "local.lambdas.log", lambda entry: entry.get("path") == "/twilio/status"),
        "last words": logged(LOGS / "streamer.log", lambda entry: entry.get("event") == "stream-ended"),
    }
    taken = {
        name: [_ms(each.ended_at, at[each.call_sid]) for each in told if each.call_sid in at]
        for name, at in logs.items()
    }
    return {name: round(percentile(values, 0.5), 1) for name, values in taken.items()}


def _ms(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() * 1000


def main(calls: int = 40) -> None:
    """Measure, print and write down."""
    told = asyncio.run(measure(calls))
    taken = [_ms(each.ended_at, each.told_at) for each in told]
    found = {
        "p50_ms": percentile(taken, 0.5),
        "p95_ms": percentile(taken, 0.95),
        "calls": len(taken),
        "steps_ms": steps(told),
    }
    print(f"hang-up to SMS, {calls} calls: p50 {found['p50_ms']:.0f} ms, p95 {found['p95_ms']:.0f} ms")
    print(f"medians on the way: {found['steps_ms']}")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine(), **found}, indent=1) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
