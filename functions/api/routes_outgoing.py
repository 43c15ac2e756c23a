"""Calls that we make."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from functions.api import calling, idempotency
from functions.api.access import Manager, Ports
from functions.api.idempotency import Once
from functions.api.models import CallOut
from functions.api.models_control import OutgoingCallIn
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.outgoing import MayRingError

router = APIRouter(prefix="/api/calls", tags=["calls"])


@router.post(
    "",
    summary="Ring somebody, and take down what they say",
    status_code=HTTPStatus.CREATED,
    response_model=CallOut,
    responses=documented(
        HTTPStatus.BAD_REQUEST,
        *idempotency.PROBLEMS,
        HTTPStatus.TOO_MANY_REQUESTS,
        *COMMON_PROBLEMS,
        HTTPStatus.GATEWAY_TIMEOUT,
    ),
)
def ring(*, ports: Ports, manager: Manager, once: Once, wanted: OutgoingCallIn) -> Response:
    """Have Twilio ring a number. Whoever answers hears that the call is recorded, the mailbox's words, and the tone.

    Numbers of our own and withheld ones are refused (409), and more than a mailbox may ring in an hour (429). Send an
    `Idempotency-Key`: without one, a request that is repeated rings again.

    504 says that Twilio may be ringing them and has not told us of which call: look in the mailbox's list. With its
    key, a request that was answered so, or is repeated before it was answered, gets that again and rings nobody.
    """
    return once.answer(
        manager, HTTPStatus.CREATED, lambda: CallOut.of(calling.ring(ports, manager, wanted)), MayRingError()
    )
