"""Erasure: of a call, and of everything of one caller; and the legal hold that forbids it."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response

from functions.api import idempotency
from functions.api.access import ErasableCall, ErasableMailbox, Eraser, ManagedCall, Ports
from functions.api.idempotency import Once
from functions.api.models_jobs import ErasureIn, HoldOut, JobOut
from functions.api.problems import COMMON_PROBLEMS, documented
from functions.api.submitting import submit
from telephony.errors import HeldError
from telephony.jobs import JobKind
from telephony.mailboxes import Mailbox

_calls = APIRouter(prefix="/api/calls/{call_sid}", tags=["erasure"])
_mailboxes = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["erasure"])
router = APIRouter()

_PROBLEMS: Final = documented(HTTPStatus.CONFLICT, *COMMON_PROBLEMS)


@_calls.delete("", summary="Erase a call", status_code=HTTPStatus.ACCEPTED, responses=_PROBLEMS)
def erase_call(ports: Ports, eraser: Eraser, erasable: ErasableCall) -> JobOut:
    """Erase a call for good, everywhere: words, sound with all its versions, Twilio's recording and SMS, links.

    The job reads everything again to prove it, and says what was removed. It is refused while a legal hold stands.
    """
    call, facts = erasable
    if call.held_at is not None:
        raise HeldError
    _check_hold(facts.mailbox)
    request = {"call_sid": call.sid}
    return JobOut.of(
        submit(ports, kind=JobKind.ERASE_CALL, mailbox_id=call.mailbox_id, subject=eraser, request=request)
    )


@_mailboxes.post(
    "/erasures",
    summary="Erase everything of one caller",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobOut,
    responses=documented(HTTPStatus.BAD_REQUEST, *idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def erase_caller(ports: Ports, eraser: Eraser, mailbox: ErasableMailbox, wanted: ErasureIn, once: Once) -> Response:
    """Erase all calls of one caller in a mailbox, each as by `DELETE /api/calls/{call_sid}`.

    Calls on legal hold stay, and the job names them. Once it is over, it has forgotten the number.
    """

    def ask() -> JobOut:
        _check_hold(mailbox)
        request = {"caller": wanted.caller}
        kind = JobKind.ERASE_CALLER
        return JobOut.of(submit(ports, kind=kind, mailbox_id=mailbox.id, subject=eraser, request=request))

    return once.answer(eraser, HTTPStatus.ACCEPTED, ask)


@_calls.put("/hold", summary="Put a call on legal hold", responses=_PROBLEMS)
def hold_call(ports: Ports, managed: ManagedCall) -> HoldOut:
    """Keep a call from being erased, by anybody and by the mailbox's term, until the hold is taken away."""
    call, _ = managed
    ports.erasure.hold(call.sid, ports.clock.now())
    return HoldOut.of(ports.calls.get(call.sid))


@_calls.delete("/hold", summary="Take a call's legal hold away", responses=_PROBLEMS)
def release_call(ports: Ports, managed: ManagedCall) -> HoldOut:
    """Let a call be erased again. Where there is no hold, nothing changes."""
    call, _ = managed
    ports.erasure.release(call.sid)
    return HoldOut.of(replace(call, held_at=None))


def _check_hold(mailbox: Mailbox | None) -> None:
    if mailbox is not None and mailbox.keeping.is_on_hold:
        raise HeldError


router.include_router(_calls)
router.include_router(_mailboxes)
