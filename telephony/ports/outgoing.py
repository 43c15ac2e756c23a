"""What the domain asks of where our own calls are counted."""

from datetime import datetime
from typing import Protocol

from telephony.numbers import MailboxId


class OutgoingStore(Protocol):
    """How often mailboxes ring."""

    def count(self, mailbox_id: MailboxId, now: datetime, most: int) -> None:
        """Count one call of this hour. Raises: TooManyCallsError if there were *most*, ConflictError in a crowd."""
        ...
