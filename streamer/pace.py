"""How fast sound that had to wait may be sent: a token bucket of bytes. Sans-I/O."""

from typing import Final

from telephony.wire.media_streams import BYTES_PER_MS

TICKS_S: Final = 0.25
"""What the clock's ticks are sure to be closer than: so much of the rate can be saved up whatever the burst."""


class Pace:
    """Grants *rate* times real time, and *burst_ms* at once; what is not used up is never saved beyond that."""

    def __init__(self, rate: float, burst_ms: int, now: float) -> None:
        self._bytes_per_s = rate * 1000 * BYTES_PER_MS
        self._most = max(burst_ms * BYTES_PER_MS, self._bytes_per_s * TICKS_S)
        self._granted = float(burst_ms * BYTES_PER_MS)
        self._at = now

    def granted(self, now: float) -> int:
        """Return how many bytes may be sent now."""
        self._granted = min(self._most, self._granted + (now - self._at) * self._bytes_per_s)
        self._at = now
        return int(self._granted)

    def spend(self, size: int) -> None:
        """Count *size* bytes as sent."""
        self._granted -= size
