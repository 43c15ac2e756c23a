"""A load test asks first, has a ceiling, and leaves nothing behind."""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

from local.aws.resources import make_table
from operations.errors import OperationError
from operations.load import MOST_STREAMS, LoadTest, TableEraser
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from telephony.calls import CallSid
from tests.contract.stores.backends import any_call_sid, any_stream, any_ticket, any_utterance
from tests.fakes.table import MemoryTable
from tests.fakes.terminal import ScriptedTerminal


class _Far(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT and b'"stop"' in frame.get_payload_as_bytes():
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()


@contextmanager
def far() -> Iterator[str]:
    """Serve streams in a thread of its own, and give the address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(ws_create_server(lambda _: _Far(), "127.0.0.1", 0), loop).result(10)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(server.wait_closed(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def load_test(url: str, terminal: ScriptedTerminal, erased: list[str]) -> LoadTest:
    def erase(partitions: Iterable[str]) -> int:
        erased.extend(partitions)
        return len(erased)

    return LoadTest(url, "token", MemoryTable().tickets, erase, terminal)


def test_what_it_may_cost_is_said_before_anything_is_opened() -> None:
    terminal = ScriptedTerminal()
    with pytest.raises(OperationError, match="nothing was opened"):
        load_test("wss://calls.example.test/media", terminal, []).run(10, 60)
    assert "0.08 dollars" in terminal.text


@pytest.mark.parametrize(("streams", "seconds"), [(0, 10), (MOST_STREAMS + 1, 10), (1, 0), (1, 100_000)])
def test_there_is_a_ceiling(streams: int, seconds: int) -> None:
    with pytest.raises(OperationError, match="streams for"):
        load_test("wss://calls.example.test/media", ScriptedTerminal({"Go on": "yes"}), []).run(streams, seconds)


def test_streams_are_held_and_all_that_they_left_is_taken_away() -> None:
    terminal, erased = ScriptedTerminal({"Go on": "yes"}), list[str]()
    with far() as url:
        assert load_test(url, terminal, erased).run(3, 1)
    assert "3 of 3 streams were opened, 0 refused, 0 lost" in terminal.text
    assert sorted(each.partition("#")[0] for each in erased) == ["CALL"] * 3 + ["TICKET"] * 3


def test_streams_that_are_refused_fail_the_test() -> None:
    terminal, erased = ScriptedTerminal({"Go on": "yes"}), list[str]()
    assert not load_test("ws://127.0.0.1:9/media", terminal, erased).run(1, 1)
    assert "0 of 1 streams were opened, 1 refused" in terminal.text
    assert len(erased) == 2


def test_the_eraser_takes_partitions_and_leaves_the_rest() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1", config=CONFIG)
        make_table(client, "calls")
        stores = Stores.of(client, "calls")
        made_up, real = any_call_sid(), any_call_sid()
        for call_sid in (made_up, real):
            stores.transcripts.save([any_stream(call_sid)], [any_utterance(call_sid, 100 * at) for at in range(40)])
        ticket = any_ticket(made_up)
        stores.tickets.issue(ticket)
        taken = TableEraser(client, "calls")([f"CALL#{made_up}", f"TICKET#{ticket.id}", "CALL#none"])
        assert taken == 42
        assert stores.transcripts.transcript(made_up).utterances == ()
        assert len(stores.transcripts.transcript(CallSid(real)).utterances) == 40
        client.close()
