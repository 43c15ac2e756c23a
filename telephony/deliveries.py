"""Delivery: one message to one recipient about one call, sent once.

A delivery is claimed before it is sent, so that of two processes one sends. A claim is good for LEASE: whoever has not
finished by then has died, and somebody else takes over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telephony.calls import CallSid
from telephony.numbers import E164

LEASE = timedelta(seconds=60)
"""How long a claim holds off others; three attempts of 5 s with their pauses take 17 s."""

SENT_WITHIN = timedelta(days=3)
"""How long after its first attempt an SMS may leave Twilio: it is tried for six hours, a digest for two days, and
Twilio keeps it for ten hours at the most."""

LONGEST_PAUSE = timedelta(minutes=30)
"""Between two attempts at a delivery that a service could not take."""

TRYING = timedelta(hours=6)
"""How long after a call its deliveries are tried; later, a message would be no news."""


MOST_REPEATS = 20
"""How often a message is sent again; each is a copy of the caller's words, to be erased some day."""


class Channel(StrEnum):
    """The way a recipient is told."""

    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"
    """A program is told."""


class Claim(StrEnum):
    """How a delivery came to be ours."""

    NEW = "new"
    TAKEN_OVER = "taken-over"
    """Somebody claimed it before and did not finish: it may have been sent, or not."""
    AGAIN = "again"
    """It was over, and is asked for once more: that it was sent before is no reason not to send it."""


class DeliveryState(StrEnum):
    """What became of a delivery."""

    CLAIMED = "claimed"
    """Somebody has set out to send it, or will try again."""
    SENT = "sent"
    """The service has taken it."""
    FAILED = "failed"
    """The service refused it for good."""
    AGAIN = "again"
    """It was over, and somebody has asked that it be sent once more."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done about it."""
        return self in {DeliveryState.SENT, DeliveryState.FAILED}


@dataclass(frozen=True, slots=True)
class DeliveryId:
    """What must happen at most once.

    Attributes:
        recipient: a phone number for SMS; the mailbox's id for e-mail, whose addresses hang on one topic; the name of
            a hook and of what it is told for a webhook: see `telephony.hooks.HookTarget`.
    """

    call_sid: CallSid
    channel: Channel
    recipient: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An SMS that somebody set out to send: what it is found by among Twilio's, if its SID never reached us.

    Attributes:
        marker: what stands in it and in no other.
        at: when it was first tried.
    """

    sender: E164
    marker: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery and its outcome.

    Attributes:
        reference: the service's own id of the message, once it has taken it; of a webhook, the version of the text
            that the program got: see `telephony.owing.TextState`.
        trouble: the service's error code, once it has failed; of a CLAIMED delivery, why it must be tried again.
        asked_at: when somebody last asked that it be sent again; None if nobody did.
        earlier: the service's ids of the messages that were sent before somebody asked again: they hold the words, too.
        attempts: of an SMS, those whose outcome is not known, and the latest.
    """

    id: DeliveryId
    state: DeliveryState
    changed_at: datetime
    reference: str = ""
    trouble: str = ""
    asked_at: datetime | None = None
    earlier: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    @property
    def messages(self) -> tuple[str, ...]:
        """The service's ids of all messages that were sent."""
        return (*self.earlier, self.reference) if self.reference else self.earlier

    @property
    def lost(self) -> tuple[Attempt, ...]:
        """The SMS that the service may have, without our knowing its id."""
        return self.attempts[:-1] if self.reference else self.attempts

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done about it."""
        return self.state.is_over

    def is_under_way(self, now: datetime) -> bool:
        """Tell whether somebody may be sending it at this moment."""
        return self.state is DeliveryState.CLAIMED and not self.trouble and now < self.changed_at + LEASE

    def with_attempt(self, attempt: Attempt | None) -> tuple[Attempt, ...]:
        """Return the attempts once another has begun. To try the same SMS again is none, unless one more is wanted."""
        is_again = self.state is DeliveryState.AGAIN
        known = self.lost if is_again else self.attempts
        is_known = any((each.sender, each.marker) == (attempt.sender, attempt.marker) for each in known[-1:] if attempt)
        return known if attempt is None or (is_known and not is_again) else (*known, attempt)

    def due_at(self, since: datetime) -> datetime:
        """Return when a delivery that is not over is anybody's again; *since* is when it was first owed.

        At once if it was asked for again; else at the end of its lease, and later, the longer it was tried in vain.
        """
        if self.state is DeliveryState.AGAIN:
            return self.changed_at
        in_vain = (self.changed_at - since) / 2 if self.trouble else LEASE
        return self.changed_at + min(max(LEASE, in_vain), LONGEST_PAUSE)
