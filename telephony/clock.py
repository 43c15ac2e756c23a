"""The time, as the machine knows it."""

from datetime import UTC, datetime


class SystemClock:
    """Tells the machine's time; see `telephony.ports.Clock`."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)
