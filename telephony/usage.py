"""Usage: what a mailbox's calls of one day came to."""

from dataclasses import dataclass
from datetime import date

from telephony.deliveries import DeliveryState
from telephony.voicemail import CallFacts

MOST_DAYS = 366
"""The longest span that is asked for at once: a year, in one read."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What some calls came to.

    Attributes:
        received_ms: how much sound came in, of all tracks.
        transcribed_ms: how much of it came back as text or as silence.
        sent, failed: messages to people.
    """

    calls: int = 0
    received_ms: int = 0
    transcribed_ms: int = 0
    sent: int = 0
    failed: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Return what both came to."""
        return Usage(
            self.calls + other.calls,
            self.received_ms + other.received_ms,
            self.transcribed_ms + other.transcribed_ms,
            self.sent + other.sent,
            self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True)
class DayUsage:
    """What the calls that began on a day, in UTC, came to."""

    day: date
    usage: Usage


def usage_of(facts: CallFacts) -> Usage:
    """Return what one call came to, as far as it is known."""
    states = [delivery.state for delivery in facts.deliveries]
    return Usage(
        calls=1,
        received_ms=sum(each.received_ms for each in facts.transcript.coverage),
        transcribed_ms=sum(each.transcribed_ms for each in facts.transcript.coverage),
        sent=states.count(DeliveryState.SENT),
        failed=states.count(DeliveryState.FAILED),
    )
