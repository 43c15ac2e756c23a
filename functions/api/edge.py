"""The outermost edge: headers on every answer, one log line a request, and a problem where a bug would be a blank."""

import time
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.api.problems import problem
from telephony.log import logger

_HEADERS = {
    "Cache-Control": "no-store",  # what is answered is private, and addresses in it are short-lived
    "X-Content-Type-Options": "nosniff",
}


class Edge:
    """Wraps the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.monotonic()
        status: int | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:  # the outermost edge of a request
            logger().error("request-crashed", exc_info=True)
            if status is not None:
                raise  # half an answer is on its way: only the server can still break it off
            await problem(HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send_with_headers)
        took_ms = round((time.monotonic() - began_s) * 1000)
        # The route and not the path, which can hold a token.
        route = getattr(scope.get("route"), "path", "")
        logger().info("request-ended", method=scope["method"], route=route, status=status, took_ms=took_ms)
