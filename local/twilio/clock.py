"""The time that the simulated Twilio lives in: real, or faster."""

import asyncio
import math
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Monotone simulated time in milliseconds since this clock was made; *speed* of them pass in a real one.

    Its time of day begins as this machine's and may be set: `ahead` is by how much it then goes wrong.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"a clock's speed must be over 0, not {speed}")
        self.speed = speed
        self.ahead = timedelta()
        self._started_at = datetime.now(UTC)
        self._zero_s = time.monotonic()

    def now_ms(self) -> float:
        """Return the simulated milliseconds since the clock was made."""
        return (time.monotonic() - self._zero_s) * 1_000 * self.speed

    def next_ms(self) -> int:
        """Return the first whole millisecond that is not over yet."""
        return math.ceil(self.now_ms())

    def now(self) -> datetime:
        """Return the simulated time of day, aware and in UTC."""
        return self.at(self.now_ms())

    def at(self, ms: float) -> datetime:
        """Return the time of day at *ms* of this clock, aware and in UTC."""
        return self._started_at + self.ahead + timedelta(milliseconds=ms)

    async def sleep_until(self, ms: float) -> None:
        """Return when it is *ms* on this clock, at once when that has passed."""
        await asyncio.sleep(self._real_s(ms))

    async def sleep(self, ms: float) -> None:
        """Return after *ms* simulated milliseconds."""
        await self.sleep_until(self.now_ms() + ms)

    async def wait(self, event: asyncio.Event, *, until_ms: float) -> None:
        """Return when *event* is set or it is *until_ms* (which may be infinite), whichever comes first."""
        try:
            async with asyncio.timeout(None if math.isinf(until_ms) else self._real_s(until_ms)):
                await event.wait()
        except TimeoutError:
            return

    def _real_s(self, until_ms: float) -> float:
        return max(0.0, (until_ms - self.now_ms()) / 1_000 / self.speed)
