"""A mailbox: which calls it has."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query

from functions.api.access import Ports, ReadableMailbox
from functions.api.listing import Only
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
    only: Only,
    limit: Annotated[int, Query(ge=1, le=MOST_CALLS, description="How many at most.")] = USUAL_CALLS,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> CallPageOut:
    """List the calls of a mailbox that are all that is asked for; without anything asked for, every call.

    Of a mailbox with many calls among which few are asked for, a page looks at a part only: it can be short, or empty,
    and there is more as long as `next_cursor` is not null. A cursor that this mailbox's list did not give is refused.
    """
    return CallPageOut.of(ports.calls.page(mailbox.id, limit, cursor, only))
