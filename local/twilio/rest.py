"""What all resources of the REST API share: who may call, how forms are read, and how errors and lists look.

Source: https://www.twilio.com/docs/usage/twilios-response
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.twilio.exchange import Exchange

ACCOUNT_PATH = "/2010-04-01/Accounts/{account}"
MAX_FORM_BYTES = 64 * 1024
MAX_PAGE_SIZE = 1_000

Form = dict[str, str]
Json = dict[str, Any]  # the shape is Twilio's, and the twilio library is its only reader
Handler = Callable[[Request, Form], Awaitable[Response]]


class RestError(Exception):
    """A request that Twilio refuses with *status* and its own *code*."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """Return the JSON body that the twilio library makes its exception of."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else None  # noqa: PLR2004 - HTTP's
        return JSONResponse(body, status_code=self.status, headers=headers)


def not_found(request: Request) -> RestError:
    """Return Twilio's error for a resource that it does not have."""
    return RestError(404, 20_404, f"The requested resource {request.url.path} was not found")


@dataclass(slots=True)
class RestGate:
    """The door of the API: Basic auth, our one account, and as many refusals as were ordered."""

    exchange: Exchange
    refusals: int = field(default=0)
    """How many of the next requests are answered with *refusal_status*."""
    refusal_status: int = field(default=429)
    refusal_path: str = field(default="")
    """What the path of a refused request holds; other requests are let through, and not counted."""

    def route(self, path: str, handler: Handler, method: str) -> Route:
        """Return a route below the account's path that lets only admitted requests through to *handler*."""

        async def endpoint(request: Request) -> Response:
            try:
                self._admit(request)
                return await handler(request, await read_form(request))
            except RestError as exc:
                return exc.response()

        return Route(ACCOUNT_PATH + path, endpoint, methods=[method])

    def nowhere(self) -> list[Route]:
        """Return what answers every other path below the account's. It belongs behind all other routes."""
        return [self.route("/{rest:path}", _nowhere, method) for method in ("GET", "POST", "DELETE")]

    def _admit(self, request: Request) -> None:
        if not self.exchange.account.admits(request.headers.get("Authorization")):
            raise RestError(401, 20_003, "Authenticate")
        if request.path_params["account"] != self.exchange.account.sid:
            raise not_found(request)
        if self.refusals and self.refusal_path in request.url.path:
            self.refusals -= 1
            raise RestError(self.refusal_status, 20_000 + self.refusal_status, "Refused, as was ordered")


async def _nowhere(request: Request, _: Form) -> Response:
    raise not_found(request)


async def read_form(request: Request) -> Form:
    """Return the parameters of the query and the form. Raises: RestError."""
    content = await read_body(request, MAX_FORM_BYTES)
    try:
        return dict(parse_qsl(request.url.query)) | dict(parse_qsl(content.decode(), keep_blank_values=True))
    except ValueError as exc:
        raise RestError(400, 20_001, "the form is not UTF-8") from exc


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the whole body. Raises: RestError when it is over *max_bytes*."""
    content = b""
    async with aclosing(request.stream()) as pieces:
        async for piece in pieces:
            content += piece
            if len(content) > max_bytes:
                raise RestError(413, 20_001, f"the body is over {max_bytes} bytes")
    return content


def page(request: Request, form: Form, name: str, items: Sequence[Json]) -> Response:
    """Return the page of *items* that the request asks for, with the links that the twilio library follows."""
    size = min(max(_number(form.get("PageSize"), 50), 1), MAX_PAGE_SIZE)
    number = _number(form.get("Page"), 0)
    start = number * size
    shown = items[start : start + size]

    def link(to: int) -> str:
        query = {key: value for key, value in form.items() if key != "PageToken"}
        return f"{request.url.path}?{urlencode(query | {'PageSize': size, 'Page': to})}"

    return JSONResponse(
        {
            name: list(shown),
            "page": number,
            "page_size": size,
            "start": start,
            "end": max(start, start + len(shown) - 1),
            "uri": link(number),
            "first_page_uri": link(0),
            "next_page_uri": link(number + 1) if start + size < len(items) else None,
            "previous_page_uri": link(number - 1) if number else None,
        }
    )


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 7 else default  # noqa: PLR2004 - digits
