"""Times of digests go by the mailbox's clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.digests import Digest

BERLIN = "Europe/Berlin"
TWICE = Digest((time(8), time(18)))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


@pytest.mark.parametrize(
    ("at", "last", "following"),
    [
        ("2026-03-02T06:59", "2026-03-01T17:00", "2026-03-02T07:00"),
        ("2026-03-02T07:00", "2026-03-02T07:00", "2026-03-02T17:00"),
        ("2026-03-02T12:00", "2026-03-02T07:00", "2026-03-02T17:00"),
        ("2026-03-02T23:30", "2026-03-02T17:00", "2026-03-03T07:00"),
        ("2026-03-28T20:00", "2026-03-28T17:00", "2026-03-29T06:00"),  # summer time begins
        ("2026-10-24T20:00", "2026-10-24T16:00", "2026-10-25T07:00"),  # and ends
    ],
)
def test_a_digest_is_due_at_its_times_of_day(at: str, last: str, following: str) -> None:
    assert TWICE.last_until(_utc(at), BERLIN) == _utc(last)
    assert TWICE.next_after(_utc(at), BERLIN) == _utc(following)


@given(
    st.sets(st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=1, max_size=6),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    st.sampled_from([BERLIN, "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]),
)
def test_digests_follow_each_other_without_a_gap(times: set[time], at: datetime, timezone: str) -> None:
    digest = Digest(tuple(sorted(times)))

    following = digest.next_after(at, timezone)

    assert digest.last_until(at, timezone) <= at < following <= at + timedelta(hours=26)
    assert digest.last_until(following, timezone) == following
