"""Keeping: how long a mailbox keeps its calls, and whether it must keep them all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telephony.numbers import MailboxId

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keeping:
    """A mailbox's term.

    Attributes:
        retention_days: how many days after it began a call is erased; None keeps it until somebody erases it.
        is_on_hold: a legal hold on all of the mailbox's calls: none is erased, by nobody.
    """

    retention_days: int | None = None
    is_on_hold: bool = False

    def kept_since(self, now: datetime, day: timedelta = DAY) -> datetime | None:
        """Return when the oldest call began that is kept now; None when every call is. *day* is how long one is."""
        if self.retention_days is None or self.is_on_hold:
            return None
        return now - self.retention_days * day


@dataclass(frozen=True, slots=True)
class Place:
    """How far the search for calls that are kept no longer has come: through all mailboxes up to this one.

    Attributes:
        after: the last of the mailbox's own calls that was looked at; None when nothing more is to be looked for in it.
    """

    mailbox_id: MailboxId
    after: str | None = None


START: Final = Place(MailboxId(" "))
"""Before the first mailbox."""
