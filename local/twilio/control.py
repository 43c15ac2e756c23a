"""The simulator's own door: another process on this machine can ring, and watch the call."""

import base64
import binascii
import dataclasses
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.events import Event
from local.twilio.exchange import Exchange
from local.twilio.rest import RestError, read_body
from local.twilio.sids import E164

MAX_CALL_BYTES = 40 * 1024 * 1024
"""An hour of mu-law in base64, and some."""
DEFAULT_HANG_UP_MS = 400

Ring = Callable[[Caller, str], Call]


class BadCallError(Exception):
    """What was posted is not a call that can be placed; the text says why."""


class ControlResource:
    """Places calls by *ring* and shows them."""

    def __init__(self, exchange: Exchange, ring: Ring) -> None:
        self._exchange = exchange
        self._ring = ring
        self.routes = [
            Route("/simulator/calls", self._create, methods=["POST"]),
            Route("/simulator/calls/{sid}", self._fetch, methods=["GET"]),
        ]

    async def _create(self, request: Request) -> Response:
        try:
            content = await read_body(request, MAX_CALL_BYTES)
            caller, to = read_call(request.headers.get("Content-Type", ""), content)
        except (BadCallError, RestError) as exc:
            return _refusal(str(exc))
        if to not in self._exchange.numbers:
            known = ", ".join(self._exchange.numbers) or "none"
            return _refusal(f"nobody here owns the number {to} (numbers: {known})")
        call = self._ring(caller, to)
        return JSONResponse({"sid": call.sid}, status_code=202)

    async def _fetch(self, request: Request) -> Response:
        call = self._exchange.calls.get(request.path_params["sid"])
        if call is None:
            return JSONResponse({"message": "there is no such call"}, status_code=404)
        events = [_event_json(event) for event in call.events]
        return JSONResponse({"sid": call.sid, "status": call.status, "over": call.is_over, "events": events})


def _refusal(message: str) -> Response:
    return JSONResponse({"message": message}, status_code=400)


def read_call(content_type: str, content: bytes) -> tuple[Caller, str]:
    """Return who rings whom. Raises: BadCallError, and nothing else whatever *content* is."""
    if content_type.partition(";")[0].strip() != "application/json":
        raise BadCallError("the content type must be application/json")
    try:
        given = json.loads(content)
    except (RecursionError, ValueError) as exc:
        raise BadCallError(f"the body is not JSON: {exc}") from exc
    if not isinstance(given, dict):
        raise BadCallError("the body must be a JSON object")
    hangs_up_after_ms = given.get("hangs_up_after_ms", DEFAULT_HANG_UP_MS)
    if type(hangs_up_after_ms) is not int or not 0 <= hangs_up_after_ms <= 3_600_000:  # noqa: PLR2004 - an hour
        raise BadCallError("'hangs_up_after_ms' must be a whole number of milliseconds, an hour at most")
    caller = Caller(number=_number(given, "from"), speech=_audio(given), hangs_up_after_ms=hangs_up_after_ms)
    return caller, _number(given, "to")


def _number(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not E164.fullmatch(value):
        raise BadCallError(f"'{name}' must be a telephone number such as +15005550001")
    return value


def _audio(given: dict[str, Any]) -> bytes:
    value = given.get("audio")
    if not isinstance(value, str):
        raise BadCallError("'audio' must be the caller's speech: 8 kHz mu-law in base64")
    try:
        audio = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadCallError(f"'audio' is not base64: {exc}") from exc
    if not audio:
        raise BadCallError("'audio' is empty")
    return audio


def _event_json(event: Event) -> dict[str, Any]:
    fields = dataclasses.asdict(event)
    at: datetime = fields.pop("at")
    return {"type": type(event).__name__, "at": at.isoformat(), **fields}
