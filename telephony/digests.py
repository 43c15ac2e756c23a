"""Digest: at set times of the day people are told, in one message, of all calls since the last time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from telephony.zones import zone

MAX_TIMES = 6
"""Of a day."""

LEASE = timedelta(minutes=5)
"""How long whoever has set out to send a digest holds off others: longer than one run may take over it."""

MAX_CALLS = 100
"""Of one digest; those beyond wait for the next, or are told of by themselves."""

PATIENCE = timedelta(hours=48)
"""A call that no digest has taken by then is told by itself: each has had two chances or more."""


@dataclass(frozen=True, slots=True)
class Digest:
    """When people are told of all calls at once.

    Attributes:
        times: of the day, in the mailbox's time zone; one or several.
        with_sms: whether those who are told by SMS get the number of calls by SMS; else they get nothing.
    """

    times: tuple[time, ...]
    with_sms: bool = False

    def next_after(self, at: datetime, timezone: str) -> datetime:
        """Return the first time of a digest after *at*."""
        return next(slot for slot in self._slots(at, timezone) if slot > at)

    def last_until(self, at: datetime, timezone: str) -> datetime:
        """Return the last time of a digest, *at* included."""
        return next(slot for slot in reversed(self._slots(at, timezone)) if slot <= at)

    def _slots(self, at: datetime, timezone: str) -> list[datetime]:
        """Return the times of the days around *at*, in order; where clocks are turned back, the first of the two."""
        here = zone(timezone)
        today = at.astimezone(here).date()
        days = [today + timedelta(days=offset) for offset in (-1, 0, 1)]
        return sorted({datetime.combine(day, each, here).astimezone(at.tzinfo) for day in days for each in self.times})
