"""What the domain asks of where people agree to be told by e-mail."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from telephony.numbers import MailboxId
from telephony.subscriptions import SubscriptionState


class Subscribers(Protocol):
    """The addresses that are told by e-mail, of whichever mailbox."""

    def states(self, addresses: Sequence[str]) -> Mapping[str, SubscriptionState]:
        """Return how far each of *addresses* is."""
        ...

    def invite(self, mailbox_id: MailboxId, address: str) -> None:
        """Ask the owner of *address* to agree to be told of a mailbox.

        Raises: UpstreamError, not retryable if the address is told of another mailbox already.
        """
        ...
