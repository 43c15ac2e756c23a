"""What a call takes of the table: a voicemail live and from its recording, and a call that somebody answers.

    python -m bench.call      (make bench-call)

Runs whole calls through the house that `make local` runs, at the speed of real calls, with real speech and the real
recogniser. The table is in DynamoDB Local, which says of each request what DynamoDB would charge for it. Counted is the
second of two equal calls: the first finds a mailbox without words, connections that are not there, and secrets that
nobody has read. Nothing is counted of what the clock starts (the sweeper, the rounds), which costs the same without a
call. Writes bench/results/call.json, which `tools.cost` has its figures from.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import uvicorn

from bench.figures import machine
from bench.unit_proxy import UnitProxy
from local.demo import SPEECH
from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.phone import RATE, mu_law
from local.twilio.caller import Caller, Person
from local.twilio.events import WebhookSent
from telephony.aws.table import INDEX, POSTING, SPELLING
from telephony.numbers import E164, Number, NumberMode
from tools import dynamodb_local

RESULTS: Final = Path("bench/results/call.json")
PERSON: Final = E164("+14155550177")
RINGS_FIRST: Final = Number(OUR_NUMBER, MAILBOX.id, NumberMode.RING_FIRST, ring_target=PERSON)
ANSWERED: Final = Person(answers_after_s=5, hangs_up_after_s=50)
NEVER: Final = {"SWEEP_EVERY_S": "86400", "ROUND_EVERY_S": "86400"}
QUIET_S: Final = 15.0
"""After so long without a write, nothing more comes of a call."""
CALL_S: Final = 180
WORDS: Final = frozenset({POSTING, SPELLING, INDEX})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of call."""

    name: str
    plan: Plan
    person: Person | None = None


KINDS: Final = (
    Kind("voicemail", Plan(settings=NEVER)),
    Kind("voicemail, streamer=off", Plan(settings=NEVER, with_streamer=False)),
    Kind("answered", Plan(settings=NEVER, number=RINGS_FIRST), ANSWERED),
)


@asynccontextmanager
async def metered(endpoint: str) -> AsyncIterator[tuple[UnitProxy, str]]:
    """Serve a meter before *endpoint*, and give its own."""
    meter = UnitProxy(endpoint)
    server = uvicorn.Server(uvicorn.Config(meter.app, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as door:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[door]))
            yield meter, f"http://127.0.0.1:{door.getsockname()[1]}"
            server.should_exit = True


async def measure(kind: Kind, speech: bytes) -> dict[str, Any]:
    """Return what the second of two calls takes. Raises: TimeoutError."""
    with dynamodb_local.running() as endpoint:
        async with metered(endpoint) as (meter, url), open_house(replace(kind.plan, dynamodb=url)) as house:
            if kind.person is not None:
                house.twilio.people[PERSON] = kind.person
            await one(house, meter, speech)
            meter.reset()
            webhooks = _webhooks(house)
            await one(house, meter, speech)
            return {
                "write_units": sum(meter.written.values()),
                "write_units_for_words": _of_words(meter.written.items()),
                "read_units": sum(meter.read.values()),
                "read_units_for_words": _of_words(meter.read.items()),
                "requests_that_write": meter.writes,
                "webhooks": _webhooks(house) - webhooks,
                "written_by_noun": dict(meter.written.most_common()),
                "read_by_noun": dict(meter.read.most_common()),
            }


async def one(house: House, meter: UnitProxy, speech: bytes) -> None:
    """Have a call come in, and wait until nothing more comes of it. Raises: TimeoutError."""
    async with asyncio.timeout(CALL_S):
        call = await house.twilio.ring(Caller(number="+14155550123", speech=speech), to=OUR_NUMBER)
        await call.ended()
        await house.twilio.settled()
        written = -1
        while written != meter.writes:
            written = meter.writes
            await asyncio.sleep(QUIET_S)


def _webhooks(house: House) -> int:
    return sum(isinstance(event, WebhookSent) for event in house.twilio.events)


def _of_words(units: Iterable[tuple[str, float]]) -> float:
    return sum(count for noun, count in units if WORDS.intersection(noun.removeprefix("all of a ").split("+")))


def main() -> None:
    """Measure, print and write down."""
    speech = mu_law(SPEECH / "sense-and-sensibility.wav") * 2
    calls = {}
    for kind in KINDS:
        calls[kind.name] = asyncio.run(measure(kind, speech))
        print(f"{kind.name}: {json.dumps(calls[kind.name], indent=1)}", flush=True)
    results = {"machine": machine(), "spoken_s": len(speech) / RATE, "calls": calls}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
