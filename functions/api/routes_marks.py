"""What people note about a call: read, put away, a note, tags."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response

from functions.api.access import ManagedCall, Ports
from functions.api.models_marks import MarksIn, MarksOut
from functions.api.ports import ApiPorts
from functions.api.preconditions import REFUSED, IfMatch, check_match, etag
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.calls import Call
from telephony.errors import ConflictError
from telephony.marks import Marks, changed

TURNS: Final = 3
"""How often a change is tried of which nobody said to which version it applies."""

router = APIRouter(prefix="/api/calls/{call_sid}", tags=["calls"])


@router.patch(
    "",
    summary="Mark a call",
    responses=documented(HTTPStatus.BAD_REQUEST, *REFUSED, *COMMON_PROBLEMS),
)
def mark_call(
    ports: Ports, managed: ManagedCall, wanted: MarksIn, response: Response, if_match: IfMatch = None
) -> MarksOut:
    """Mark a call as read or archived, note something, tag it. Marks are the mailbox's: all its readers see the same.

    With `If-Match` the change is refused when others have marked the call since; without, it is made to what is there.
    """
    call, _ = managed
    check_match(if_match, etag(call.marks.revision))
    marks = _marked(ports, call, wanted, turns=TURNS if if_match is None else 1)
    response.headers["ETag"] = etag(marks.revision)
    return MarksOut.of(marks)


def _marked(ports: ApiPorts, call: Call, wanted: MarksIn, *, turns: int) -> Marks:
    marks = changed(call.marks, wanted.changes(), ports.clock.now())
    if marks == call.marks:
        return marks
    try:
        ports.calls.mark(call.sid, marks)
    except ConflictError:
        if turns == 1:
            raise
        return _marked(ports, ports.calls.get(call.sid), wanted, turns=turns - 1)
    return marks
