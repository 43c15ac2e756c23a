"""One connection to a recogniser: what is asked for, what is made of each answer, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from picows import WSMsgType
from websockets.asyncio.server import Server, ServerConnection, serve

from local.deepgram.faults import Faults
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import StampedRecogniser, stamp
from streamer.failure import Failure
from streamer.recogniser import MAX_GARBAGE, MAX_REASON, MAX_UNSENT_BYTES
from telephony.mailboxes import Listening
from telephony.wire import deepgram
from telephony.wire.deepgram import CLOSE_STREAM, Metadata, Results
from tests.unit.streamer.house import KEY, LIMIT_S, until
from tests.unit.streamer.line import RESULTS, Line
from tests.unit.streamer.peer import Peer, listening


@pytest.fixture
async def server() -> AsyncIterator[DeepgramServer]:
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys=[KEY]) as running:
        yield running


def live(base: str) -> str:
    return deepgram.live_url(f"{base}/v1/listen", Listening())


async def answered(answer: Callable[[Peer], Awaitable[None]], within_s: float = LIMIT_S) -> Line:
    """Return what comes of a connection to a peer that answers so."""
    line = Line()
    async with listening(answer) as url:
        await line.run(url, within_s=within_s)
    return line


@asynccontextmanager
async def served(handler: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[tuple[Server, str]]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.1) as running:
        yield running, f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def connected(line: Line, url: str) -> AsyncIterator[asyncio.Task[None]]:
    """Have the connection open while the block runs, and hang up then."""
    running = asyncio.create_task(line.run(url))
    try:
        await until(lambda: line.opened)
        yield running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.mark.parametrize(
    ("status", "is_permanent", "said"),
    [
        (400, True, "No such model/language/tier combination found."),
        (401, True, "Invalid credentials."),
        (402, True, "not have enough credits"),
        (403, True, "does not have access to the requested model."),
        (404, True, "Not found."),
        (429, False, "Too many requests."),
        (500, False, "could not be served"),
        (503, False, "could not be served"),
    ],
)
async def test_a_refusal_is_told_in_deepgrams_words_and_is_permanent_where_the_same_request_would_meet_it_again(
    server: DeepgramServer, status: int, is_permanent: bool, said: str
) -> None:
    server.faults = Faults(refuse_handshakes=1, refuse_status=status)
    line = Line()
    await line.run(live(server.ws_url))
    assert line.failure.trouble.startswith(f"the recogniser refused with {status} ")
    assert said in line.failure.trouble
    assert line.failure.is_permanent is is_permanent
    assert not line.opened


async def test_a_wrong_key_is_refused_for_good(server: DeepgramServer) -> None:
    line = Line()
    await line.run(live(server.ws_url), key="another")
    assert line.failure == Failure("the recogniser refused with 401 Invalid credentials.", is_permanent=True)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (b"HTTP/1.1 529 Site is overloaded\r\n\r\n", "the recogniser refused with 529"),
        (b"HTTP/1.1 401\r\n\r\n", "the recogniser refused with 401"),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", "the recogniser refused with 503"),
        (b"HTTP/1.1 400 Bad\r\ndg-error: caf\xc3\xa9\r\n\r\n", "the recogniser refused with 400 caf??"),
        (b"HTTP/1.1 400 Bad\r\ndg-error: " + b"x" * 999 + b"\r\n\r\n", f"the recogniser refused with 400 {'x' * 256}"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "the recogniser can't be reached: WSInvalidUpgradeError"),
        (b"SSH-2.0\r\n\r\n", "the recogniser can't be reached: WSInvalidMessageError"),
        (b"", "the recogniser can't be reached: ConnectionResetError"),
    ],
)
async def test_whatever_answers_is_told_within_bounds(answer: bytes, trouble: str) -> None:
    async def reply(peer: Peer) -> None:
        peer.say(answer)

    assert MAX_REASON == 256
    assert (await answered(reply)).failure.trouble == trouble


async def test_a_redirect_is_not_followed_for_the_key_is_for_one_address() -> None:
    requests: list[bytes] = []

    async def elsewhere(peer: Peer) -> None:
        requests.append(peer.request)

    async with listening(elsewhere) as other:

        async def redirect(peer: Peer) -> None:
            peer.say(b"HTTP/1.1 302 Found\r\nLocation: " + other.encode() + b"\r\n\r\n")

        line = await answered(redirect)
    assert line.failure == Failure("the recogniser refused with 302")
    assert not requests


async def test_one_that_does_not_answer_in_time_is_given_up_and_not_listened_to_if_it_answers_later() -> None:
    late = asyncio.Event()

    async def dawdle(peer: Peer) -> None:
        await late.wait()
        peer.upgrade()
        await peer.gone()

    line = Line()
    async with listening(dawdle) as url:
        await line.run(url, within_s=0.5)
        assert line.failure == Failure("the recogniser can't be reached: TimeoutError")
        late.set()
    assert not line.opened


async def test_hanging_up_before_it_has_answered_says_nothing_more() -> None:
    asked, late = asyncio.Event(), asyncio.Event()

    async def dawdle(peer: Peer) -> None:
        asked.set()
        await late.wait()
        peer.upgrade()
        await peer.gone()

    line = Line()
    async with listening(dawdle) as url:
        running = asyncio.create_task(line.run(url))
        await asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        late.set()
    assert not line.opened
    assert not line.failures


async def test_the_key_goes_in_a_header_and_no_compression_is_offered() -> None:
    seen: list[ServerConnection] = []

    async def look(peer: ServerConnection) -> None:
        seen.append(peer)

    line = Line()
    async with served(look) as (_, url):
        await line.run(f"{url}/v1/listen?model=nova-3")
    assert seen[0].request is not None
    assert seen[0].request.path == "/v1/listen?model=nova-3"
    assert seen[0].request.headers["Authorization"] == f"Token {KEY}"
    assert "Sec-WebSocket-Extensions" not in seen[0].request.headers
    assert "User-Agent" not in seen[0].request.headers


async def test_sound_and_controls_arrive_in_their_order_and_results_come_back(server: DeepgramServer) -> None:
    line = Line()
    async with connected(line, live(server.ws_url)) as running:
        line.recogniser.send(stamp(0, 10))
        line.recogniser.send(CLOSE_STREAM)
        await running
    assert isinstance(line.heard[-2], Results)
    assert line.heard[-1] == Metadata(1_000)
    assert line.failure == Failure("the recogniser closed the connection with 1000")


@pytest.mark.parametrize(
    ("payload", "trouble"),
    [
        (b"\x03\xf3NET-0001", "1011 NET-0001"),
        (b"\x0f\xa8slow down", "4008 slow down"),
        (b"\x03\xe8", "1000"),
        (b"", "no"),
    ],
)
async def test_a_close_is_answered_and_its_code_and_reason_are_told(payload: bytes, trouble: str) -> None:
    sent = bytearray()

    async def close(peer: Peer) -> None:
        peer.upgrade()
        peer.frame(WSMsgType.TEXT, RESULTS)
        peer.frame(WSMsgType.CLOSE, payload)
        sent.extend(await peer.gone())

    line = await answered(close)
    assert line.failure.trouble == f"the recogniser closed the connection with {trouble}"
    assert len(line.heard) == 1
    assert sent[0] == 0x88


async def test_a_connection_that_is_lost_has_no_reason() -> None:
    async def vanish(peer: Peer) -> None:
        peer.upgrade()

    assert (await answered(vanish)).failure == Failure("the recogniser closed the connection with no reason")


async def test_a_message_in_several_frames_is_one_message() -> None:
    async def stammer(peer: Peer) -> None:
        peer.upgrade()
        peer.frame(WSMsgType.TEXT, RESULTS[:10], fin=False)
        peer.frame(WSMsgType.CONTINUATION, RESULTS[10:200], fin=False)
        peer.frame(WSMsgType.PING, b"still there?")
        peer.frame(WSMsgType.CONTINUATION, RESULTS[200:])

    assert (await answered(stammer)).heard == [deepgram.parse(RESULTS)]


async def test_a_message_that_never_ends_is_not_kept() -> None:
    async def drone(peer: Peer) -> None:
        peer.upgrade()
        peer.frame(WSMsgType.TEXT, bytes(60_000), fin=False)
        for _ in range(18 * MAX_GARBAGE):
            peer.frame(WSMsgType.CONTINUATION, bytes(60_000), fin=False)
        await peer.gone()

    line = await answered(drone)
    assert line.failure.trouble == "the recogniser sends nothing that can be read"
    assert not line.heard


async def test_what_comes_after_it_was_given_up_is_not_listened_to() -> None:
    async def babble(peer: Peer) -> None:
        peer.upgrade()
        for _ in range(MAX_GARBAGE):
            peer.frame(WSMsgType.TEXT, b"[]")
        peer.frame(WSMsgType.TEXT, RESULTS)
        await peer.gone()

    line = await answered(babble)
    assert line.failure.trouble == "the recogniser sends nothing that can be read"
    assert not line.heard


async def test_one_that_breaks_the_protocol_is_left() -> None:
    async def mask(peer: Peer) -> None:
        peer.upgrade()
        peer.frame(WSMsgType.TEXT, RESULTS, mask=True)
        await peer.gone()

    line = await answered(mask)
    assert line.failure.trouble.startswith("the recogniser broke the protocol: Received masked frame")
    assert not line.failure.is_permanent


async def test_its_pings_are_answered_and_its_pongs_are_no_news() -> None:
    async def ping(peer: ServerConnection) -> None:
        await peer.pong()
        await (await peer.ping())

    line = Line()
    async with served(ping) as (_, url):
        await line.run(url)
    assert line.failure.trouble == "the recogniser closed the connection with 1000"


async def test_hanging_up_closes_the_connection_as_it_should_be() -> None:
    codes: list[int | None] = []

    async def wait(peer: ServerConnection) -> None:
        await peer.wait_closed()
        codes.append(peer.close_code)

    line = Line()
    async with served(wait) as (_, url):
        async with connected(line, url):
            pass
        await until(lambda: codes)
    assert codes == [1000]
    assert not line.failures


async def test_one_that_does_not_read_is_noticed_before_much_waits_for_it() -> None:
    never = asyncio.Event()

    async def hold(peer: Peer) -> None:
        peer.upgrade()
        await never.wait()
        await peer.gone()

    line = Line()
    async with listening(hold) as url, connected(line, url):
        with pytest.raises(BufferError):  # noqa: PT012 - the kernel takes some, and nobody knows how much
            for _ in range(1_000):
                line.recogniser.send(bytes(100_000))
        transport = line.recogniser._transport  # noqa: SLF001 - what waits is seen nowhere else
        assert transport is not None
        assert transport.underlying_transport.get_write_buffer_size() <= MAX_UNSENT_BYTES + 100_014
        never.set()
        await until(lambda: transport.underlying_transport.get_write_buffer_size() == 0)
        line.recogniser.send(b"more")


async def test_a_fault_of_ours_comes_out_of_the_connection_it_happened_in() -> None:
    async def talk(peer: Peer) -> None:
        peer.upgrade()
        peer.frame(WSMsgType.TEXT, RESULTS)
        await peer.gone()

    line = Line(fault=RuntimeError("a bug"))
    async with listening(talk) as url:
        with pytest.raises(RuntimeError, match="a bug"):
            await line.run(url)
    assert not line.failures
