"""What becomes of a call whose recogniser fails in one way or another."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from local.deepgram.faults import Faults
from local.deepgram.stamp import stamp
from streamer.recogniser import MAX_GARBAGE
from telephony.credentials import DeepgramCredentials
from telephony.errors import ConfigurationError
from telephony.metrics import Metric
from telephony.streams import MediaStream
from tests.fakes.secrets import FixedSecrets
from tests.unit.streamer.house import LIMIT_S, House, serving, stamped, ticket, until


@pytest.fixture
async def house(caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    async with serving(caplog) as made:
        made.table.tickets.issue(ticket())
        yield made


@dataclass
class NoSecrets(FixedSecrets):
    """Secrets without Deepgram's; `fault` is raised in its place."""

    fault: Exception = field(default_factory=lambda: ConfigurationError("the Deepgram secret lacks api_key"))

    def deepgram(self) -> DeepgramCredentials:
        raise self.fault


async def call(house: House, blocks: int = 20) -> MediaStream:
    """Make a call of stamped sound and return the stream as it was written down at its end."""
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, blocks))
        await phone.stop()
        assert (await phone.closed())[0] == 1000
    await house.written()
    return next(iter(house.table.state.streams.values()))


async def test_a_recogniser_that_opens_late_loses_no_word(house: House) -> None:
    house.deepgram.faults = Faults(open_late_ms=300)
    assert (await call(house, 60)).coverage[0].is_complete
    assert house.words() == stamped(0, 60)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(close_after_ms=3_000, close_reason="see net0000", cuts=1),
        Faults(close_after_ms=3_050, close_code=1000, cuts=5),
        Faults(reset_after_ms=3_000, cuts=2),
        Faults(silent_after_ms=3_000, cuts=1),
        Faults(refuse_handshakes=3, refuse_status=429),
        Faults(refuse_handshakes=1, refuse_status=503),
        Faults(finals_late_ms=300),
        Faults(repeat_results=2, garbage='{"type":'),
    ],
    ids=["closed", "closed five times", "reset twice", "silent", "busy", "unavailable", "late", "garbled"],
)
async def test_a_recogniser_that_fails_and_recovers_costs_no_word(house: House, faults: Faults) -> None:
    house.deepgram.faults = faults
    stream = await call(house, 100)
    assert house.words() == stamped(0, 100)
    assert stream.coverage[0].is_complete
    assert stream.trouble == ""
    assert house.meter.total(Metric.RECOGNISER_FAILED) == 0
    assert house.meter.total(Metric.RECOGNISER_RECONNECTED) == stream.reconnects
    await until(lambda: house.deepgram.open_streams == 0)


async def test_a_recogniser_that_never_recovers_leaves_the_rest_as_a_hole(house: House) -> None:
    house.deepgram.faults = Faults(close_after_ms=3_000, close_reason="see net0000")
    stream = await call(house, 200)
    assert stream.trouble == "inbound: the recogniser closed the connection with 1011 see net0000"
    assert stream.coverage[0].holes
    lost = [each for each in stamped(0, 200) if each not in house.words()]
    assert all(any(hole.start_ms <= start < hole.end_ms for hole in stream.coverage[0].holes) for _, start, _ in lost)
    assert len(lost) + len(house.words()) == 200
    assert house.meter.total(Metric.RECOGNISER_FAILED) == 1


async def test_a_recogniser_that_stays_busy_leaves_a_hole(house: House) -> None:
    house.deepgram.faults = Faults(refuse_handshakes=99, refuse_status=429)
    stream = await call(house)
    assert stream.trouble.startswith("inbound: the recogniser refused with 429")
    assert stream.coverage[0].transcribed_ms == 0


async def test_a_recogniser_that_is_not_there_leaves_a_hole(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and never listens: a port that was let go may be given to a server of this house
        url = f"ws://127.0.0.1:{held.getsockname()[1]}/v1/listen"
        async with serving(caplog, deepgram_url=url) as house:
            house.table.tickets.issue(ticket())
            stream = await call(house)
        assert stream.trouble == "inbound: the recogniser can't be reached: ConnectionRefusedError"


async def test_without_its_secret_a_call_is_counted_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog, secrets=NoSecrets()) as house:
        house.table.tickets.issue(ticket())
        assert (await call(house)).trouble == "inbound: the Deepgram secret lacks api_key"


async def test_a_fault_of_ours_on_the_way_to_the_recogniser_ends_no_call(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog, secrets=NoSecrets(fault=RuntimeError("a bug"))) as house:
        house.expected_errors.add("recogniser-crashed")
        house.table.tickets.issue(ticket())
        assert (await call(house)).trouble == "inbound: an internal error"


async def test_a_recogniser_that_does_not_read_is_given_up_and_the_memory_is_bounded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    never, joined = asyncio.Event(), asyncio.Event()

    async def hold(_peer: ServerConnection) -> None:
        joined.set()
        await never.wait()

    listener = socket.socket()
    # Small and fixed: else the kernel may keep all of the call's sound, and nobody notices that it is not read.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    listener.bind(("127.0.0.1", 0))
    async with serve(hold, sock=listener, close_timeout=0.1):
        with releasing(never):
            url = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/listen"
            async with serving(caplog, deepgram_url=url, max_rate=100_000, stall_s=60, finish_within_s=0.3) as house:
                house.table.tickets.issue(ticket())
                async with house.dial() as phone:
                    await phone.start()
                    await phone.speak(stamp(0, 1))
                    async with asyncio.timeout(LIMIT_S):
                        await joined.wait()
                    for at_s in range(29, 29 * 100, 29):  # each brings 29 s of silence
                        await phone.speak(stamp(0, 1), from_ms=1_000 * at_s)
                    await until(lambda: house.meter.total(Metric.RECOGNISER_RECONNECTED))
                    await phone.stop()
                    assert (await phone.closed())[0] == 1000
                await house.written()
                stream = next(iter(house.table.state.streams.values()))
                assert stream.trouble in {
                    "inbound: the recogniser does not read",
                    "inbound: sound came faster than it may be sent",
                }


@contextmanager
def releasing(event: asyncio.Event) -> Iterator[None]:
    """Set *event* when the block ends, however it does: a server that waits for it would never close."""
    try:
        yield
    finally:
        event.set()


async def test_a_recogniser_that_sends_nothing_but_garbage_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async def babble(peer: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            for _ in range(MAX_GARBAGE):
                await peer.send("[]")
            await peer.wait_closed()

    async with serve(babble, "127.0.0.1", 0, close_timeout=0.1) as babbling:
        url = f"ws://127.0.0.1:{babbling.sockets[0].getsockname()[1]}/v1/listen"
        async with serving(caplog, deepgram_url=url, finish_within_s=1) as house:
            house.table.tickets.issue(ticket())
            assert (await call(house)).trouble == "inbound: the recogniser sends nothing that can be read"
