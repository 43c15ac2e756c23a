"""DeliveryStore on DynamoDB."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.items import attempt_values, delivery_from, delivery_item, delivery_sort_key
from telephony.aws.table import CALL, key
from telephony.aws.writes import IS_NEW, Condition, Put, Update
from telephony.deliveries import LEASE, Attempt, Claim, Delivery, DeliveryId, DeliveryState
from telephony.errors import ConflictError, NotFoundError

_IS_CLAIMED: Final = Condition("#state = :claimed", {"claimed": DeliveryState.CLAIMED.value})
_IS_NO_WISH: Final = Condition("attribute_exists(#pk) AND #state <> :again", {"again": DeliveryState.AGAIN.value})
_IS_OVER: Final = Condition(
    "#state IN (:sent, :failed)", {"sent": DeliveryState.SENT.value, "failed": DeliveryState.FAILED.value}
)


class DynamoDeliveries:
    """What was sent to whom; see `telephony.ports.DeliveryStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, delivery: DeliveryId, at: datetime, attempt: Attempt | None = None) -> Claim:
        """Set out to send, or take over from who set out more than LEASE ago. Raises: ConflictError."""
        # boto3 repeats a request whose answer was lost; without our mark we would lose to ourselves, and tell nobody.
        mark = uuid4().hex
        begun = Delivery(delivery, DeliveryState.CLAIMED, at)
        item = delivery_item(replace(begun, attempts=begun.with_attempt(attempt)))
        try:
            self._table.put(Put({**item, "claimed_by": mark}, IS_NEW))
        except RefusedError as exc:
            if exc.stored is None or exc.stored.maybe_text("claimed_by") != mark:
                return self._take_over(exc.stored, at, mark, attempt)
        return Claim.NEW

    def ask_again(self, delivery: DeliveryId, at: datetime) -> Delivery:
        """Have a delivery that is over made once more. Raises: NotFoundError, ConflictError while it is claimed."""
        changes: Item = {"state": DeliveryState.AGAIN.value, "changed_at": at, "asked_at": at}
        try:
            return delivery_from(self._table.update(_update(delivery, changes, _IS_OVER)))
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("delivery") from exc
            known = delivery_from(exc.stored)
            if known.state is DeliveryState.AGAIN:
                return known
            raise ConflictError("the message is being sent") from exc

    def finish(self, delivery: Delivery) -> None:
        """Store an outcome, or that the delivery must be tried again, unless it is over or this is SENT.

        Raises: NotFoundError if it is not claimed.
        """
        outcome = delivery_item(delivery)
        changes = {name: outcome[name] for name in ("state", "changed_at", "reference", "trouble")}
        condition = _IS_NO_WISH if delivery.state is DeliveryState.SENT else _IS_CLAIMED
        try:
            self._table.update(_update(delivery.id, changes, condition))
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("delivery") from exc

    def _take_over(self, stored: Fields | None, at: datetime, mark: str, attempt: Attempt | None) -> Claim:
        known = None if stored is None else delivery_from(stored)
        is_again = known is not None and known.state is DeliveryState.AGAIN
        if known is None or known.is_over or (not is_again and at < known.changed_at + LEASE):
            raise ConflictError("the delivery is another's")
        # An erasure is to find every message that was sent.
        changes: Item = {"reference": "", "earlier": list(known.messages)} if is_again else {}
        claim: Item = {
            **changes,
            "state": DeliveryState.CLAIMED.value,
            "changed_at": at,
            "trouble": "",
            "claimed_by": mark,
            "attempts": attempt_values(known.with_attempt(attempt)),
        }
        is_as_known = Condition(
            "#state = :known_state AND #changed_at = :known",
            {"known_state": known.state.value, "known": known.changed_at},
        )
        try:
            self._table.update(_update(known.id, claim, is_as_known))
        except RefusedError as exc:
            if exc.stored is None or exc.stored.maybe_text("claimed_by") != mark:
                raise ConflictError("the delivery is another's") from exc
        return Claim.AGAIN if is_again else Claim.TAKEN_OVER


def _update(delivery: DeliveryId, changes: Item, only_if: Condition) -> Update:
    return Update(key(CALL, delivery.call_sid), delivery_sort_key(delivery), changes, only_if)
