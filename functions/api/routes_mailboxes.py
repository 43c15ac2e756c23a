"""A mailbox: which calls it has, what it does, and changing it."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from functions.api.access import MailboxPath, Manager, Ports, ReadableMailbox
from functions.api.changing import Changeable, issue_secrets, store
from functions.api.listing import Only
from functions.api.models import CallPageOut
from functions.api.models_mailboxes import NumberOut, NumbersOut, RecipientsOut
from functions.api.models_webhooks import MailboxStoredOut
from functions.api.preconditions import etag
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.errors import WireError
from telephony.wire.mailbox_document import MailboxDocument

MOST_CALLS: Final = 100
USUAL_CALLS: Final = 25

router = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["mailboxes"])

_TAGGED = {"ETag": {"description": "For `If-Match` when it is changed.", "schema": {"type": "string"}}}


@router.get(
    "/calls",
    summary="List a mailbox's calls, newest first",
    responses=documented(HTTPStatus.BAD_REQUEST, *COMMON_PROBLEMS),
)
def list_calls(
    ports: Ports,
    mailbox: ReadableMailbox,
    only: Only,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS, description="How many at most.")] = USUAL_CALLS,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> CallPageOut:
    """List the calls of a mailbox that are all that is asked for; without anything asked for, every call.

    Of a mailbox with many calls among which few are asked for, a page looks at a part only: it can be short, or empty,
    and there is more as long as `next_cursor` is not null. A cursor that this mailbox's list did not give is refused.
    """
    return CallPageOut.of(ports.calls.page(mailbox.id, limit, cursor, only))


@router.get(
    "",
    summary="Show a mailbox",
    responses={HTTPStatus.OK.value: {"headers": _TAGGED}, **documented(*COMMON_PROBLEMS)},
)
def show_mailbox(ports: Ports, mailbox: ReadableMailbox, response: Response) -> MailboxDocument:
    """Show a mailbox and its numbers as its owner writes them down: change it and put it back."""
    stored = ports.directory.stored(mailbox.id)
    response.headers["ETag"] = etag(stored.revision)
    return MailboxDocument.of(stored.mailbox, stored.numbers)


@router.put(
    "",
    summary="Change or create a mailbox",
    responses={
        HTTPStatus.OK.value: {"headers": _TAGGED},
        HTTPStatus.CREATED.value: {"description": "It is new.", "model": MailboxStoredOut, "headers": _TAGGED},
        **documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.CONFLICT,
            HTTPStatus.PRECONDITION_FAILED,
            HTTPStatus.PRECONDITION_REQUIRED,
            *COMMON_PROBLEMS,
        ),
    },
)
def put_mailbox(
    *,
    ports: Ports,
    manager: Manager,
    before: Changeable,
    mailbox_id: MailboxPath,
    document: MailboxDocument,
    response: Response,
) -> MailboxStoredOut:
    """Store a mailbox with these numbers: over the version that `If-Match` names, or a new one with `If-None-Match: *`.

    Whoever may manage may create a mailbox, and may read it from then on; it can take no number that is another's.
    Addresses that are new are asked to agree to be told; one that is told of another mailbox already is added by the
    owner's `make mailbox` alone. The secrets of webhooks that are new are in the answer, and are shown nowhere else.
    """
    if document.id != mailbox_id:
        raise WireError("the document's id is not the mailbox's")
    stored = store(ports, manager, before, document.mailbox(), document.all_numbers())
    response.status_code = HTTPStatus.CREATED if before is None else HTTPStatus.OK
    response.headers["ETag"] = etag(stored.revision)
    answer = MailboxStoredOut.of(stored.mailbox, stored.numbers)
    return answer.model_copy(update={"webhook_secrets": issue_secrets(ports, before, stored)})


@router.get(
    "/numbers",
    summary="List a mailbox's numbers",
    responses=documented(*COMMON_PROBLEMS),
)
def list_numbers(ports: Ports, mailbox: ReadableMailbox) -> NumbersOut:
    """List all numbers of a mailbox, fifty at the most, and what happens when they are called."""
    return NumbersOut(numbers=[NumberOut.of(number) for number in ports.directory.stored(mailbox.id).numbers])


@router.get(
    "/recipients",
    summary="Show whom a mailbox tells",
    responses=documented(*COMMON_PROBLEMS),
)
def list_recipients(ports: Ports, mailbox: ReadableMailbox) -> RecipientsOut:
    """Show who is told of messages, who of them has yet to agree, and who wants no SMS any more."""
    numbers = [each.number for each in ports.directory.stored(mailbox.id).numbers]
    now = ports.clock.now()
    opt_outs = [each for each in ports.opt_outs.among(mailbox.sms_recipients, numbers) if each.holds(now)]
    return RecipientsOut.of(mailbox, ports.subscribers.states(mailbox.email_recipients), opt_outs)
