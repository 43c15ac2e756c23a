"""The link in a message to a person: whoever holds it may listen, without signing in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from functions.api.access import Ports
from functions.api.pages import NO_LINK, NO_SOUND, ON_ITS_WAY
from functions.api.problems import documented
from functions.api.sound import AUDIO_LIFETIME, may_come, stored_recording
from telephony.errors import NotFoundError
from telephony.recordings import format_of

router = APIRouter(prefix="/api", tags=["listening"])

LONGEST_TOKEN = 128

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address is the key: it must not be told to where the page leads
    "X-Robots-Tag": "noindex",
}


@router.get(
    "/listen/{token}",
    summary="Listen to a message",
    response_class=HTMLResponse,
    responses={
        HTTPStatus.OK.value: {"description": "The sound is on its way; the page looks again by itself."},
        HTTPStatus.FOUND.value: {"description": "Leads to the sound, for five minutes."},
        HTTPStatus.NOT_FOUND.value: {
            "description": "The link is not one of ours or too old, or there is no sound.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
        **documented(HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE),
        # Every token is valid as far as its form goes; without this the document would speak of a status 422.
        "default": {"description": "No other answer is given."},
    },
)
def listen(ports: Ports, token: Annotated[str, Path(description="From the message.")]) -> Response:
    """Lead whoever holds a message's link to its sound."""
    try:
        if len(token) > LONGEST_TOKEN:
            raise NotFoundError("link")
        call_sid = ports.links.call_of(token, ports.clock.now())
    except NotFoundError:
        return HTMLResponse(NO_LINK, HTTPStatus.NOT_FOUND, headers=_HEADERS)
    facts = ports.calls.facts(call_sid)
    try:
        key = stored_recording(facts)
    except NotFoundError:
        page, status = (ON_ITS_WAY, HTTPStatus.OK) if may_come(facts) else (NO_SOUND, HTTPStatus.NOT_FOUND)
        return HTMLResponse(page, status, headers=_HEADERS)
    url = ports.audio.url(key, AUDIO_LIFETIME, content_type=format_of(key).content_type)
    return RedirectResponse(url, HTTPStatus.FOUND, headers=_HEADERS)
