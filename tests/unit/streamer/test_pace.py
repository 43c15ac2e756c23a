"""How fast sound that had to wait goes out."""

import pytest

from streamer.pace import Pace


def test_a_burst_goes_out_at_once_and_the_rest_at_the_rate() -> None:
    pace = Pace(1.25, 1_000, 50.0)
    assert pace.granted(50.0) == 8_000
    pace.spend(8_000)
    assert pace.granted(50.0) == 0
    assert pace.granted(50.4) == pytest.approx(4_000, abs=1)


def test_what_is_not_used_is_never_saved_beyond_the_burst() -> None:
    pace = Pace(1.25, 1_000, 0.0)
    pace.spend(8_000)
    assert pace.granted(3_600.0) == 8_000


def test_at_a_high_rate_a_tick_wastes_nothing() -> None:
    pace = Pace(200.0, 1_000, 0.0)
    pace.spend(pace.granted(0.0))
    assert pace.granted(0.1) == 160_000
