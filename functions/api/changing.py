"""Changing a mailbox: who may, over which version, and who is then asked to agree to be told."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends

from functions.api.access import MailboxPath, Manager, Ports
from functions.api.auth import Subject, may_read
from functions.api.models_webhooks import WebhookSecretOut
from functions.api.ports import ApiPorts
from functions.api.preconditions import (
    ANY,
    IfMatch,
    IfNoneMatch,
    PreconditionError,
    UnconditionalError,
    check_match,
    etag,
)
from telephony.errors import ConflictError, NotFoundError, NumberTakenError, UpstreamError
from telephony.log import logger
from telephony.mailboxes import Mailbox, new_hooks
from telephony.numbers import MailboxId, Number
from telephony.ports.stores import StoredMailbox
from telephony.subscriptions import SubscriptionState

NEW: Final = 0
"""The revision of a mailbox that is not there."""


def changeable_mailbox(
    ports: Ports,
    manager: Manager,
    mailbox_id: MailboxPath,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> StoredMailbox | None:
    """Return the mailbox that *manager* may change, as it is; None if it is to be created.

    Raises: NotFoundError, PreconditionError, UnconditionalError.
    """
    stored = None
    with suppress(NotFoundError):
        stored = ports.directory.stored(MailboxId(mailbox_id))
    if if_none_match is not None and if_none_match.strip() == ANY:
        if stored is not None:
            raise PreconditionError("there is one already")
        return None
    if stored is None or not may_read(manager, stored.mailbox):
        raise NotFoundError("mailbox")
    if if_match is None:
        raise UnconditionalError
    check_match(if_match, etag(stored.revision))
    return stored


Changeable = Annotated[StoredMailbox | None, Depends(changeable_mailbox)]


def store(
    ports: ApiPorts, manager: Subject, before: StoredMailbox | None, mailbox: Mailbox, numbers: Sequence[Number]
) -> StoredMailbox:
    """Store *mailbox* over *before*, and ask those who are new among its recipients to agree.

    Whoever creates a mailbox may read it. Raises: NumberTakenError, PreconditionError, WireError.
    """
    if before is None and manager not in mailbox.readers:
        mailbox = replace(mailbox, readers=(*mailbox.readers, manager))
    try:
        revision = ports.directory.put(mailbox, numbers, NEW if before is None else before.revision)
    except NumberTakenError:
        raise
    except ConflictError as exc:
        raise PreconditionError from exc
    _invite(ports, mailbox)
    return StoredMailbox(mailbox, tuple(numbers), revision)


def issue_secrets(ports: ApiPorts, before: StoredMailbox | None, stored: StoredMailbox) -> list[WebhookSecretOut]:
    """Return the secrets of the webhooks that are new. The mailbox is stored: one that fails here can be asked for."""
    issued = []
    for hook in new_hooks(None if before is None else before.mailbox, stored.mailbox):
        try:
            secret = ports.hook_secrets.issue(stored.mailbox.id, hook.id)
        except UpstreamError as exc:
            logger().warning("webhook-secret-not-made", mailbox_id=stored.mailbox.id, error=str(exc))
        else:
            issued.append(WebhookSecretOut(webhook_id=hook.id, secret=secret))
    return issued


def _invite(ports: ApiPorts, mailbox: Mailbox) -> None:
    """Ask whoever was not asked yet. The mailbox is stored: what fails here is shown by its recipients' states."""
    try:
        states = ports.subscribers.states(mailbox.email_recipients)
    except UpstreamError as exc:
        logger().warning("subscriptions-unknown", mailbox_id=mailbox.id, error=str(exc))
        return
    for address in (each for each, state in states.items() if state is SubscriptionState.ABSENT):
        try:
            ports.subscribers.invite(mailbox.id, address)
        except UpstreamError as exc:
            logger().warning("invitation-failed", mailbox_id=mailbox.id, error=str(exc))
