"""The plots of docs/performance.md, as SVG, from bench/results. Runs in the bench's own environment: it has matplotlib.

.bench/peers/bin/python bench/plots.py
"""

import json
import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "ringscribe"  # the same figures make the same file
from matplotlib import pyplot as plt  # noqa: E402 - after the backend is chosen

RESULTS = Path("bench/results/bridge.json")
FOLDER = Path("docs/plots")


def costs(results: dict[str, Any]) -> None:
    """Draw what a frame costs each server."""
    runs: dict[str, list[float]] = {}
    for run in results["alike"]:
        if "trouble" not in run:
            runs.setdefault(f"{run['server']}, {run['chunk_ms']} ms", []).append(run["cpu_us_per_frame"])
    ordered = sorted(runs.items(), key=lambda item: -statistics.median(item[1]))
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    middles = [statistics.median(values) for _, values in ordered]
    colours = ["#1f6f8b" if name.startswith("ringscribe") else "#b8b8b8" for name, _ in ordered]
    reach = [
        [middle - min(values) for middle, (_, values) in zip(middles, ordered, strict=True)],
        [max(values) - middle for middle, (_, values) in zip(middles, ordered, strict=True)],
    ]
    bars = axes.barh([name for name, _ in ordered], middles, color=colours, xerr=reach)
    axes.bar_label(bars, fmt="%.1f", padding=6)
    axes.set_xlabel("CPU for each 20 ms of a stream, microseconds (median and extremes)")
    save(figure, "cost-per-frame")


def growth(results: dict[str, Any]) -> None:
    """Draw how cost and latency go with the number of streams."""
    runs = [run for run in results["growth"] if "trouble" not in run]
    streams = [run["streams"] for run in runs]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    left.plot(streams, [run["cpu_us_per_frame"] for run in runs], marker="o", color="#1f6f8b")
    left.set(xlabel="streams", ylabel="CPU us a frame", ylim=(0, None))
    for share, style in (("0.5", "-"), ("0.99", "--")):
        name = "p50" if share == "0.5" else "p99"
        right.plot(streams, [run["latency_ms"][share] for run in runs], style, marker="o", color="#1f6f8b", label=name)
    right.set(xlabel="streams", ylabel="ms from Twilio to Deepgram", ylim=(0, None))
    right.legend()
    save(figure, "growth")


def save(figure: "plt.Figure", name: str) -> None:
    """Write a figure."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    measured = json.loads(RESULTS.read_text())
    costs(measured)
    growth(measured)
