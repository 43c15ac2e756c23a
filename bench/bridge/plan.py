"""Plan: which runs answer which question, interleaved so that a slow minute of the machine is everybody's."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bench.bridge.process import BenchError
from bench.bridge.run import Measured, check_verification, measure, our_server
from bench.bridge.servers import FLOOR, OURS, Server, all_servers, secure_servers
from streamer.rules import Rules

Tell = Callable[[str], None]

ALIKE_STREAMS: Final = 100
LATENCY_STREAMS: Final = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is run.

    Attributes:
        rounds: of the comparison.
        seconds: measured of a peer's run.
        our_seconds: measured of ours: each stream is written down once in that time, so what a run of ten seconds
            would see of it is nothing or all.
        steps: streams on our server alone: how cost and memory grow with them.
    """

    rounds: int = 3
    seconds: float = 10.0
    our_seconds: float = Rules().save_every_ms / 1000
    steps: tuple[int, ...] = (10, 100, 250, 500, 750, 1_000, 1_200)

    def seconds_of(self, server: Server) -> float:
        """Return how long a run of *server* is measured."""
        return self.our_seconds if server.name == OURS else self.seconds


QUICK: Final = Plan(rounds=1, seconds=4.0, our_seconds=4.0, steps=(10, 100))


@dataclass(frozen=True, slots=True)
class Case:
    """One run to be made.

    Attributes:
        question: "alike", "tls", "growth" or "latency".
    """

    question: str
    server: Server
    streams: int


def cases(plan: Plan) -> Iterator[Case]:
    """Yield the runs in the order in which they are made."""
    for _ in range(plan.rounds):
        yield from (Case("alike", server, ALIKE_STREAMS) for server in all_servers())
        yield from (Case("tls", server, ALIKE_STREAMS) for server in secure_servers())
    yield from (Case("growth", our_server(), streams) for streams in plan.steps)
    floor = next(
        server for server in all_servers() if server.name == FLOOR and server.chunk_ms == our_server(20).chunk_ms
    )
    for _ in range(min(plan.rounds, 3)):
        yield Case("latency", our_server(20), LATENCY_STREAMS)
        yield Case("latency", floor, LATENCY_STREAMS)


async def carry_out(plan: Plan, tell: Tell) -> dict[str, list[dict[str, Any]]]:
    """Make every run, and return what was measured for each question; a run that failed has its reason instead.

    Raises: BenchError if a server speaks TLS with anybody.
    """
    results: dict[str, list[dict[str, Any]]] = {"alike": [], "tls": [], "growth": [], "latency": []}
    for server in secure_servers():
        await check_verification(server)
        tell(f"tls: {server.label}: it talks to nobody whose certificate it can't trust")
    for case in cases(plan):
        measured = await _attempt(case, plan.seconds_of(case.server), tell)
        results[case.question].append(measured)
    return results


async def _attempt(case: Case, seconds: float, tell: Tell) -> dict[str, Any]:
    """Make one run, and once more if it could not be used: something else on the machine may have been in the way."""
    trouble = ""
    for _ in range(2):
        try:
            measured = await measure(case.server, case.streams, seconds)
        except (BenchError, ExceptionGroup) as exc:
            trouble = str(exc)
            tell(f"{case.question}: {case.server.label}, {case.streams} streams: {trouble}")
        else:
            tell(_line(case, measured))
            return measured.as_json()
    return {"server": case.server.name, "chunk_ms": case.server.chunk_ms, "streams": case.streams, "trouble": trouble}


def _line(case: Case, measured: Measured) -> str:
    latency = measured.latency_ms
    return (
        f"{case.question}: {case.server.label}, {measured.streams} streams: "
        f"{measured.cpu_us_per_frame:.1f} us a frame, p50 {latency['0.5']} ms, p99 {latency['0.99']} ms, "
        f"{measured.kb_per_stream:.0f} KB a stream"
    )


def medians(runs: list[dict[str, Any]]) -> dict[tuple[str, int, int], dict[str, float]]:
    """Return, of each server, chunk and number of streams, median and spread of what its runs measured."""
    grouped: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for run in runs:
        if "trouble" not in run:
            grouped.setdefault((run["server"], run["chunk_ms"], run["streams"]), []).append(run)
    return {place: _median(group) for place, group in grouped.items()}


def _median(runs: list[dict[str, Any]]) -> dict[str, float]:
    costs = [run["cpu_us_per_frame"] for run in runs]
    middle = statistics.median(costs)
    found = {
        "us": middle,
        "spread": (max(costs) - min(costs)) / middle,
        "share": statistics.median(run["cpu_share"] for run in runs),
        "kb": statistics.median(run["kb_per_stream"] for run in runs),
        "idle_mb": statistics.median(run["idle_mb"] for run in runs),
        "ready_s": statistics.median(run["ready_s"] for run in runs),
        "missing": sum(run["missing_frames"] for run in runs),
    }
    if all(run["latency_ms"]["0.5"] is not None for run in runs):
        found |= {f"p{share}": statistics.median(run["latency_ms"][share] for run in runs) for share in ("0.5", "0.99")}
    return found
