"""The sound that may have to be sent again."""

import pytest

from streamer.ring import Ring


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
