"""The load generator speaks as Twilio does, keeps its pace, and says what became of its streams."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    ws_create_server,
)
from picows import WSUpgradeResponseWithListener as Upgrade

from local.load.frames import FRAME_BYTES, FRAME_MS, read_stamps
from local.load.generator import Admission, Generator
from telephony.wire import media_streams
from telephony.wire.media_streams import Connected, Media, Message, Start, Stop
from tests.unit.streamer.house import until

LIMIT_S = 10


@dataclass
class Far:
    """A server that keeps what each stream said.

    Attributes:
        breaks_off_after: how many messages a stream may say; None for any number.
        refuses: whether nobody is let in.
    """

    heard: list[list[Message]] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    breaks_off_after: int | None = None
    refuses: bool = False

    def accept(self, request: WSUpgradeRequest) -> "WSListener | Upgrade":
        if self.refuses:
            return Upgrade(WSUpgradeResponse.create_error_response(403, b"no"), None)
        self.signatures.append(request.headers["X-Twilio-Signature"])
        return _Listener(self)


class _Listener(WSListener):
    def __init__(self, far: Far) -> None:
        self._far = far
        self._heard: list[Message] = []
        far.heard.append(self._heard)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        message = media_streams.parse(frame.get_payload_as_bytes())
        self._heard.append(message)
        if isinstance(message, Stop) or len(self._heard) == self._far.breaks_off_after:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()


@asynccontextmanager
async def serving(far: Far) -> AsyncIterator[str]:
    server = await ws_create_server(far.accept, "127.0.0.1", 0)
    async with server, asyncio.timeout(LIMIT_S):
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"


def admit() -> Admission:
    return Admission("CA" + "0" * 32, {"X-Twilio-Signature": "signed"}, {"ticket": "T"})


async def test_each_stream_says_what_twilio_would_in_order() -> None:
    far = Far()
    async with serving(far) as url:
        generator = Generator(url, admit)
        await generator.open(3)
        await until(lambda: len(far.heard) == 3 and all(len(each) >= 12 for each in far.heard))
        await generator.close()
    assert far.signatures == ["signed"] * 3
    for connected, start, *media, stop in far.heard:
        assert isinstance(connected, Connected)
        assert isinstance(start, Start)
        assert start.parameters == {"ticket": "T"}
        assert isinstance(stop, Stop)
        chunks = [each for each in media if isinstance(each, Media)]
        assert len(chunks) == len(media)
        assert [each.sequence for each in chunks] == list(range(2, len(media) + 2))
        assert [each.at_ms for each in chunks] == [FRAME_MS * number for number in range(len(media))]
        assert {len(each.audio) for each in chunks} == {FRAME_BYTES}
    assert generator.load.streams == 3
    assert generator.load.frames == sum(len(each) - 3 for each in far.heard)
    assert generator.load.troubles == []


async def test_the_sound_says_which_frame_it_is_and_when_it_was_sent() -> None:
    far = Far()
    async with serving(far) as url:
        generator = Generator(url, admit)
        await generator.open(1)
        await until(lambda: far.heard and len(far.heard[0]) >= 8)
        await generator.close()
    sound = b"".join(each.audio for each in far.heard[0] if isinstance(each, Media))
    stamps = read_stamps(sound)
    assert [number for number, _ in stamps] == list(range(len(sound) // FRAME_BYTES))
    times = [sent_ns for _, sent_ns in stamps]
    assert times == sorted(times)


async def test_a_stream_that_breaks_off_is_lost() -> None:
    far = Far(breaks_off_after=5)
    async with serving(far) as url:
        generator = Generator(url, admit)
        await generator.open(2)
        await until(lambda: generator.load.lost == 2)
        await generator.close()
    assert (generator.load.streams, generator.load.lost, generator.load.refused) == (2, 2, 0)


async def test_a_stream_that_is_not_let_in_is_refused_and_says_why() -> None:
    async with serving(Far(refuses=True)) as url:
        generator = Generator(url, admit)
        await generator.open(2)
        await generator.close()
    assert (generator.load.streams, generator.load.refused) == (0, 2)
    assert "403" in generator.load.troubles[0]


def test_sound_without_a_stamp_is_left_out() -> None:
    assert read_stamps(base64.b64decode("A" * 432)) == []
    assert read_stamps(b"") == []
