"""How well a track's sound reached us, in one figure."""

import pytest

from telephony.coverage import Track
from telephony.ledger import Ledger


def ledger(
    missing_ms: int = 0, *, level_dbfs: float | None = -25.0, clipped_share: float = 0.0, received_ms: int = 10_000
) -> Ledger:
    return Ledger(
        Track.INBOUND,
        received_ms=received_ms,
        missing_ms=missing_ms,
        level_dbfs=level_dbfs,
        clipped_share=clipped_share,
    )


@pytest.mark.parametrize(
    ("given", "quality"),
    [
        (ledger(), 100),
        (ledger(100), 94),
        (ledger(9_000), 40),
        (ledger(clipped_share=0.005), 95),
        (ledger(clipped_share=0.5), 80),
        (ledger(level_dbfs=-42.0), 93),
        (ledger(level_dbfs=-90.0), 80),
        (ledger(10_000, level_dbfs=-90.0, clipped_share=1.0), 0),
        (ledger(level_dbfs=None), 100),
        (ledger(received_ms=0), 100),
    ],
)
def test_what_is_lost_clipped_or_quiet_takes_from_the_quality(given: Ledger, quality: int) -> None:
    assert given.quality == quality
