"""DeliveryStore in memory."""

from dataclasses import replace
from datetime import datetime

from telephony.deliveries import LEASE, Attempt, Claim, Delivery, DeliveryId, DeliveryState
from telephony.errors import ConflictError, NotFoundError
from tests.fakes.state import State


class MemoryDeliveries:
    """Keeps deliveries; keeps the promises of `telephony.ports.DeliveryStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def claim(self, delivery: DeliveryId, at: datetime, attempt: Attempt | None = None) -> Claim:
        """Set out to send, or take over from who set out more than LEASE ago. Raises: ConflictError."""
        with self._state.reached():
            known = self._state.deliveries.get(delivery)
            is_again = known is not None and known.state is DeliveryState.AGAIN
            if known is not None and not is_again and (known.is_over or at < known.changed_at + LEASE):
                raise ConflictError("the delivery is another's")
            begun = Delivery(delivery, DeliveryState.CLAIMED, at)
            if known is not None:
                earlier = known.messages if is_again else known.earlier
                begun = replace(begun, asked_at=known.asked_at, earlier=earlier)
            attempts = (known or begun).with_attempt(attempt)
            self._state.deliveries[delivery] = replace(begun, attempts=attempts)
            if is_again:
                return Claim.AGAIN
            return Claim.NEW if known is None else Claim.TAKEN_OVER

    def ask_again(self, delivery: DeliveryId, at: datetime) -> Delivery:
        """Have a delivery that is over made once more. Raises: NotFoundError, ConflictError while it is claimed."""
        with self._state.reached():
            known = self._state.deliveries.get(delivery)
            if known is None:
                raise NotFoundError("delivery")
            if known.state is DeliveryState.CLAIMED:
                raise ConflictError("the message is being sent")
            if known.is_over:
                known = replace(known, state=DeliveryState.AGAIN, changed_at=at, asked_at=at)
                self._state.deliveries[delivery] = known
            return known

    def finish(self, delivery: Delivery) -> None:
        """Store an outcome, or that the delivery must be tried again. Raises: NotFoundError if it is not claimed."""
        with self._state.reached():
            known = self._state.deliveries.get(delivery.id)
            if known is None:
                raise NotFoundError("delivery")
            is_first = known.state is DeliveryState.CLAIMED
            if is_first or (known.is_over and delivery.state is DeliveryState.SENT):
                self._state.deliveries[delivery.id] = replace(
                    delivery, asked_at=known.asked_at, earlier=known.earlier, attempts=known.attempts
                )
