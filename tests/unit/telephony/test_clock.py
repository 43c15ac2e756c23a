"""The machine's clock."""

from datetime import UTC, datetime

from telephony.clock import SystemClock
from telephony.ports.services import Clock


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()
    before = datetime.now(UTC)

    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC
