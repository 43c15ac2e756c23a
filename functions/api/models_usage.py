"""What the API answers of what a mailbox uses."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Self

from pydantic import BaseModel, Field

from telephony.usage import DayUsage

_MS_PER_MINUTE: Final = 60_000


class DayUsageOut(BaseModel):
    """What the calls that began on one day came to."""

    day: date = Field(description="In UTC.")
    calls: int
    received_minutes: float = Field(description="Sound that came in, of all tracks.")
    transcribed_minutes: float = Field(description="How much of it came back as text or as silence.")
    messages_sent: int
    messages_failed: int

    @classmethod
    def of(cls, used: DayUsage) -> Self:
        """Show *used*."""
        return cls(
            day=used.day,
            calls=used.usage.calls,
            received_minutes=round(used.usage.received_ms / _MS_PER_MINUTE, 2),
            transcribed_minutes=round(used.usage.transcribed_ms / _MS_PER_MINUTE, 2),
            messages_sent=used.usage.sent,
            messages_failed=used.usage.failed,
        )


class UsageOut(BaseModel):
    """What a mailbox used."""

    since: date = Field(description="The first day that was looked at.")
    until: date = Field(description="The last one.")
    days: list[DayUsageOut] = Field(description="The days with calls, in order.")

    @classmethod
    def of(cls, since: date, until: date, days: Sequence[DayUsage]) -> Self:
        """Show *days*."""
        return cls(since=since, until=until, days=[DayUsageOut.of(each) for each in days])
