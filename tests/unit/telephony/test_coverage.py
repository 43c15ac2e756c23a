"""Coverage against a set of milliseconds, which is slow and cannot be wrong."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.coverage import ROUNDING_MS, Coverage, Interval, Track, merged

END = 200
INTERVALS = st.tuples(st.integers(0, END), st.integers(0, END)).map(lambda ends: Interval(min(ends), max(ends)))
WINDOWS = st.lists(INTERVALS, max_size=8)


def _milliseconds(windows: Iterable[Interval]) -> set[int]:
    return {at for window in windows for at in range(window.start_ms, window.end_ms)}


def _finals(windows: list[Interval], received_ms: int = END) -> Coverage:
    coverage = Coverage(Track.INBOUND, received_ms)
    for window in windows:
        coverage = coverage.with_final(window)
    return coverage


@given(WINDOWS)
def test_merging_keeps_every_millisecond_in_as_few_intervals_as_it_takes(windows: list[Interval]) -> None:
    result = merged(windows)

    assert _milliseconds(result) == _milliseconds(windows)
    assert all(before.end_ms < after.start_ms for before, after in itertools.pairwise(result))


@given(WINDOWS, st.integers(0, END + 50))
def test_what_is_transcribed_and_what_is_not_adds_up_to_what_was_received(
    windows: list[Interval], received_ms: int
) -> None:
    coverage = _finals(windows, received_ms)
    received = set(range(received_ms))

    assert coverage.transcribed_ms == len(received & _milliseconds(windows))
    assert _milliseconds(coverage.holes) <= received - _milliseconds(windows)
    left_out = (received - _milliseconds(windows)) - _milliseconds(coverage.holes)
    assert all(gap.length_ms <= ROUNDING_MS for gap in merged(Interval(at, at + 1) for at in left_out))


@given(WINDOWS.flatmap(lambda windows: st.tuples(st.just(windows), st.permutations(windows))))
def test_the_order_of_finals_does_not_matter(orders: tuple[list[Interval], list[Interval]]) -> None:
    assert _finals(orders[0]) == _finals(orders[1])


def test_a_hole_of_one_chunk_is_a_rounding_error_and_one_millisecond_more_is_not() -> None:
    assert _finals([Interval(0, 100), Interval(120, END)]).is_complete
    assert _finals([Interval(0, 100), Interval(121, END)]).holes == (Interval(100, 121),)


def test_chunks_lost_one_by_one_add_up_to_lost_speech() -> None:
    one = Coverage(Track.INBOUND, END, (Interval(0, 20),), (Interval(0, END),))
    three = Coverage(Track.INBOUND, END, (Interval(0, 20), Interval(60, 80), Interval(100, 120)), (Interval(0, END),))

    assert one.is_complete
    assert not three.is_complete


def test_a_track_without_sound_is_complete() -> None:
    coverage = Coverage(Track.OUTBOUND)

    assert coverage.is_complete
    assert coverage.holes == ()
    assert coverage.transcribed_ms == 0


@pytest.mark.parametrize(("start_ms", "end_ms"), [(-1, 5), (5, 4)])
def test_an_interval_does_not_run_backwards(start_ms: int, end_ms: int) -> None:
    with pytest.raises(ValueError, match="interval"):
        Interval(start_ms, end_ms)


def test_a_repaired_window_is_neither_missing_nor_a_hole_any_more() -> None:
    damaged = Coverage(
        Track.INBOUND,
        9_000,
        missing=(Interval(1_000, 1_400), Interval(5_000, 5_100)),
        transcribed=(Interval(0, 3_000), Interval(4_000, 9_000)),
    )

    repaired = damaged.repaired([Interval(900, 1_500), Interval(2_900, 4_000)], 0)

    assert repaired.missing == (Interval(5_000, 5_100),)
    assert repaired.holes == ()
    assert damaged.repaired([Interval(1_100, 1_200)], 0).missing == (
        Interval(1_000, 1_100),
        Interval(1_200, 1_400),
        Interval(5_000, 5_100),
    )


def test_a_repair_reaches_to_the_end_of_its_recording() -> None:
    cut = Coverage(Track.INBOUND, 3_000, transcribed=(Interval(0, 3_000),))

    assert cut.repaired([Interval(3_000, 9_000)], 9_000).is_complete
    assert cut.repaired([Interval(3_000, 8_000)], 9_000).holes == (Interval(8_000, 9_000),)


def test_what_was_lost_after_it_came_back_final_is_a_hole() -> None:
    whole = Coverage(Track.INBOUND, 1_000, transcribed=(Interval(0, 400), Interval(400, 1_000)))
    lost = whole.without([Interval(300, 500), Interval(950, 2_000)])
    assert lost.holes == (Interval(300, 500), Interval(950, 1_000))
    assert whole.without([]).is_complete
