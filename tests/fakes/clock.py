"""A clock that stands still until it is told otherwise."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class FixedClock:
    """Tells the time it was set to."""

    at: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move on, and return the new time."""
        self.at += by
        return self.at
