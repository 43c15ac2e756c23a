"""One connection to Deepgram: sound out, words in. Speaks the wire protocol; decides nothing."""

import asyncio
import logging
import re
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSHandshakeError,
    WSListener,
    WSMsgType,
    WSProtocolError,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    ws_connect,
)

from streamer.failure import Failure
from streamer.fragments import Fragments
from telephony.credentials import DeepgramCredentials
from telephony.errors import WireError
from telephony.wire import deepgram

MAX_UNSENT_BYTES: Final = 480_000
"""A minute of sound beyond what the kernel holds: whoever reads slower than that for so long has failed."""

PING_S: Final = 20
"""How long Deepgram may say nothing before it is asked whether it is there, and then how long it may take to answer."""

CLOSE_S: Final = 2
"""How long the closing handshake may take; by then every word has come back."""

PERMANENT: Final = frozenset({400, 401, 402, 403, 404})
"""Statuses that the same request would meet again. Source: developers.deepgram.com/docs/errors."""

MAX_GARBAGE: Final = 20
"""Messages in a row that make no sense; whoever sends more of them than that sends nothing else."""

MAX_REASON: Final = 256
"""Characters of what Deepgram says of a refusal; its sentences are half as long, and they are written to the table."""

READ_BUFFER_BYTES: Final = 4 * 1024
"""Of each connection, and it grows with what comes: a result with some ten words is 2 KB."""

_STATUS: Final = re.compile(rb"HTTP/\d\.\d (\d{3})\b")

_UNHEARD: Final = logging.Logger("picows", logging.CRITICAL + 1)  # noqa: LOG001 - nobody else's, and set up by nobody
"""For what picows would log of a connection: how it ended is said in the one line at the end of its call."""


class Recogniser(WSListener):
    """A connection of one track, from its opening to its end."""

    def __init__(
        self,
        *,
        on_open: Callable[[], None],
        on_message: Callable[[deepgram.Message], None],
        on_close: Callable[[Failure], None],
    ) -> None:
        self._on_open = on_open
        self._on_message = on_message
        self._on_close = on_close
        self._transport: WSTransport | None = None
        self._fragments = Fragments(deepgram.MAX_MESSAGE_BYTES)
        self._is_wanted = True
        self._is_full = False
        self._garbage = 0
        self._over = asyncio.Event()
        self._trouble = "the recogniser closed the connection with no reason"

    def send(self, message: bytes | str) -> None:
        """Send sound, or a control message, on an open connection. Raises: BufferError when too much waits to be read.

        On one that has just ended it has no effect: *on_close* is on its way.
        """
        assert self._transport is not None
        if self._is_full:
            raise BufferError("the recogniser does not read")
        self._transport.send(WSMsgType.TEXT if isinstance(message, str) else WSMsgType.BINARY, message)

    async def run(
        self, url: str, credentials: DeepgramCredentials, open_within_s: float, tls: ssl.SSLContext | None = None
    ) -> None:
        """Connect, carry messages both ways until either side closes, and say at last why it ended.

        Cancel it to hang up. Without *tls*, a `wss` address is verified as the system would.
        """
        failure = None
        try:
            await self._connect(url, credentials, open_within_s, tls)
            await self._over.wait()
        except WSHandshakeError as exc:
            failure = _refusal(exc)
        except (WSError, OSError) as exc:
            failure = _unreachable(exc)
        finally:
            self._is_wanted = False
            await self._leave()
        self._on_close(failure or Failure(self._trouble))

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Deepgram listens."""
        transport.underlying_transport.set_write_buffer_limits(MAX_UNSENT_BYTES)
        self._transport = transport
        self._on_open()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame of Deepgram's has come."""
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.CONTINUATION:
                self._take(frame)
            case WSMsgType.CLOSE:
                code = frame.get_close_code().value or "no"
                self._end(f"the recogniser closed the connection with {code} {frame.get_close_reason() or ''}".strip())
                transport.send_close(WSCloseCode.OK)
                transport.disconnect()
            case WSMsgType.PING | WSMsgType.PONG:
                pass

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """The connection has gone."""
        self._over.set()

    def pause_writing(self) -> None:
        """More waits to be read than may."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Most of what waited was read."""
        self._is_full = False

    async def _connect(
        self, url: str, credentials: DeepgramCredentials, within_s: float, tls: ssl.SSLContext | None
    ) -> None:
        async with asyncio.timeout(within_s):
            await ws_connect(
                self._answer,
                url,
                ssl_context=tls,
                extra_headers={"Authorization": f"Token {credentials.api_key}"},
                websocket_handshake_timeout=within_s,
                max_redirects=0,  # the key is for this address alone
                max_frame_size=deepgram.MAX_MESSAGE_BYTES,
                read_buffer_init_size=READ_BUFFER_BYTES,
                enable_auto_ping=True,
                auto_ping_idle_timeout=PING_S,
                auto_ping_reply_timeout=PING_S,
                logger_name=_UNHEARD,
            )
        if self._transport is None:
            raise ConnectionResetError("closed before it answered")

    def _answer(self, _request: WSUpgradeRequest, _response: WSUpgradeResponse) -> "Recogniser":
        """Take part in a connection that has just opened; picows opens even one that is not waited for any more."""
        if not self._is_wanted:
            raise ConnectionAbortedError("too late")
        return self

    async def _leave(self) -> None:
        """See the connection closed: by both sides, or, when that takes too long, by this one."""
        transport = self._transport
        if transport is None:
            return
        transport.send_close(WSCloseCode.OK)
        try:
            async with asyncio.timeout(CLOSE_S):
                await transport.wait_disconnected()
        except TimeoutError:
            pass
        except WSProtocolError as exc:
            self._trouble = f"the recogniser broke the protocol: {exc}"
        finally:
            transport.disconnect(graceful=False)

    def _take(self, frame: WSFrame) -> None:
        if self._over.is_set() or not self._is_wanted:
            return
        try:
            text = self._fragments.add(frame)
            if text is None:
                return
            message = deepgram.parse(text)
        except WireError:
            self._garbage += 1  # one message we can't read may be one that Deepgram will have added since
            if self._garbage == MAX_GARBAGE:
                self._end("the recogniser sends nothing that can be read")
        else:
            self._garbage = 0
            self._on_message(message)

    def _end(self, trouble: str) -> None:
        if not self._over.is_set():
            self._trouble = trouble
            self._over.set()


def _refusal(exc: WSHandshakeError) -> Failure:
    found = _STATUS.match(exc.raw_header or b"")
    status = int(found[1]) if found else HTTPStatus.SWITCHING_PROTOCOLS
    if status == HTTPStatus.SWITCHING_PROTOCOLS:
        return _unreachable(exc)
    said = exc.response.headers.get("dg-error", "") if exc.response else ""
    # What is not ASCII in a header is anything at all, and could not be written down.
    said = said.encode("ascii", "replace").decode()[:MAX_REASON]
    return Failure(f"the recogniser refused with {status} {said}".strip(), is_permanent=status in PERMANENT)


def _unreachable(exc: Exception) -> Failure:
    return Failure(f"the recogniser can't be reached: {type(exc).__name__}")
