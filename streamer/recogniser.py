"""One connection to Deepgram: sound out, words in. Speaks the wire protocol; decides nothing."""

import asyncio
from collections.abc import Callable
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from streamer.failure import Failure
from telephony.credentials import DeepgramCredentials
from telephony.errors import WireError
from telephony.wire import deepgram

QUEUE_MESSAGES: Final = 600
"""A minute of 100 ms chunks: whoever reads slower than that for so long has failed."""

PING_S: Final = 20
CLOSE_S: Final = 2
"""How long the closing handshake may take; by then every word has come back."""

PERMANENT: Final = frozenset({400, 401, 402, 403, 404})
"""Statuses that the same request would meet again. Source: developers.deepgram.com/docs/errors."""

MAX_GARBAGE: Final = 20
"""Messages in a row that make no sense; whoever sends more of them than that sends nothing else."""


class Recogniser:
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
        self._outgoing: asyncio.Queue[bytes | str] = asyncio.Queue(QUEUE_MESSAGES)

    def send(self, message: bytes | str) -> None:
        """Send sound, or a control message, after what was sent before. Raises: asyncio.QueueFull."""
        self._outgoing.put_nowait(message)

    async def run(self, url: str, credentials: DeepgramCredentials, open_within_s: float) -> None:
        """Connect, carry messages both ways until either side closes, and say at last why it ended."""
        headers = {"Authorization": f"Token {credentials.api_key}"}
        try:
            async with connect(
                url,
                additional_headers=headers,
                compression=None,
                open_timeout=open_within_s,
                ping_interval=PING_S,
                close_timeout=CLOSE_S,
                max_size=deepgram.MAX_MESSAGE_BYTES,
                user_agent_header=None,
            ) as socket:
                self._on_open()
                trouble = await self._carry(socket)
        except InvalidStatus as exc:
            self._on_close(_refusal(exc))
        except (InvalidHandshake, InvalidURI, OSError, TimeoutError) as exc:
            self._on_close(Failure(f"the recogniser can't be reached: {type(exc).__name__}"))
        else:
            self._on_close(Failure(trouble))

    async def _carry(self, socket: ClientConnection) -> str:
        async with asyncio.TaskGroup() as both:
            sending = both.create_task(self._send_all(socket))
            trouble = await self._receive_all(socket)
            sending.cancel()
        return trouble

    async def _receive_all(self, socket: ClientConnection) -> str:
        garbage = 0
        try:
            while garbage < MAX_GARBAGE:
                text = await socket.recv()
                try:
                    message = deepgram.parse(text)
                except WireError:
                    garbage += 1  # one message we can't read may be one that Deepgram will have added since
                else:
                    garbage = 0
                    self._on_message(message)
        except ConnectionClosed as exc:
            reason = f"{exc.rcvd.code} {exc.rcvd.reason}".strip() if exc.rcvd else "no reason"
            return f"the recogniser closed the connection with {reason}"
        return "the recogniser sends nothing that can be read"

    async def _send_all(self, socket: ClientConnection) -> None:
        try:
            while True:
                await socket.send(await self._outgoing.get())
        except ConnectionClosed:
            return  # the receiving side of the connection says why


def _refusal(exc: InvalidStatus) -> Failure:
    status, said = exc.response.status_code, exc.response.headers.get("dg-error", "")
    return Failure(f"the recogniser refused with {status} {said}".strip(), is_permanent=status in PERMANENT)
