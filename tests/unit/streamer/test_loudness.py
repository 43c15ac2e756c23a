"""How loud a track is."""

import math

import pytest

from streamer.loudness import Loudness

SILENCE, LOUDEST, LOUDEST_NEGATIVE = 0xFF, 0x80, 0x00


def test_of_nothing_there_is_no_level() -> None:
    measure = Loudness().measure()
    assert (measure.level_dbfs, measure.clipped_share, measure.silent_share) == (None, 0.0, 0.0)


def test_silence_is_silent() -> None:
    loudness = Loudness()
    loudness.add(bytes([SILENCE, 0x7F]) * 8_000)
    assert (loudness.measure().level_dbfs, loudness.measure().silent_share) == (None, 1.0)


def test_the_end_of_the_scale_is_clipped_and_its_level_is_0() -> None:
    loudness = Loudness()
    loudness.add(bytes([LOUDEST]) * 16 + bytes([LOUDEST_NEGATIVE]) * 16 + bytes([SILENCE]) * 32)
    measure = loudness.measure()
    assert (measure.level_dbfs, measure.clipped_share, measure.silent_share) == (0.0, 0.5, 0.5)


@pytest.mark.parametrize(("code", "amplitude"), [(0x90, 15_996), (0xA0, 7_932), (0xF0, 120)])
def test_the_level_is_that_of_what_is_not_silent(code: int, amplitude: int) -> None:
    loudness = Loudness()
    for _ in range(20):  # more than is counted in one go
        loudness.add(bytes([code]) * 8_000 + bytes([SILENCE]) * 8_000)
    assert loudness.measure().level_dbfs == pytest.approx(20 * math.log10(amplitude / 32_124), abs=0.06)
    assert loudness.measure().silent_share == 0.5
