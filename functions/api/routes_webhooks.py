"""Programs that are told: giving one of them another secret."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from functions.api import idempotency
from functions.api.access import ManagedMailbox, Manager, Ports
from functions.api.idempotency import Once
from functions.api.models_webhooks import WebhookSecretOut
from functions.api.ports import ApiPorts
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.errors import NotFoundError
from telephony.hooks import KEEPS_PREVIOUS, MOST_KEPT
from telephony.mailboxes import Mailbox

_HOUR: Final = timedelta(hours=1)

router = APIRouter(prefix="/api/mailboxes/{mailbox_id}/webhooks/{webhook_id}", tags=["mailboxes"])


@router.post(
    "/secret",
    summary="Give a webhook another secret",
    status_code=HTTPStatus.CREATED,
    response_model=WebhookSecretOut,
    responses=documented(*idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def rotate_secret(
    *,
    ports: Ports,
    mailbox: ManagedMailbox,
    manager: Manager,
    once: Once,
    webhook_id: Annotated[str, Path(description="The webhook's id in the mailbox.", pattern="^[a-z0-9-]{1,63}$")],
    keep_previous_hours: Annotated[
        int,
        Query(ge=0, le=MOST_KEPT // _HOUR, description="How long the secret before stays valid; 0 ends all others."),
    ] = KEEPS_PREVIOUS // _HOUR,
) -> Response:
    """Make a secret and show it, this once. Until the one before ends, each event carries a signature with each.

    While one before is still valid, another request is refused (409) unless it ends all others, as it should be done
    when a secret has become known. Send an `Idempotency-Key`: a repeat with it shows the same secret again.
    """
    keep = timedelta(hours=keep_previous_hours)
    return once.answer(manager, HTTPStatus.CREATED, lambda: _rotate(ports, mailbox, webhook_id, keep))


def _rotate(ports: ApiPorts, mailbox: Mailbox, webhook_id: str, keep: timedelta) -> WebhookSecretOut:
    hook = next((each for each in mailbox.telling.hooks if each.id == webhook_id), None)
    if hook is None:
        raise NotFoundError("webhook")
    now = ports.clock.now()
    secret = ports.hook_secrets.rotate(mailbox.id, hook.id, now=now, keep=keep)
    return WebhookSecretOut(webhook_id=hook.id, secret=secret, previous_valid_until=now + keep if keep else None)
