"""The tables of docs/performance.md, from bench/results; the plots beside them are drawn by bench/plots.py.

python -m bench.report
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.bridge.plan import ALIKE_STREAMS, LATENCY_STREAMS, medians
from bench.bridge.servers import FLOOR, OURS

RESULTS: Final = Path("bench/results")
PAGE: Final = Path("docs/performance.md")

Results = Mapping[str, Any]
Cell = str | float | int | None


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def alike(results: Results) -> str:
    """Return what a frame costs each server, and how many times ours that is."""
    found = medians(results["alike"])
    ours = {chunk_ms: each["us"] for (name, chunk_ms, _), each in found.items() if name == OURS}
    rows: list[list[Cell]] = []
    for (name, chunk_ms, _), each in sorted(found.items(), key=lambda item: item[1]["us"]):
        ratio = each["us"] / ours[chunk_ms]
        rows.append([name, chunk_ms, f"{each['us']:.1f}", f"{each['spread']:.0%}", f"{ratio:.2f}", f"{each['kb']:.0f}"])
    head = ("server", "ms sent at a time", "CPU us a frame", "spread", "times ours", "KB a stream")
    return table(head, rows) + _troubles(results["alike"])


def growth(results: Results) -> str:
    """Return how our cost, memory and latency grow with streams, and what is asked of the table meanwhile."""
    rows: list[list[Cell]] = []
    for run in results["growth"]:
        if "trouble" in run:
            continue
        requests = sum(run["cloud"]["requests"].values())
        rows.append(
            [
                run["streams"],
                f"{run['cpu_us_per_frame']:.1f}",
                f"{run['cpu_share']:.0%}",
                run["latency_ms"]["0.5"],
                run["latency_ms"]["0.99"],
                f"{run['kb_per_stream']:.0f}",
                run["missing_frames"],
                f"{requests / run['seconds']:.1f}",
                f"{run['cloud']['bytes'] / run['seconds'] / 1e3:.0f}",
            ]
        )
    head = ("streams", "CPU us a frame", "of a core", "p50 ms", "p99 ms", "KB a stream", "frames lost")
    return table((*head, "table requests a second", "KB to it a second"), rows) + _troubles(results["growth"])


def latency(results: Results) -> str:
    """Return how late sound is on its way out."""
    found = medians(results["latency"])
    rows: list[list[Cell]] = [
        [name, streams, each["p0.5"], each["p0.99"], each["missing"]] for (name, _, streams), each in found.items()
    ]
    return table(("server", "streams", "p50 ms", "p99 ms", "frames lost"), rows) + _troubles(results["latency"])


def capacity(results: Results) -> str:
    """Return how many streams a task carries at half load, by its size."""
    runs = [run for run in results["growth"] if "trouble" not in run]
    most = max(runs, key=lambda run: run["streams"])
    a_core = round(most["streams"] / most["cpu_share"])
    rows = []
    for vcpu, memory_mb in ((0.25, 512), (1, 2_048), (4, 8_192)):
        # One process uses one core: more are more tasks.
        by_cpu = a_core * min(vcpu, 1) * 0.5
        by_memory = (memory_mb * 0.8 - most["idle_mb"]) * 1e3 / most["kb_per_stream"]
        rows.append([vcpu, memory_mb, round(by_cpu), round(by_memory), round(min(by_cpu, by_memory))])
    head = ("vCPU", "MB", "streams by CPU, at half load", "streams by memory", "streams")
    return table(head, rows)


def hangup(results: Results) -> str:
    """Return how long an SMS takes, and what was done by when."""
    steps = results["steps_ms"]
    row = [results["calls"], *(f"{value:.0f}" for value in (*steps.values(), results["p50_ms"], results["p95_ms"]))]
    return table(("calls", *(f"{name}, p50 ms" for name in steps), "SMS, p50 ms", "SMS, p95 ms"), [row])


def webhook(results: Results) -> str:
    """Return what the webhook function takes."""
    imports = results["import_ms"]
    row = [imports["webhooks"], imports["bare boto3"], results["ratio"], results["warm_p50_ms"], results["warm_p99_ms"]]
    head = ("import ms", "bare boto3 ms", "ratio", "warm answer p50 ms", "p99 ms")
    return table(head, [row])


def soak(results: Results) -> str:
    """Return what was seen at the start and at the end of a soak."""
    seen = results["minutes"]
    rows = [
        [
            results["streams"],
            each["minute"],
            each["rss_mb"],
            each["descriptors"],
            f"{each['cpu_share']:.0%}",
            each["p99_ms"],
        ]
        for each in (seen[0], seen[len(seen) // 2], seen[-1])
    ]
    return table(("streams", "minute", "memory MB", "descriptors", "of a core", "p99 ms"), rows)


def _troubles(runs: Sequence[Results]) -> str:
    said = {
        f"{run['server']}, {run['chunk_ms']} ms, {run['streams']} streams: {run['trouble']}"
        for run in runs
        if "trouble" in run
    }
    return "".join(f"\n\nNot measured: {each}." for each in sorted(said))


def _machine(results: Results) -> str:
    on = results["machine"]
    return f"{on['processor']}, {on['cores']} cores, Linux {on['kernel']}, Python {on['python']}, {on['at'][:10]}"


SECTIONS: Final[Mapping[str, tuple[str, Callable[[Results], str]]]] = {
    "alike": ("bridge", alike),
    "growth": ("bridge", growth),
    "latency": ("bridge", latency),
    "capacity": ("bridge", capacity),
    "bridge-machine": ("bridge", _machine),
    "hangup": ("hangup", hangup),
    "webhook": ("webhook", webhook),
    "soak": ("soak", soak),
}


def filled(page: str) -> str:
    """Return *page* with every section between its marks written anew; one without results stays as it is."""
    for name, (source, write) in SECTIONS.items():
        path = RESULTS / f"{source}.json"
        if path.exists():
            text = write(json.loads(path.read_text()))
            begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
            before, _, rest = page.partition(begin)
            page = f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}" if rest else page
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
    sys.stdout.write(f"{PAGE} is written; {ALIKE_STREAMS} and {LATENCY_STREAMS} streams, {OURS} beside {FLOOR}\n")
