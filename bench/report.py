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
from bench.capacity import SIZES, Capacity

RESULTS: Final = Path("bench/results")
PAGE: Final = Path("docs/performance.md")

Results = Mapping[str, Any]
Cell = str | float | int | None


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table in Markdown, or that there is nothing to put into it."""
    if not rows:
        return "Not measured yet."
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


def tls(results: Results) -> str:
    """Return what a frame costs each server that speaks TLS towards Deepgram, beside what it costs without."""
    runs = results.get("tls", [])
    found, plain = medians(runs), medians(results["alike"])
    ours = {chunk_ms: each["us"] for (name, chunk_ms, _), each in found.items() if name == OURS}
    rows: list[list[Cell]] = []
    for place, each in sorted(found.items(), key=lambda item: item[1]["us"]):
        name, chunk_ms, _ = place
        without = f"{plain[place]['us']:.1f}" if place in plain else None
        times = f"{each['us'] / ours[chunk_ms]:.2f}" if chunk_ms in ours else None
        rows.append([name, chunk_ms, f"{each['us']:.1f}", without, f"{each['spread']:.0%}", times, f"{each['kb']:.0f}"])
    head = ("server", "ms sent at a time", "CPU us a frame", "without TLS", "spread", "times ours", "KB a stream")
    ciphers = sorted({cipher for run in runs for cipher in run.get("ciphers", ())})
    spoken = f"\n\nSpoken: {'; '.join(ciphers)}." if ciphers else ""
    return table(head, rows) + spoken + _troubles(runs)


def growth(results: Results) -> str:
    """Return how our cost, memory and latency grow with streams."""
    rows: list[list[Cell]] = []
    for run in results["growth"]:
        if "trouble" in run:
            continue
        rows.append(
            [
                run["streams"],
                f"{run['cpu_us_per_frame']:.1f}",
                f"{run['cpu_share']:.0%}",
                run["latency_ms"]["0.5"],
                run["latency_ms"]["0.99"],
                f"{run['kb_per_stream']:.0f}",
                run["missing_frames"],
            ]
        )
    head = ("streams", "CPU us a frame", "of a core", "p50 ms", "p99 ms", "KB a stream", "frames lost")
    return table(head, rows) + _troubles(results["growth"])


def asked(results: Results) -> str:
    """Return what is asked of Deepgram and of the table as streams grow."""
    rows: list[list[Cell]] = []
    for run in results["growth"]:
        if "deepgram_sockets" in run:
            seconds, cloud = run["seconds"], run["cloud"]
            rows.append(
                [
                    run["streams"],
                    run["deepgram_sockets"],
                    f"{run['deepgram_bytes'] / seconds / 1e3:.0f}",
                    f"{sum(cloud['requests'].values()) / seconds:.1f}",
                    f"{cloud['items'] / seconds:.1f}",
                    f"{cloud['bytes'] / seconds / 1e3:.0f}",
                ]
            )
    head = ("streams", "Deepgram sockets", "KB to Deepgram a second", "table requests a second")
    return table((*head, "items written a second", "KB to the table a second"), rows)


def latency(results: Results) -> str:
    """Return how late sound is on its way out."""
    found = medians(results["latency"])
    rows: list[list[Cell]] = [
        [name, streams, each["p0.5"], each["p0.99"], each["missing"]] for (name, _, streams), each in found.items()
    ]
    return table(("server", "streams", "p50 ms", "p99 ms", "frames lost"), rows) + _troubles(results["latency"])


def capacity(results: Results) -> str:
    """Return how many streams a task carries, by its size, and what a minute of one costs."""
    rows: list[list[Cell]] = []
    for size in SIZES:
        found = Capacity.of(size, results["growth"])
        streams = [found.by_cpu, found.by_memory, found.most, found.wanted]
        rows.append([size.vcpu, size.memory_mb, *streams, f"{found.container_dollars:.7f}", f"{found.aws_dollars:.6f}"])
    head = ("vCPU", "MB", "streams by CPU", "streams by memory", "at most", "wanted")
    return table((*head, "$ a call-minute: the container", "$ a call-minute: all of AWS"), rows)


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
            each["lag_p50_ms"],
            each["lag_most_ms"],
        ]
        for each in (seen[0], seen[len(seen) // 2], seen[-1])
    ]
    head = ("streams", "minute", "memory MB", "descriptors", "of a core", "sound p99 ms", "loop lag p50 ms", "most ms")
    return table(head, rows)


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


def _bridge_machine(results: Results) -> str:
    ours: set[int] = set()
    others: set[int] = set()
    for run in (*results["alike"], *results["growth"]):
        if "trouble" not in run:
            (ours if run["server"] == OURS else others).add(round(run["seconds"]))
    lengths = (" or ".join(map(str, sorted(each))) for each in (ours, others))
    return "{}; a run of ours measured for {} s, of another for {} s".format(_machine(results), *lengths)


SECTIONS: Final[Mapping[str, tuple[str, Callable[[Results], str]]]] = {
    "alike": ("bridge", alike),
    "tls": ("bridge", tls),
    "growth": ("bridge", growth),
    "asked": ("bridge", asked),
    "latency": ("bridge", latency),
    "capacity": ("bridge", capacity),
    "bridge-machine": ("bridge", _bridge_machine),
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
