"""Quiet hours: when nobody is to be woken by a message."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import IntEnum

from telephony.zones import zone

LOUD_MINUTES = 60
"""At least so many of each day, or of one day of the week, are left to tell people in."""

_DAY_MINUTES = 24 * 60
_LOOK_AHEAD_DAYS = 8  # a week of quiet days, and the one after it


class Weekday(IntEnum):
    """A day of the week, as `datetime.weekday` counts them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


EVERY_DAY = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A stretch of the day, by the clock on the wall.

    On the nights when clocks change it is what the clock shows that counts; where it never shows the end, the stretch
    ends within an hour after.

    Attributes:
        begin: the first quiet minute.
        end: the first minute that is not; at or before *begin*, that of the next day.
        days: on which quiet hours begin.
        hold_email: whether e-mail waits too, and not SMS alone.
    """

    begin: time
    end: time
    days: tuple[Weekday, ...] = EVERY_DAY
    hold_email: bool = False

    def __post_init__(self) -> None:
        """Refuse hours that leave no time to tell anybody. Raises: ValueError."""
        loud = (_minutes(self.begin) - _minutes(self.end)) % _DAY_MINUTES
        if not self.days or (set(self.days) == set(EVERY_DAY) and loud < LOUD_MINUTES):
            raise ValueError(f"quiet hours have days, and leave {LOUD_MINUTES} minutes to tell people in")

    def hold(self, at: datetime, timezone: str) -> bool:
        """Tell whether it is quiet at this time."""
        local = at.astimezone(zone(timezone))
        today, before = Weekday(local.weekday()), Weekday((local.weekday() - 1) % len(EVERY_DAY))
        now = local.time()
        if self.begin < self.end:
            return today in self.days and self.begin <= now < self.end
        return (today in self.days and now >= self.begin) or (before in self.days and now < self.end)

    def over_at(self, at: datetime, timezone: str) -> datetime:
        """Return when it is quiet no more: *at* itself if it is not then."""
        if not self.hold(at, timezone):
            return at
        ends = self._on_the_clock(self.end, at, timezone)
        return next(end for end in ends if end > at and not self.hold(end, timezone))

    def tried_from(self, since: datetime, timezone: str, trying: timedelta) -> datetime:
        """Return from when the time counts in which a message that is owed since then is tried.

        Quiet hours that fall into that time must not use it up: then it begins when they are over.
        """
        begins = self._on_the_clock(self.begin, since, timezone)
        falls_in = (begin for begin in begins if since < begin <= since + trying and self.hold(begin, timezone))
        first = since if self.hold(since, timezone) else next(falls_in, since)
        return self.over_at(first, timezone)

    @staticmethod
    def _on_the_clock(shown: time, since: datetime, timezone: str) -> list[datetime]:
        """Return when the clock shows this on each day from *since* on, twice where it is turned back."""
        here = zone(timezone)
        first = since.astimezone(here).date()
        days = [first + timedelta(days=number) for number in range(_LOOK_AHEAD_DAYS)]
        shows = {
            datetime.combine(day, shown.replace(fold=fold), here).astimezone(since.tzinfo)
            for day in days
            for fold in (0, 1)
        }
        return sorted(shows)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
