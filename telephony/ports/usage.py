"""What the domain asks of where it counts what mailboxes use."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from telephony.calls import Call
from telephony.numbers import MailboxId
from telephony.usage import DayUsage, Usage


class UsageStore(Protocol):
    """What the calls of each mailbox came to, day by day."""

    def count(self, call: Call, usage: Usage) -> None:
        """Add what *call* came to to its mailbox's day, unless it was added before."""
        ...

    def days(self, mailbox_id: MailboxId, since: date, until: date) -> Sequence[DayUsage]:
        """Return the days from *since* to *until*, both included, on which there was a call, in order."""
        ...
