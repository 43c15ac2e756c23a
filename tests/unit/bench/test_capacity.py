"""What a task carries and what a minute of a stream costs follow from what was measured."""

from typing import Any

import pytest

from bench.capacity import Capacity, Size
from tools import cost

QUARTER = Size(0.25, 512)


def run(streams: int, cpu_share: float, kb_per_stream: float = 100.0) -> dict[str, Any]:
    return {"streams": streams, "cpu_share": cpu_share, "kb_per_stream": kb_per_stream, "idle_mb": 60.0}


RUNS = [run(10, 0.05), run(100, 0.2), run(300, 0.6)]


@pytest.mark.parametrize(
    ("vcpu", "streams"),
    [
        (0.02, 4),  # before the first run
        (0.2, 100),  # at one
        (0.4, 200),  # between two
        (1.0, 500),  # beyond the last, at its cost
        (4.0, 500),  # one process uses one core
    ],
)
def test_streams_by_cpu_are_read_between_the_runs(vcpu: float, streams: int) -> None:
    assert Capacity.of(Size(vcpu, 8_192), RUNS).by_cpu == streams


def test_runs_count_whatever_their_order_and_those_that_failed_do_not() -> None:
    failed = {"streams": 1_000, "trouble": "it does not keep up"}
    assert Capacity.of(QUARTER, [failed, *reversed(RUNS)]) == Capacity.of(QUARTER, RUNS)


def test_what_is_scarcer_decides_and_half_of_it_is_wanted() -> None:
    heavy = [run(10, 0.05), run(100, 0.2, kb_per_stream=10_000)]
    found = Capacity.of(QUARTER, heavy)
    assert (found.by_cpu, found.by_memory, found.most, found.wanted) == (125, 34, 34, 17)


def test_a_minute_costs_an_hour_of_task_and_address_shared_by_the_streams_that_are_wanted() -> None:
    found = Capacity.of(QUARTER, RUNS)
    assert found.wanted == 62
    an_hour = 0.25 * 0.03238 + 0.5 * 0.00356 + 0.005
    assert found.container_dollars == pytest.approx(an_hour / 60 / 62)
    assert found.aws_dollars - found.container_dollars == pytest.approx(cost.aws_a_minute())


def test_a_larger_task_costs_more_where_one_process_can_not_use_it() -> None:
    one, four = (Capacity.of(size, RUNS) for size in (Size(1, 2_048), Size(4, 8_192)))
    assert four.wanted == one.wanted
    assert four.container_dollars > 3 * one.container_dollars
