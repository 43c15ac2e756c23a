"""Faults on request."""

import asyncio
import time

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from local.deepgram.faults import Faults
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import stamp, word
from tests.unit.local_deepgram.line import KEY, alternative, dial, results, text


@pytest.mark.parametrize("status", [401, 402, 403, 429, 500, 503])
async def test_the_next_handshakes_are_refused_and_then_no_more(server: DeepgramServer, status: int) -> None:
    server.faults = Faults(refuse_handshakes=2, refuse_status=status)
    for _ in range(2):
        with pytest.raises(InvalidStatus) as caught:
            async with dial(server):
                pass
        assert caught.value.response.status_code == status
        assert caught.value.response.headers["dg-error"]
    async with dial(server) as line:
        await line.finish()


async def test_the_next_batch_requests_are_refused_and_then_no_more(server: DeepgramServer) -> None:
    server.faults = Faults(refuse_posts=1, refuse_status=503)
    async with httpx.AsyncClient(base_url=server.base_url, headers={"Authorization": f"Token {KEY}"}) as client:
        url = "/v1/listen?encoding=mulaw&sample_rate=8000"
        assert [(await client.post(url, content=stamp(0, 1))).status_code for _ in range(2)] == [503, 200]


async def test_a_handshake_may_be_answered_late(server: DeepgramServer) -> None:
    server.faults = Faults(open_late_ms=200)
    begun = time.monotonic()
    async with dial(server) as line:
        assert time.monotonic() - begun >= 0.2
        await line.finish()


async def test_a_stream_may_be_closed_after_so_much_audio(server: DeepgramServer) -> None:
    server.faults = Faults(close_after_ms=500, close_code=1011, close_reason="net0000", cuts=1)
    async with dial(server) as line:
        await line.send(stamp(0, 5))
        assert await line.rest() == []
        assert (line.socket.close_code, line.socket.close_reason) == (1011, "net0000")
    async with dial(server) as line:
        await line.send(stamp(0, 10))
        assert (await line.finish())[-1]["type"] == "Metadata"


async def test_after_a_cut_every_handshake_may_be_refused(server: DeepgramServer) -> None:
    server.faults = Faults(close_after_ms=500, cuts=1, is_gone_once_cut=True)
    async with dial(server) as line:
        await line.send(stamp(0, 5))
        assert await line.rest() == []
    for _ in range(2):
        with pytest.raises(InvalidStatus) as caught:
            async with dial(server):
                pass
        assert caught.value.response.status_code == 503


async def test_a_stream_may_be_reset_after_so_much_audio(server: DeepgramServer) -> None:
    server.faults = Faults(reset_after_ms=300)
    async with dial(server) as line:
        await line.send(stamp(0, 3))
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(line.socket.recv(), 5)
        assert caught.value.rcvd is None
        assert isinstance(caught.value.__cause__, ConnectionResetError)


async def test_a_stream_may_fall_silent_and_recover(server: DeepgramServer) -> None:
    server.faults = Faults(silent_after_ms=0)
    async with dial(server) as line:
        await line.send(stamp(0, 10))
        await line.say("Finalize")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.socket.recv(), 0.2)
        server.faults = Faults()
        await line.send(stamp(10, 1))
        assert text(await line.finish()) == word(10)


async def test_results_may_come_more_than_once_and_among_garbage(server: DeepgramServer) -> None:
    server.faults = Faults(repeat_results=1, garbage='{"type":"Nonsense"}')
    async with dial(server) as line:
        await line.send(stamp(0, 1))
        messages = await line.finish()
    assert [message["type"] for message in messages] == ["Nonsense", "Results", "Results", "Metadata"]
    assert {alternative(message)["transcript"] for message in results(messages)} == {word(0)}


async def test_finals_may_come_late_and_what_follows_waits_for_them(server: DeepgramServer) -> None:
    server.faults = Faults(finals_late_ms=200)
    begun = time.monotonic()
    async with dial(server) as line:
        await line.send(stamp(0, 1))
        messages = await line.finish()
        assert time.monotonic() - begun >= 0.2
    assert [message["type"] for message in messages] == ["Results", "Metadata"]
    assert text(messages) == word(0)


async def test_only_so_many_streams_may_fall_silent(server: DeepgramServer) -> None:
    server.faults = Faults(silent_after_ms=100, cuts=1)
    async with dial(server) as line:
        await line.send(stamp(0, 10))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.socket.recv(), 0.2)
    async with dial(server) as line:
        await line.send(stamp(0, 1))
        assert text(await line.finish()) == word(0)


async def test_another_process_may_order_faults_and_look_at_the_state(server: DeepgramServer) -> None:
    async with httpx.AsyncClient(base_url=server.base_url) as client:
        assert (await client.put("/simulator/faults", json={"refuse_handshakes": 1})).status_code == 204
        assert server.faults == Faults(refuse_handshakes=1)
        for wrong in ("[", "[]", '{"colour":"red"}'):
            assert (await client.put("/simulator/faults", content=wrong)).status_code == 400
        with pytest.raises(InvalidStatus):
            async with dial(server):
                pass
        async with dial(server) as line:
            assert (await client.get("/simulator/state")).json() == {
                "open_streams": 1,
                "streams": 1,
                "posts": 0,
                "spoken": 0,
            }
            await line.finish()
