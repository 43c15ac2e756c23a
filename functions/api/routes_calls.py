"""One call: look at it, listen to it, watch it live."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response

from functions.api import idempotency
from functions.api.access import Ports, ReadableCall, Reader
from functions.api.idempotency import Once
from functions.api.models import AudioOut, CallDetailOut, CaptionsOut
from functions.api.preconditions import etag
from functions.api.problems import COMMON_PROBLEMS, documented
from functions.api.sound import AUDIO_LIFETIME, file_name, stored_recording
from telephony.recordings import format_of
from telephony.streams import Ticket, TicketId, TicketPurpose

CAPTIONS_LIFETIME: Final = timedelta(seconds=60)

router = APIRouter(prefix="/api/calls/{call_sid}", tags=["calls"])


@router.get("", summary="Show a call", responses=documented(*COMMON_PROBLEMS))
def show_call(readable: ReadableCall, response: Response) -> CallDetailOut:
    """Show a call: how far it is, how good its transcript is, its recordings, its marks, and who was told of it.

    The `ETag` is that of its marks, for `If-Match` when they are changed.
    """
    response.headers["ETag"] = etag(readable[0].marks.revision)
    return CallDetailOut.showing(*readable)


@router.get("/audio", summary="Get the address of a call's sound", responses=documented(*COMMON_PROBLEMS))
def show_audio(ports: Ports, readable: ReadableCall) -> AudioOut:
    """Give addresses at which the recording can be fetched, or a range of it, without a token for five minutes.

    It is not found as long as our copy of the recording is not there.
    """
    call, facts = readable
    key = stored_recording(facts)
    name, content_type = file_name(call, key), format_of(key).content_type
    return AudioOut(
        url=ports.audio.url(key, AUDIO_LIFETIME, content_type=content_type),
        download_url=ports.audio.url(key, AUDIO_LIFETIME, name, content_type=content_type),
        file_name=name,
        content_type=content_type,
        expires_at=ports.clock.now() + AUDIO_LIFETIME,
    )


@router.post(
    "/captions",
    summary="Ask to watch a call's live text",
    status_code=HTTPStatus.CREATED,
    response_model=CaptionsOut,
    responses=documented(*idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def admit_to_captions(ports: Ports, readable: ReadableCall, reader: Reader, once: Once) -> Response:
    """Give a ticket that opens one connection to the call's live text within a minute."""
    call, _ = readable

    def admit() -> CaptionsOut:
        ticket = Ticket(
            id=TicketId(ports.new_id()),
            purpose=TicketPurpose.CAPTIONS,
            call_sid=call.sid,
            mailbox_id=call.mailbox_id,
            expires_at=ports.clock.now() + CAPTIONS_LIFETIME,
        )
        ports.tickets.issue(ticket)
        return CaptionsOut(url=ports.captions_url, ticket=ticket.id, expires_at=ticket.expires_at)

    return once.answer(reader, HTTPStatus.CREATED, admit)
