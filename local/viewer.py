"""Watches a call's live text the way any program would: a ticket from the API, then the captions socket."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
from websockets.asyncio.client import connect


@dataclass(frozen=True, slots=True)
class Caption:
    """Live text of one track; an interim replaces the one before it."""

    is_final: bool
    track: str
    text: str


async def captions(api: httpx.AsyncClient, call_sid: str) -> AsyncIterator[Caption]:
    """Yield the call's live text until the call ends. Raises: httpx.HTTPError if there is no ticket to be had."""
    answer = (await api.post(f"/api/calls/{call_sid}/captions")).raise_for_status().json()
    async with connect(answer["url"], compression=None, proxy=None) as socket:
        await socket.send(json.dumps({"ticket": answer["ticket"]}))
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "end":
                return
            yield Caption(message["type"] == "final", message["track"], message["text"])
