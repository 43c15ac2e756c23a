"""API Gateway's HTTP API on loopback, behind what CloudFront adds: a request is an event of payload format 2.0.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
"""

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.lambdas.edge import EdgeHeaders, website

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

MAX_BODY_BYTES = 10 * 1024 * 1024
"""API Gateway takes no more."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True, slots=True)
class Context:
    """What of Lambda's context object an adapter may look at."""

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int = 512


def app(routes: Mapping[str, Handler], more: tuple[Route, ...] = ()) -> Starlette:
    """Return an application that hands requests to the handler whose path prefix they have, and else shows pages."""
    handlers = (_route(prefix, handler) for prefix, handler in routes.items())
    return Starlette(routes=[*more, *handlers, website()], middleware=[Middleware(EdgeHeaders)])


def _route(prefix: str, handler: Handler) -> Route:
    async def serve(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            return Response(status_code=413)
        context = Context(prefix, str(uuid4()))
        return response(await asyncio.to_thread(_invoke, handler, event(request, body), context))

    return Route(f"{prefix}/{{rest:path}}", serve, methods=METHODS)


def _invoke(handler: Handler, event: dict[str, Any], context: Context) -> dict[str, Any]:
    # In Lambda a handler runs in the main thread, where Mangum finds an event loop.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return handler(event, context)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def event(request: Request, body: bytes) -> dict[str, Any]:
    """Return the event that API Gateway would make of *request*."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raw_path = request.scope["raw_path"].decode("ascii")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": request.scope["query_string"].decode("ascii"),
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": headers.get("host", ""),
            "http": {
                "method": request.method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.client.host if request.client else "127.0.0.1",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid4()),
            "stage": "$default",
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": True,
        "body": base64.b64encode(body).decode("ascii"),
    }
    return event


def response(answer: dict[str, Any]) -> Response:
    """Return the response that API Gateway would make of a handler's *answer*."""
    text = answer.get("body") or ""
    content = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
    made = Response(content, status_code=int(answer["statusCode"]))
    for name, value in (answer.get("headers") or {}).items():
        made.headers[name] = value
    for cookie in answer.get("cookies") or []:
        made.headers.append("set-cookie", cookie)
    return made
