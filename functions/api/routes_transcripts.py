"""Transcripts: as data, as text to read, as subtitles."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Final, assert_never

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, Response

from functions.api.access import ReadableCall
from functions.api.formats import MEDIA_TYPES, Format, acceptable
from functions.api.models_transcripts import TranscriptOut
from functions.api.preconditions import IfNoneMatch, is_at_hand
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.coverage import Track
from telephony.subtitles import plain, srt, webvtt
from telephony.transcripts import Transcript

router = APIRouter(prefix="/api/calls/{call_sid}", tags=["transcripts"])

_TAG_CHARACTERS: Final = 32
"""128 bits of a digest."""

_TEXTS = {
    media_type: {"schema": {"type": "string"}} for form, media_type in MEDIA_TYPES.items() if form is not Format.JSON
}


@router.get(
    "/transcript",
    summary="Read a call's transcript",
    response_model=TranscriptOut,
    responses={
        HTTPStatus.OK.value: {"description": "What was said so far.", "content": _TEXTS},
        HTTPStatus.NOT_MODIFIED.value: {"description": "Nothing has changed since."},
        **documented(HTTPStatus.NOT_ACCEPTABLE, *COMMON_PROBLEMS),
    },
)
def read_transcript(
    readable: ReadableCall,
    form: Annotated[
        Format | None, Query(alias="format", description="Goes before `Accept`, for where that cannot be set.")
    ] = None,
    track: Annotated[
        Track | None, Query(description="One track alone; all of them in order of time if not given.")
    ] = None,
    accept: Annotated[str, Header(max_length=1024)] = "",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Give what was said so far, as JSON, text, SubRip or WebVTT: what `format` says, else what `Accept` likes best.

    The `ETag` is of all that is answered: it stays until a word, its source, or what is known of the sound changes.
    """
    _, facts = readable
    wanted = form or acceptable(accept)
    response = _rendered(facts.transcript if track is None else facts.transcript.of_track(track), wanted)
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:_TAG_CHARACTERS]}"'
    if is_at_hand(if_none_match, tag):
        response = Response(status_code=HTTPStatus.NOT_MODIFIED)
    response.headers.update({"ETag": tag, "Vary": "Accept"})
    return response


def _rendered(transcript: Transcript, form: Format) -> Response:
    match form:
        case Format.JSON:
            return JSONResponse(TranscriptOut.of(transcript).model_dump(mode="json"))
        case Format.TEXT:
            return Response(plain(transcript), media_type=form.media_type)
        case Format.SRT:
            return Response(srt(transcript), media_type=f"{form.media_type}; charset=utf-8")
        case Format.VTT:
            return Response(webvtt(transcript), media_type=form.media_type)
        case _:
            assert_never(form)
