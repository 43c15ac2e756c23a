"""From hang-up to SMS, on the whole product at real-time speed, with a recogniser that needs no time of its own.

    python -m bench.hangup [CALLS]

Simulated callers leave short stamped messages through the house that `make local` runs; measured is what the simulated
Twilio sees: from the end of the call to the SMS it is asked to send. Prints p50 and p95, and writes
bench/results/hangup.json.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from bench.figures import machine, percentile
from local.deepgram.stamp import stamp
from local.house import OUR_NUMBER, House, Plan, open_house
from local.twilio.caller import Caller
from local.twilio.events import CallEnded, MessageSent

RESULTS: Final = Path("bench/results/hangup.json")
WORDS: Final = 20
AT_ONCE: Final = 2
CALL_S: Final = 60
SMS_S: Final = 30


async def one(house: House, number: int) -> float:
    """Leave one message and return the milliseconds from its hang-up to its SMS. Raises: TimeoutError."""
    caller = f"+1415555{number:04}"
    call = await house.twilio.ring(Caller(number=caller, speech=stamp(number * WORDS, WORDS)), to=OUR_NUMBER)
    async with asyncio.timeout(CALL_S):
        await call.ended()
    ended = next(event for event in call.events if isinstance(event, CallEnded))
    async with asyncio.timeout(SMS_S):
        while True:
            sent = [each for each in house.twilio.events if isinstance(each, MessageSent) and caller in each.body]
            if sent:
                return (sent[0].at - ended.at).total_seconds() * 1000
            await asyncio.sleep(0.02)


async def measure(calls: int) -> list[float]:
    """Return what each call took, in milliseconds, in the order in which they ended."""
    gate = asyncio.Semaphore(AT_ONCE)
    taken: list[float] = []

    async def gated(house: House, number: int) -> None:
        async with gate:
            taken.append(await one(house, number))

    async with open_house(Plan(recogniser="stamped")) as house, asyncio.TaskGroup() as tasks:
        for number in range(calls):
            tasks.create_task(gated(house, number))
    return taken


def main(calls: int = 40) -> None:
    """Measure, print and write down."""
    taken = asyncio.run(measure(calls))
    found = {"p50_ms": percentile(taken, 0.5), "p95_ms": percentile(taken, 0.95), "calls": len(taken)}
    print(f"hang-up to SMS, {calls} calls: p50 {found['p50_ms']:.0f} ms, p95 {found['p95_ms']:.0f} ms")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine(), **found}, indent=1) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
