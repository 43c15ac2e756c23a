"""Captions on the wire: a ticket goes in first, then come the words."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from local.deepgram.stamp import stamp, word
from streamer.captions import MAX_VIEWERS
from telephony.streams import TicketPurpose
from tests.unit.streamer.house import LIMIT_S, House, serving, ticket, until


@pytest.fixture
async def house(caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    async with serving(caplog) as made:
        yield made


def admit_viewer(house: House, ticket_id: str) -> str:
    house.table.tickets.issue(ticket(ticket_id, purpose=TicketPurpose.CAPTIONS))
    return json.dumps({"ticket": ticket_id})


async def shown(socket: ClientConnection) -> list[dict[str, Any]]:
    """Return all that a viewer is shown until it is told that the call is over."""
    messages: list[dict[str, Any]] = []
    async with asyncio.timeout(LIMIT_S):
        while not messages or messages[-1]["type"] != "end":
            messages.append(json.loads(await socket.recv()))
    return messages


async def test_a_viewer_sees_the_words_as_they_come_and_then_the_end(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial("/captions", signature=None) as viewer, house.dial() as phone:
        await viewer.socket.send(admit_viewer(house, "V1"))
        await until(lambda: "V1" in house.table.state.used_tickets)
        await phone.start()
        await phone.speak(stamp(0, 100))
        await phone.stop()
        messages = await shown(viewer.socket)
        assert await viewer.closed() == (1000, "")
    finals = [each for each in messages if each["type"] == "final"]
    assert " ".join(each["text"] for each in finals) == " ".join(word(number) for number in range(100))
    assert {each["track"] for each in finals} == {"inbound"}
    assert any(each["type"] == "interim" for each in messages)


@pytest.mark.parametrize(
    "message",
    [
        '{"ticket":"nobody\'s"}',
        '{"ticket":"used"}',
        '{"ticket":"expired"}',
        '{"ticket":"a stream\'s"}',
        '{"ticket":7}',
        "{}",
        "[]",
        "null",
        "not JSON",
    ],
)
async def test_a_viewer_without_a_good_ticket_is_closed(house: House, message: str) -> None:
    house.table.tickets.issue(ticket("a stream's"))
    captions = TicketPurpose.CAPTIONS
    used = ticket("used", purpose=captions)
    house.table.tickets.issue(used)
    house.table.tickets.claim(used.id, captions, None, used.expires_at - timedelta(seconds=30))
    house.table.tickets.issue(ticket("expired", purpose=captions, lifetime=timedelta(seconds=-1)))
    async with house.dial("/captions", signature=None) as viewer:
        await viewer.socket.send(message)
        assert await viewer.closed() == (1008, "ticket refused")


async def test_a_viewer_that_goes_away_disturbs_nobody(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        async with house.dial("/captions", signature=None) as viewer:
            await viewer.socket.send(admit_viewer(house, "V1"))
            await until(lambda: "V1" in house.table.state.used_tickets)
            await phone.start()
            await phone.speak(stamp(0, 20))
            async with asyncio.timeout(LIMIT_S):
                await viewer.socket.recv()
            viewer.socket.transport.abort()
        await phone.speak(stamp(20, 20), from_ms=2_000)
        await phone.stop()
        await phone.closed()
    assert (await house.written()).is_complete


async def test_a_viewer_that_sends_more_than_its_ticket_is_not_listened_to(house: House) -> None:
    async with house.dial("/captions", signature=None) as viewer:
        await viewer.socket.send(admit_viewer(house, "V1"))
        await viewer.socket.send('{"ticket":"V2"}')
        await viewer.socket.send(b"\x00")
        await until(lambda: "V1" in house.table.state.used_tickets)
        viewer.socket.transport.write(b"\x88\x80" + bytes(4))  # a close frame without a code
        assert (await viewer.closed())[0] == 1000


async def test_of_too_many_viewers_the_last_is_asked_to_come_again(house: House) -> None:
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        full, done = asyncio.Barrier(MAX_VIEWERS + 1), asyncio.Event()

        async def watch(number: int) -> None:
            async with house.dial("/captions", signature=None) as viewer:
                await viewer.socket.send(admit_viewer(house, f"V{number}"))
                await until(lambda: f"V{number}" in house.table.state.used_tickets)
                await viewer.socket.ping()
                await full.wait()
                await done.wait()

        for number in range(MAX_VIEWERS):
            tasks.create_task(watch(number))
        await full.wait()
        async with house.dial("/captions", signature=None) as late:
            await late.socket.send(admit_viewer(house, "late"))
            with pytest.raises(ConnectionClosed):
                await late.socket.recv()
            assert late.socket.close_code == 1013
        done.set()
