"""A request becomes the event that API Gateway would make of it, and the handler's answer a response."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from infra.browser import HEADERS, PAGES
from local.lambdas.gateway import app


class Recorder:
    """A handler that keeps its events and gives a set answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        asyncio.get_event_loop()  # Mangum asks for it
        self.events.append(event)
        return self.answer


async def _ask(handler: Recorder, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401
    transport = httpx.ASGITransport(app({"/twilio": handler}))
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        return await client.request(method, path, **request)


async def test_path_query_headers_and_body_arrive_as_they_were_sent() -> None:
    handler = Recorder({"statusCode": 204})
    body = "From=%2B14155550123&Empty="
    headers = {"content-type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "abc="}
    await _ask(handler, "POST", "/twilio/voice?a=%2B1&b=", content=body, headers=headers)
    (event,) = handler.events
    assert event["version"] == "2.0"
    assert event["rawPath"] == "/twilio/voice"
    assert event["rawQueryString"] == "a=%2B1&b="
    assert event["headers"]["x-twilio-signature"] == "abc="
    assert event["requestContext"]["http"]["method"] == "POST"
    assert base64.b64decode(event["body"]).decode() == body


@pytest.mark.parametrize("is_base64", [True, False])
async def test_the_answer_keeps_status_headers_and_body(is_base64: bool) -> None:
    body = base64.b64encode(b"<Response/>").decode() if is_base64 else "<Response/>"
    answer = {"statusCode": 201, "headers": {"content-type": "text/xml"}, "body": body, "isBase64Encoded": is_base64}
    response = await _ask(Recorder(answer), "POST", "/twilio/voice")
    assert response.status_code == 201
    assert response.headers["content-type"] == "text/xml"
    assert response.content == b"<Response/>"


@pytest.mark.parametrize("path", ["/", "/index.html"])
async def test_a_browser_is_shown_the_page_that_cloudfront_shows(path: str) -> None:
    handler = Recorder({"statusCode": 200})
    response = await _ask(handler, "GET", path)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.content == (PAGES / "index.html").read_bytes()
    assert (await _ask(handler, "HEAD", path)).content == b""
    assert handler.events == []


@pytest.mark.parametrize("path", ["/other", "/404.html", "/index.html/x", "/twilio", "/../pyproject.toml"])
async def test_what_is_nobodys_path_is_a_page_that_says_so(path: str) -> None:
    response = await _ask(Recorder({"statusCode": 200}), "GET", path)
    assert (response.status_code, response.headers["cache-control"]) == (404, "no-store")
    assert response.content == (PAGES / "404.html").read_bytes()


async def test_pages_are_there_to_be_read_alone() -> None:
    assert (await _ask(Recorder({"statusCode": 200}), "POST", "/")).status_code == 405


@pytest.mark.parametrize("path", ["/", "/other", "/twilio/voice"])
async def test_every_answer_has_the_headers_that_cloudfront_adds(path: str) -> None:
    response = await _ask(Recorder({"statusCode": 403, "headers": {"x-frame-options": "SAMEORIGIN"}}), "GET", path)
    assert {name: response.headers.get_list(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }


async def test_an_answer_keeps_the_content_policy_of_its_own() -> None:
    own = {"content-security-policy": "default-src 'self'"}
    response = await _ask(Recorder({"statusCode": 200, "headers": own}), "GET", "/twilio/voice")
    assert response.headers.get_list("content-security-policy") == ["default-src 'self'"]
