"""The sound that may have to be sent again."""

import pytest

from streamer.ring import BUDGET_BYTES, LEAST_BYTES, Budget, Ring


def test_sound_is_read_by_its_place_in_the_call() -> None:
    ring = Ring(100)
    ring.add(b"abcdef")
    ring.add(b"ghi")
    assert ring.read(2, 7) == b"cdefg"
    assert (ring.start, ring.end, len(ring)) == (0, 9, 9)


def test_what_is_forgotten_moves_nothing() -> None:
    ring = Ring(100)
    ring.add(b"abcdef")
    ring.forget(4)
    assert (ring.read(4, 6), ring.start, len(ring)) == (b"ef", 4, 2)
    ring.forget(2)
    assert ring.start == 4


def test_no_more_is_forgotten_than_there_is() -> None:
    ring = Ring(100)
    ring.add(b"abc")
    ring.forget(1_000)
    ring.add(b"def")
    assert (ring.start, ring.end, ring.read(3, 6)) == (3, 6, b"def")


def test_a_leap_lets_go_of_everything() -> None:
    ring = Ring(100)
    ring.add(b"abc")
    ring.leap(50)
    ring.add(b"def")
    assert (ring.start, ring.end, ring.read(50, 53), len(ring)) == (50, 53, b"def", 3)


@pytest.mark.parametrize("pieces", [[b"x" * 250], [b"x" * 50] * 5])
def test_it_never_holds_more_than_its_bound(pieces: list[bytes]) -> None:
    ring = Ring(100)
    for piece in pieces:
        ring.add(piece)
    assert (len(ring), ring.start, ring.end) == (100, 150, 250)


def test_rings_that_together_hold_too_much_let_the_oldest_go_but_each_keeps_the_least() -> None:
    budget = Budget(5 * LEAST_BYTES)
    rings = [Ring(4 * LEAST_BYTES, budget) for _ in range(3)]
    for ring in rings:
        ring.add(b"x" * 3 * LEAST_BYTES)
    assert [len(ring) for ring in rings] == [3 * LEAST_BYTES, 2 * LEAST_BYTES, LEAST_BYTES]
    rings[0].add(b"y" * LEAST_BYTES)
    assert len(rings[0]) == 2 * LEAST_BYTES
    assert rings[0].read(rings[0].end - 2, rings[0].end) == b"yy"
    assert budget.held_bytes == 5 * LEAST_BYTES


def test_what_is_let_go_can_be_held_by_others() -> None:
    budget = Budget(2 * LEAST_BYTES)
    one, other = Ring(2 * LEAST_BYTES, budget), Ring(2 * LEAST_BYTES, budget)
    one.add(b"x" * 2 * LEAST_BYTES)
    one.close()
    one.add(b"x")
    other.add(b"y" * 2 * LEAST_BYTES)
    assert (len(one), one.end, len(other), budget.held_bytes) == (
        0,
        2 * LEAST_BYTES + 1,
        2 * LEAST_BYTES,
        2 * LEAST_BYTES,
    )
    other.leap(10 * LEAST_BYTES)
    assert budget.held_bytes == 0


def test_a_full_house_during_an_outage_stays_within_the_container() -> None:
    budget, chunk = Budget(), bytes(8 * 1_000)
    rings = [Ring(480_000, budget) for _ in range(2 * 400)]
    for _ in range(60):
        for ring in rings:
            ring.add(chunk)
    assert budget.held_bytes == sum(len(ring) for ring in rings)
    assert budget.held_bytes <= BUDGET_BYTES + len(rings) * LEAST_BYTES
    assert min(len(ring) for ring in rings) >= LEAST_BYTES
