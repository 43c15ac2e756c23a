"""Who was told of a call, and telling them again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from functions.api import idempotency
from functions.api.access import ManagedCall, Manager, Ports, ReadableCall
from functions.api.idempotency import Once
from functions.api.models import DeliveriesOut, DeliveryOut
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.deliveries import MOST_REPEATS, Channel, DeliveryId
from telephony.errors import ConflictError
from telephony.voicemail import is_wanted

router = APIRouter(prefix="/api/calls/{call_sid}/deliveries", tags=["deliveries"])


@router.get("", summary="Show who was told of a call", responses=documented(*COMMON_PROBLEMS))
def list_deliveries(readable: ReadableCall) -> DeliveriesOut:
    """Show each message about a call, to whom it went, and what became of it: one for each recipient."""
    _, facts = readable
    return DeliveriesOut(deliveries=[DeliveryOut.of(delivery) for delivery in facts.deliveries])


@router.post(
    "/{channel}/{recipient}/resend",
    summary="Have a message sent again",
    status_code=HTTPStatus.ACCEPTED,
    response_model=DeliveryOut,
    responses=documented(*idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def resend(
    *,
    ports: Ports,
    managed: ManagedCall,
    manager: Manager,
    once: Once,
    channel: Channel,
    recipient: Annotated[str, Path(max_length=256, description="As the delivery names it.")],
) -> Response:
    """Have a message that was sent, or has failed, sent once more; that somebody has asked for it already is no matter.

    It is refused while the message is being sent, when the recipient is none of the mailbox any more, and when it was
    sent again twenty times.
    """
    call, facts = managed
    delivery_id = DeliveryId(call.sid, channel, recipient)

    def ask() -> DeliveryOut:
        if not is_wanted(facts, delivery_id) and any(each.id == delivery_id for each in facts.deliveries):
            raise ConflictError("nobody there is told of this mailbox any more")
        if any(each.id == delivery_id and len(each.messages) > MOST_REPEATS for each in facts.deliveries):
            raise ConflictError(f"the message was sent again {MOST_REPEATS} times")
        return DeliveryOut.of(ports.deliveries.ask_again(delivery_id, ports.clock.now()))

    return once.answer(manager, HTTPStatus.ACCEPTED, ask)
