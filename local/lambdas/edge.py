"""What CloudFront does before the HTTP API, on loopback: pages for whoever looks in, and headers with every answer."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.browser import CONTENT_SECURITY_POLICY, FRONT, HEADERS, NOT_FOUND, PAGES, addresses


def website() -> Route:
    """Return what answers for all addresses that nothing else answers for."""
    pages = addresses()

    async def serve(request: Request) -> Response:
        path = request.url.path
        page = pages.get(f"/{FRONT}" if path == "/" else path)
        if page is None:
            missing = (PAGES / NOT_FOUND).read_bytes()
            return HTMLResponse(missing, status_code=404, headers={"Cache-Control": "no-store"})
        return HTMLResponse(page.read_bytes())

    return Route("/{rest:path}", serve, methods=["GET", "HEAD"])


class EdgeHeaders:
    """Adds what browsers are told to every answer of *app*."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if name != CONTENT_SECURITY_POLICY or name not in headers:
                        headers[name] = value
            await send(message)

        await self._app(scope, receive, tell)
