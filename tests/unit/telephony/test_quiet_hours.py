"""Quiet hours go by the clock on the wall, through the nights when it is changed."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.quiet_hours import EVERY_DAY, QuietHours, Weekday
from telephony.zones import zone

NIGHT = QuietHours(time(22), time(7))
LUNCH = QuietHours(time(12), time(13, 30))
WEEKEND = QuietHours(time(0), time(0), (Weekday.SATURDAY, Weekday.SUNDAY))
BERLIN = "Europe/Berlin"
TRYING = timedelta(hours=6)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


@pytest.mark.parametrize(
    ("hours", "at", "is_quiet"),
    [
        (NIGHT, "2026-03-02T20:59", False),
        (NIGHT, "2026-03-02T21:00", True),
        (NIGHT, "2026-03-03T05:59", True),
        (NIGHT, "2026-03-03T06:00", False),
        (LUNCH, "2026-03-02T10:59", False),
        (LUNCH, "2026-03-02T11:00", True),
        (LUNCH, "2026-03-02T12:29", True),
        (LUNCH, "2026-03-02T12:30", False),
        (QuietHours(time(22), time(7), (Weekday.MONDAY,)), "2026-03-02T05:00", False),
        (QuietHours(time(22), time(7), (Weekday.MONDAY,)), "2026-03-02T21:00", True),
        (QuietHours(time(22), time(7), (Weekday.MONDAY,)), "2026-03-03T05:00", True),
        (QuietHours(time(22), time(7), (Weekday.MONDAY,)), "2026-03-03T21:00", False),
    ],
)
def test_it_is_quiet_between_the_hours_on_their_days(hours: QuietHours, at: str, is_quiet: bool) -> None:
    assert hours.hold(_utc(at), BERLIN) is is_quiet


@pytest.mark.parametrize(
    ("hours", "at", "over"),
    [
        (NIGHT, "2026-03-02T12:00", "2026-03-02T12:00"),
        (NIGHT, "2026-03-02T23:30", "2026-03-03T06:00"),
        (NIGHT, "2026-03-28T22:00", "2026-03-29T05:00"),  # an hour is left out of this night
        (NIGHT, "2026-10-24T21:00", "2026-10-25T06:00"),  # and one is there twice
        (WEEKEND, "2026-03-07T12:00", "2026-03-08T23:00"),
        (QuietHours(time(1), time(2, 30)), "2026-03-29T00:30", "2026-03-29T01:30"),  # no 2:30: 3:30 is the first after
        (QuietHours(time(1), time(2, 30)), "2026-10-24T23:30", "2026-10-25T00:30"),  # 2:30 comes twice: the first one
    ],
)
def test_it_is_over_when_the_clock_says_so(hours: QuietHours, at: str, over: str) -> None:
    assert hours.over_at(_utc(at), BERLIN) == _utc(over)


@pytest.mark.parametrize(
    ("hours", "since", "tried_from"),
    [
        (NIGHT, "2026-03-02T12:00", "2026-03-02T12:00"),
        (NIGHT, "2026-03-02T20:59", "2026-03-03T06:00"),
        (NIGHT, "2026-03-02T15:00", "2026-03-03T06:00"),
        (NIGHT, "2026-03-02T14:59", "2026-03-02T14:59"),
        (NIGHT, "2026-03-02T23:30", "2026-03-03T06:00"),
        (WEEKEND, "2026-03-06T22:00", "2026-03-08T23:00"),
    ],
)
def test_quiet_hours_use_up_none_of_the_time_for_trying(hours: QuietHours, since: str, tried_from: str) -> None:
    assert hours.tried_from(_utc(since), BERLIN, TRYING) == _utc(tried_from)


_TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
_HOURS = st.tuples(_TIMES, _TIMES, st.sets(st.sampled_from(Weekday), min_size=1, max_size=6)).map(
    lambda made: QuietHours(made[0], made[1], tuple(made[2]))
)
_INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
_ZONES = st.sampled_from([BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "nowhere"])


@given(_HOURS, _INSTANTS, _ZONES)
def test_quiet_hours_always_end_and_not_before_the_clock_shows_it(
    hours: QuietHours, at: datetime, timezone: str
) -> None:
    over = hours.over_at(at, timezone)

    assert not hours.hold(over, timezone)
    if over == at:
        return
    assert hours.hold(at, timezone)
    shown = over.astimezone(zone(timezone))
    is_shown = shown.time() == hours.end
    was_left_out = shown.utcoffset() != (over - timedelta(hours=3)).astimezone(zone(timezone)).utcoffset()
    assert is_shown or was_left_out


@given(_HOURS, _INSTANTS, _ZONES)
def test_a_message_is_never_tried_from_before_it_is_owed(hours: QuietHours, since: datetime, timezone: str) -> None:
    tried_from = hours.tried_from(since, timezone, TRYING)

    assert tried_from >= since
    assert not hours.hold(tried_from, timezone)


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        (time(8), time(8), EVERY_DAY),
        (time(8), time(7, 1), EVERY_DAY),
        (time(22), time(7), ()),
    ],
)
def test_hours_that_leave_no_time_to_tell_are_refused(begin: time, end: time, days: tuple[Weekday, ...]) -> None:
    with pytest.raises(ValueError, match="60 minutes"):
        QuietHours(begin, end, days)


def test_an_hour_a_day_is_enough_to_tell() -> None:
    assert QuietHours(time(8), time(7)).over_at(_utc("2026-03-02T08:00"), "UTC") == _utc("2026-03-03T07:00")
