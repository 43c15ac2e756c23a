"""A mailbox: which calls it has."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query

from functions.api.access import Ports, ReadableMailbox
from functions.api.models import CallPageOut
from functions.api.problems import COMMON_PROBLEMS, documented

MOST_CALLS: Final = 100
USUAL_CALLS: Final = 25

router = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["mailboxes"])


@router.get(
    "/calls",
    summary="List a mailbox's calls, newest first",
    responses=documented(HTTPStatus.BAD_REQUEST, *COMMON_PROBLEMS),
)
def list_calls(
    ports: Ports,
    mailbox: ReadableMailbox,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS, description="How many at most.")] = USUAL_CALLS,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> CallPageOut:
    """List the calls of a mailbox; a cursor that this mailbox's list did not give is refused."""
    return CallPageOut.of(ports.calls.page(mailbox.id, limit, cursor))
