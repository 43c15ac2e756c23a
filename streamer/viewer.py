"""One viewer's socket: a ticket comes in first, captions go out."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import orjson
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from streamer.bridge import Services
from telephony.calls import CallSid
from telephony.errors import TicketError, UpstreamError
from telephony.streams import TicketId, TicketPurpose

BACKLOG_BYTES: Final = 64 * 1024
"""What may wait for a slow viewer; then it is closed, for captions that lag are no captions."""


class ViewerSocket(WSListener):
    """Shows captions to one viewer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._transport: WSTransport | None = None
        self._call_sid: CallSid | None = None
        self._has_asked = False
        self._patience: asyncio.TimerHandle | None = None
        self._shown_at = 0.0

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The viewer's socket is open."""
        self._transport = transport
        start_within_s = self._services.rules.start_within_s
        self._patience = asyncio.get_running_loop().call_later(start_within_s, self._lose_patience)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame of the viewer's has come; the first text must be its ticket, the rest is not listened to."""
        if frame.msg_type is WSMsgType.CLOSE:
            code = frame.get_close_code()
            transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT and not self._has_asked:
            self._has_asked = True
            self._services.spawn(self._admit(frame.get_payload_as_bytes()))

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """The viewer has gone."""
        self._transport = None
        if self._patience is not None:
            self._patience.cancel()
        if self._call_sid is not None:
            self._services.captions.leave(self._call_sid, self)

    def show(self, message: bytes) -> None:
        """Send this on, or go away when the viewer does not keep up."""
        if self._transport is None:
            return
        self._shown_at = asyncio.get_running_loop().time()
        if self._transport.underlying_transport.get_write_buffer_size() > BACKLOG_BYTES:
            self._close(WSCloseCode.POLICY_VIOLATION, "too slow")
        else:
            self._transport.send(WSMsgType.TEXT, message)

    def ping(self) -> None:
        """Send the viewer a byte: what lies between closes a socket on which we are silent."""
        if self._transport is not None:
            self._transport.send_ping()

    def end(self) -> None:
        """Close: the call is over."""
        self._close(WSCloseCode.OK, "")

    async def _admit(self, text: bytes) -> None:
        try:
            ticket_id = TicketId(str(orjson.loads(text)["ticket"]))
            claim = self._services.tickets.claim
            ticket = await asyncio.to_thread(claim, ticket_id, TicketPurpose.CAPTIONS, None, datetime.now(UTC))
        except (KeyError, TypeError, ValueError, TicketError, UpstreamError):
            return self._close(WSCloseCode.POLICY_VIOLATION, "ticket refused")
        if self._transport is None:
            return None
        self._call_sid = ticket.call_sid
        if not self._services.captions.join(ticket.call_sid, self):
            return self._close(WSCloseCode.TRY_AGAIN_LATER, "too many viewers")
        self._shown_at = asyncio.get_running_loop().time()
        return self._wait_for_captions()

    def _wait_for_captions(self) -> None:
        loop = asyncio.get_running_loop()
        until = self._shown_at + self._services.rules.watch_s
        if until <= loop.time():
            return self._close(WSCloseCode.TRY_AGAIN_LATER, "nothing to show")
        if self._patience is not None:
            self._patience.cancel()
        self._patience = loop.call_at(until, self._wait_for_captions)
        return None

    def _lose_patience(self) -> None:
        if self._call_sid is None:
            self._close(WSCloseCode.POLICY_VIOLATION, "no ticket in time")

    def _close(self, code: WSCloseCode, reason: str) -> None:
        if self._transport is not None:
            self._transport.send_close(code, reason.encode())
            self._transport.disconnect()
