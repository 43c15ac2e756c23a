"""What goes out, in memory: Texter, Bulletin, FollowUps and Meter that remember."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from telephony.aws.followups import MAX_DELAY_S
from telephony.calls import CallSid
from telephony.errors import TelephonyError
from telephony.metrics import Metric
from telephony.notifications import Email
from telephony.numbers import E164, MailboxId
from telephony.ports.services import Clock

LONGEST_DELAY = timedelta(seconds=MAX_DELAY_S)
LATER_THAN_ANY = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SentText:
    """One SMS that was sent."""

    to: E164
    sender: E164
    text: str
    at: datetime = LATER_THAN_ANY


@dataclass
class MemoryTexter:
    """Remembers each SMS.

    Attributes:
        refusals: raised one after the other, before anything is sent or looked for.
        clock: tells when each is sent; without one, later than anybody asks for.
    """

    sent: list[SentText] = field(default_factory=list)
    refusals: list[TelephonyError] = field(default_factory=list)
    clock: Clock | None = None

    def send(self, to: E164, sender: E164, text: str) -> str:
        """Remember the SMS, and return "SM" and its number. Raises: whatever is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        sent = SentText(to, sender, text)
        self.sent.append(sent if self.clock is None else replace(sent, at=self.clock.now()))
        return f"SM{len(self.sent):032}"

    def find(self, to: E164, sender: E164, marker: str, since: datetime) -> str | None:
        """Return the number of an SMS with *marker*, sent since then, or None. Raises: whatever is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        for number, sms in enumerate(self.sent, start=1):
            if (sms.to, sms.sender) == (to, sender) and marker in sms.text and sms.at >= since:
                return f"SM{number:032}"
        return None


@dataclass
class MemoryBulletin:
    """Remembers what was published, and who subscribed.

    Attributes:
        refusals: raised one after the other, before anything is published.
        subscribed: (mailbox, address), each once.
    """

    published: list[tuple[MailboxId, Email]] = field(default_factory=list)
    subscribed: list[tuple[MailboxId, str]] = field(default_factory=list)
    refusals: list[TelephonyError] = field(default_factory=list)

    def publish(self, mailbox_id: MailboxId, email: Email) -> str:
        """Remember the e-mail, and return its number. Raises: whatever is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.published.append((mailbox_id, email))
        return f"message-{len(self.published)}"

    def subscribe(self, mailbox_id: MailboxId, address: str) -> None:
        """Remember the address."""
        if (mailbox_id, address) not in self.subscribed:
            self.subscribed.append((mailbox_id, address))


@dataclass
class MemoryFollowUps:
    """Remembers which calls are to be looked at again, and which mailboxes prepared."""

    scheduled: list[tuple[CallSid, timedelta]] = field(default_factory=list)
    prepared: list[MailboxId] = field(default_factory=list)
    refusals: list[TelephonyError] = field(default_factory=list)

    def schedule(self, call_sid: CallSid, delay: timedelta) -> None:
        """Remember the call and the delay, of which a queue keeps 15 minutes at most, and none in the past."""
        self.scheduled.append((call_sid, min(max(delay, timedelta()), LONGEST_DELAY)))

    def prepare(self, mailbox_id: MailboxId) -> None:
        """Remember the mailbox. Raises: whatever is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.prepared.append(mailbox_id)


@dataclass
class MemoryMeter:
    """Remembers what was counted and measured."""

    values: list[tuple[Metric, float]] = field(default_factory=list)

    def add(self, metric: Metric, value: float = 1) -> None:
        """Remember *value*."""
        self.values.append((metric, value))

    def total(self, metric: Metric) -> float:
        """Add up what was counted."""
        return sum(value for counted, value in self.values if counted is metric)
