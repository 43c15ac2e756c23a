"""Subscribers in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from telephony.errors import TelephonyError, UpstreamError
from telephony.numbers import MailboxId
from telephony.subscriptions import SubscriptionState


@dataclass
class MemorySubscribers:
    """Remembers who was invited to which mailbox.

    Attributes:
        agreed: whose owners have agreed.
        refusals: raised one after the other, before anybody is invited.
    """

    invited: dict[str, MailboxId] = field(default_factory=dict)
    agreed: set[str] = field(default_factory=set)
    refusals: list[TelephonyError] = field(default_factory=list)

    def states(self, addresses: Sequence[str]) -> Mapping[str, SubscriptionState]:
        """Return how far each of *addresses* is."""
        return {address: self._state(address) for address in addresses}

    def invite(self, mailbox_id: MailboxId, address: str) -> None:
        """Remember the address. Raises: UpstreamError if it is told of another mailbox, and what is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        if self.invited.setdefault(address, mailbox_id) != mailbox_id:
            raise UpstreamError("sns", "InvalidParameter", retryable=False)

    def _state(self, address: str) -> SubscriptionState:
        if address not in self.invited:
            return SubscriptionState.ABSENT
        return SubscriptionState.CONFIRMED if address in self.agreed else SubscriptionState.PENDING
