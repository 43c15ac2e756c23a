"""SubscriptionState: whether an address has agreed to be told by e-mail."""

from enum import StrEnum


class SubscriptionState(StrEnum):
    """How far an address is."""

    CONFIRMED = "confirmed"
    """Its owner has agreed."""
    PENDING = "pending"
    """Its owner was asked, and has not answered."""
    ABSENT = "absent"
    """Its owner was not asked, has not answered for days, or has left."""
