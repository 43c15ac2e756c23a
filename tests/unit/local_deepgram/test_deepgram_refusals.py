"""Requests the server refuses, live and batch: the status, the headers and the body say why."""

import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from local.deepgram.server import DeepgramServer
from local.deepgram.settings import Settings
from local.deepgram.stamp import StampedRecogniser
from tests.unit.local_deepgram.line import KEY, dial

AUTH = {"Authorization": f"Token {KEY}"}
PATH = "/v1/listen?encoding=mulaw&sample_rate=8000"


async def refused(server: DeepgramServer, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Open a stream that is refused; return the status and the body, having checked the headers against it."""
    with pytest.raises(InvalidStatus) as caught:
        async with connect(f"{server.ws_url}{path}", additional_headers=headers):
            pass
    response = caught.value.response
    body: dict[str, str] = json.loads(response.body or b"")
    assert response.headers["dg-request-id"] == body["request_id"]
    assert response.headers["dg-error"] == body["err_msg"]
    assert response.headers["content-type"] == "application/json"
    return response.status_code, body


@pytest.mark.parametrize(
    "authorization", ["", "Token", "Token wrong", f"Bearer {KEY}", "Token a token", f"Basic {KEY}", KEY]
)
async def test_wrong_credentials_are_401(server: DeepgramServer, authorization: str) -> None:
    status, body = await refused(server, PATH, {"Authorization": authorization} if authorization else {})
    assert (status, body["err_code"], body["err_msg"]) == (401, "INVALID_AUTH", "Invalid credentials.")
    async with httpx.AsyncClient(base_url=server.base_url) as client:
        answer = await client.post("/v1/listen", content=b"x", headers={"Authorization": authorization})
    assert (answer.status_code, answer.headers["dg-error"]) == (401, "Invalid credentials.")


@pytest.mark.parametrize("authorization", [f"Token {KEY}", f"token {KEY}", "Bearer a token", "bearer a token"])
async def test_good_credentials_are_taken_whatever_the_case_of_the_scheme(
    server: DeepgramServer, authorization: str
) -> None:
    async with connect(server.ws_url + PATH, additional_headers={"Authorization": authorization}) as socket:
        assert socket.response is not None
        assert socket.response.headers["dg-request-id"]


async def test_a_pair_of_subprotocols_may_carry_the_key() -> None:
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys={"secret"}) as server:
        offered = [Subprotocol("token"), Subprotocol("secret")]
        async with connect(server.ws_url + PATH, subprotocols=offered) as socket:
            assert socket.subprotocol == "token"
        with pytest.raises(InvalidStatus):
            async with connect(server.ws_url + PATH, subprotocols=[Subprotocol("token"), Subprotocol("wrong")]):
                pass


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("encoding=opus&sample_rate=8000", "INVALID_QUERY_PARAMETER"),
        ("encoding=mulaw", "INVALID_QUERY_PARAMETER"),
        ("encoding=mulaw&sample_rate=fast", "INVALID_QUERY_PARAMETER"),
        ("utterance_end_ms=1000", "INVALID_QUERY_PARAMETER"),
        ("utterance_end_ms=999&interim_results=true", "INVALID_QUERY_PARAMETER"),
        ("interim_results=maybe", "INVALID_QUERY_PARAMETER"),
        ("endpointing=soon", "INVALID_QUERY_PARAMETER"),
        ("channels=21", "INVALID_QUERY_PARAMETER"),
        ("model=nova-2&keyterm=acme", "INVALID_QUERY_PARAMETER"),
        ("model=nova-3&keyterm=" + "word+" * 501, "INVALID_QUERY_PARAMETER"),
        ("utt_split=nan", "INVALID_QUERY_PARAMETER"),
        ("utt_split=often", "INVALID_QUERY_PARAMETER"),
        ("model=flux-general-en", "Bad Request"),
        ("model=nova-9", "Bad Request"),
        ("language=de", "Bad Request"),
        ("language=en_US", "Bad Request"),
    ],
)
async def test_a_query_that_cannot_be_served_is_400(server: DeepgramServer, query: str, code: str) -> None:
    status, body = await refused(server, f"/v1/listen?{query}", AUTH)
    assert (status, body["err_code"]) == (400, code)


async def test_parameters_without_effect_are_taken_and_logged(
    server: DeepgramServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with dial(server, diarize="true", keyterm=["acme", "widget"], no_such_thing="1", language="en-GB"):
        logged = {(record.message, record.__dict__.get("parameter")) for record in caplog.records}
    assert {
        ("parameter-without-effect", "diarize"),
        ("parameter-without-effect", "keyterm"),
        ("unknown-parameter", "no_such_thing"),
    } == {one for one in logged if one[1]}


@pytest.mark.parametrize("path", ["/v1/nothing", "/", "/v1/listen/more"])
async def test_another_path_is_404(server: DeepgramServer, path: str) -> None:
    status, body = await refused(server, path, AUTH)
    assert (status, body["err_code"]) == (404, "NOT_FOUND")
    async with httpx.AsyncClient(base_url=server.base_url) as client:
        answer = await client.post(path, headers=AUTH)
    assert (answer.status_code, answer.headers["dg-error"]) == (404, "Not found.")


async def test_one_stream_too_many_is_429_until_another_ends() -> None:
    settings = Settings(max_streams=1)
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, settings=settings) as server:
        async with dial(server) as line:
            assert server.open_streams == 1
            status, body = await refused(server, PATH, AUTH)
            assert (status, body["err_code"]) == (429, "TOO_MANY_REQUESTS")
            await line.finish()
        async with dial(server) as line:
            await line.finish()
