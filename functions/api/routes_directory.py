"""Which mailboxes there are, and whose a number is."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from functions.api.access import Ports, Reader
from functions.api.auth import may_read
from functions.api.models_mailboxes import MailboxPageOut, NumberOut
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.errors import NotFoundError
from telephony.numbers import E164

MOST_MAILBOXES: Final = 50
USUAL_MAILBOXES: Final = 25

router = APIRouter(prefix="/api", tags=["mailboxes"])


@router.get(
    "/mailboxes",
    summary="List the mailboxes that you may read",
    responses=documented(HTTPStatus.BAD_REQUEST, *COMMON_PROBLEMS),
)
def list_mailboxes(
    ports: Ports,
    reader: Reader,
    limit: Annotated[int, Query(ge=1, le=MOST_MAILBOXES, description="How many at most.")] = USUAL_MAILBOXES,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> MailboxPageOut:
    """List the mailboxes that list whoever asks. A page can be short: there is more as long as there is a cursor."""
    return MailboxPageOut.of(ports.directory.readable_by(reader, limit, cursor))


@router.get("/numbers/{number}", summary="Show a number", responses=documented(*COMMON_PROBLEMS))
def show_number(
    ports: Ports,
    reader: Reader,
    number: Annotated[
        str, Path(pattern=r"^\+[1-9][0-9]{1,14}$", description="With the plus sign, as %2B or as it is.")
    ],
) -> NumberOut:
    """Show which mailbox one of our numbers is, and what happens when it is called."""
    found, mailbox = ports.directory.answering(E164(number))
    if not may_read(reader, mailbox):
        raise NotFoundError("number")
    return NumberOut.of(found)
