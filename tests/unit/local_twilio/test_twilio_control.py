"""Phoning in from another process."""

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.twilio.control import BadCallError, read_call
from tests.unit.local_twilio.product import CALLER, OWN, SPEECH, studio

AUDIO = base64.b64encode(SPEECH).decode()
GOOD: dict[str, Any] = {"from": CALLER, "to": OWN, "audio": AUDIO}


async def test_a_call_is_placed_and_can_be_watched() -> None:
    async with studio() as on, aiohttp.ClientSession(on.twilio.base_url) as http:
        on.voice('<Response><Record action="/done"/></Response>')
        async with http.post("/simulator/calls", json=GOOD) as response:
            assert response.status == 202
            sid = (await response.json())["sid"]
        async with asyncio.timeout(10):
            await on.twilio.calls[sid].ended()
            await on.twilio.settled()
        async with http.get(f"/simulator/calls/{sid}") as response:
            shown = await response.json()
    assert (shown["sid"], shown["status"], shown["over"]) == (sid, "completed", True)
    assert shown["events"][0]["type"] == "CallRinging"
    assert shown["events"][0]["from_"] == CALLER
    assert on.webhooks.at("/done")[0].form["RecordingDuration"] == "1"


async def test_bad_input_is_refused_with_the_reason() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        (GOOD | {"from": "anonymous"}, "'from' must be a telephone number"),
        (GOOD | {"to": 15005550006}, "'to' must be a telephone number"),
        (GOOD | {"to": "+15005550007"}, f"nobody here owns the number +15005550007 (numbers: {OWN})"),
        (GOOD | {"audio": "&"}, "'audio' is not base64"),
        (GOOD | {"audio": ""}, "'audio' is empty"),
        (GOOD | {"audio": None}, "'audio' must be"),
        (GOOD | {"hangs_up_after_ms": True}, "'hangs_up_after_ms' must be"),
    ]
    async with studio() as on, aiohttp.ClientSession(on.twilio.base_url) as http:
        on.voice("<Response/>")
        for body, reason in wrong:
            async with http.post("/simulator/calls", json=body) as response:
                assert response.status == 400
                assert reason in (await response.json())["message"]
        async with http.get("/simulator/calls/CA0") as response:
            assert response.status == 404
        assert on.twilio.calls == {}


@pytest.mark.parametrize("content", [b"", b"[", b"[]", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    with pytest.raises(BadCallError):
        read_call("application/json", content)


def test_a_form_is_refused() -> None:
    with pytest.raises(BadCallError, match="content type"):
        read_call("text/plain", json.dumps(GOOD).encode())


FORMS = st.dictionaries(st.sampled_from(sorted(GOOD)), st.text() | st.integers()).map(json.dumps).map(str.encode)


@given(st.binary() | FORMS)
def test_nothing_else_escapes_whatever_is_posted(content: bytes) -> None:
    try:
        read_call("application/json", content)
    except BadCallError:
        return
