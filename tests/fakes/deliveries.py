"""DeliveryStore in memory."""

from datetime import datetime

from telephony.deliveries import LEASE, Claim, Delivery, DeliveryId, DeliveryState
from telephony.errors import ConflictError, NotFoundError
from tests.fakes.state import State


class MemoryDeliveries:
    """Keeps deliveries; keeps the promises of `telephony.ports.DeliveryStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def claim(self, delivery: DeliveryId, at: datetime) -> Claim:
        """Set out to send, or take over from who set out more than LEASE ago. Raises: ConflictError."""
        with self._state.reached():
            known = self._state.deliveries.get(delivery)
            if known is not None and (known.is_over or at < known.changed_at + LEASE):
                raise ConflictError("the delivery is another's")
            self._state.deliveries[delivery] = Delivery(delivery, DeliveryState.CLAIMED, at)
            return Claim.NEW if known is None else Claim.TAKEN_OVER

    def finish(self, delivery: Delivery) -> None:
        """Store an outcome, or that the delivery must be tried again. Raises: NotFoundError if it is not claimed."""
        with self._state.reached():
            known = self._state.deliveries.get(delivery.id)
            if known is None:
                raise NotFoundError("delivery")
            if not known.is_over or delivery.state is DeliveryState.SENT:
                self._state.deliveries[delivery.id] = delivery
