"""Erasure: what of a call is removed, what is left behind so that nothing brings it back, and when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telephony.calls import CallSid
from telephony.deliveries import Delivery
from telephony.numbers import MailboxId
from telephony.recordings import RecordingSid

TOMBSTONE_LIFETIME: Final = timedelta(days=30)
"""Twilio repeats a callback for minutes, and nothing of a call is looked for after a day; far more than either."""

LOOKS: Final = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(hours=25))
"""How long after an erasure it is looked again whether anything has come: a process that was at the call may write for
a quarter of an hour, a call that still went on for hours. Nothing of a call can come a day after it began."""


class Copy(StrEnum):
    """Where something of a call can be; what is removed is counted by these."""

    ITEMS = "table_items"
    LINKS = "links"
    AUDIO = "audio_versions"
    RECORDINGS = "twilio_recordings"
    MESSAGES = "twilio_messages"
    POSTINGS = "search_postings"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an erased call: that there was one.

    Attributes:
        look_at: when it is to be looked again whether anything of the call has come; None when nothing can any more.
    """

    call_sid: CallSid
    mailbox_id: MailboxId
    erased_at: datetime
    look_at: datetime | None

    @property
    def expires_at(self) -> datetime:
        """When it may go itself."""
        return self.erased_at + TOMBSTONE_LIFETIME


@dataclass(frozen=True, slots=True)
class Belongings:
    """What the table knows of a call's copies elsewhere.

    Attributes:
        sms: the SMS that tell what the caller said.
    """

    recordings: tuple[RecordingSid, ...] = ()
    sms: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What one erasure came to.

    Attributes:
        counts: how much was removed, by Copy.
        left: what could not be removed now, in words for the owner; none when all is proved to be gone.
    """

    counts: Mapping[str, int]
    left: tuple[str, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether a second reading found nothing."""
        return not self.left


def buried(call_sid: CallSid, mailbox_id: MailboxId, now: datetime) -> Tombstone:
    """Return the tombstone of a call that is erased now."""
    return Tombstone(call_sid, mailbox_id, now, now + LOOKS[0])


def next_look(erased_at: datetime, now: datetime) -> datetime | None:
    """Return when it is to be looked again after it was looked now; None when that was the last time."""
    return next((erased_at + look for look in LOOKS if erased_at + look > now), None)
