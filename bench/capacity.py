"""Capacity: how many streams a task carries, and what a minute of one then costs; from what `make bench` measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tools import cost
from tools.prices import PRICES, fargate_hour

MINUTES_AN_HOUR: Final = 60
FULL_MEMORY: Final = 0.8
"""What of a task's memory streams may take: the rest is for what comes at once."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a task is given; memory is the least that Fargate gives with so much CPU."""

    vcpu: float
    memory_mb: int


SIZES: Final = (Size(0.25, 512), Size(1, 2_048), Size(4, 8_192))


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a task of *size* carries.

    Attributes:
        by_cpu: streams that need all of the CPU that one process can use.
        by_memory: streams that need all the memory they may have.
    """

    size: Size
    by_cpu: int
    by_memory: int

    @classmethod
    def of(cls, size: Size, growth: Sequence[Mapping[str, Any]]) -> "Capacity":
        """Reckon it from the runs with a growing number of streams, of which those that failed say nothing."""
        runs = sorted((run for run in growth if "trouble" not in run), key=lambda run: int(run["streams"]))
        most = runs[-1]
        memory_kb = size.memory_mb * 1e3 * FULL_MEMORY - most["idle_mb"] * 1e3
        # One process uses one core.
        return cls(size, _streams_at(min(size.vcpu, 1.0), runs), int(memory_kb / most["kb_per_stream"]))

    @property
    def most(self) -> int:
        """How many streams fit."""
        return min(self.by_cpu, self.by_memory)

    @property
    def wanted(self) -> int:
        """How many it should carry, so that it can take those of another task that fails."""
        return self.most // 2

    @property
    def container_dollars(self) -> float:
        """What the task and its address cost for a minute of one stream, while it carries as many as it should."""
        an_hour = fargate_hour(self.size.vcpu, self.size.memory_mb / 1_024) + PRICES["address"].dollars
        return an_hour / MINUTES_AN_HOUR / self.wanted

    @property
    def aws_dollars(self) -> float:
        """What all of AWS costs for that minute, but for what stands there whether anybody calls or not."""
        return self.container_dollars + cost.aws_a_minute()


def _streams_at(share: float, runs: Sequence[Mapping[str, Any]]) -> int:
    """Return how many streams take *share* of a core: between two runs in proportion, beyond the last at its cost."""
    below = (0.0, 0.0)
    for run in runs:
        here = (float(run["cpu_share"]), float(run["streams"]))
        if here[0] >= share:
            return round(below[1] + (share - below[0]) / (here[0] - below[0]) * (here[1] - below[1]))
        below = here
    return round(below[1] * share / below[0])
