"""One call: Twilio's socket on one side, Deepgram's on the other, and the session between them.

The bridge reads, asks the session, and does as it is told. It decides nothing about calls.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from streamer import effects
from streamer.captions import CaptionsHub
from streamer.failure import Failure
from streamer.fragments import Fragments
from streamer.gathering import Gathering
from streamer.recogniser import Recogniser
from streamer.ring import Budget
from streamer.rules import Rules
from streamer.session import Session
from streamer.writer import Writer
from telephony import log
from telephony.coverage import Track
from telephony.errors import ConfigurationError, TicketError, UpstreamError, WireError
from telephony.mailboxes import Listening
from telephony.metrics import Meter
from telephony.ports.services import SecretStore
from telephony.ports.stores import TicketStore
from telephony.streams import MediaStream, TicketPurpose
from telephony.wire import deepgram, media_streams

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

CLOSE_S = 2.0
"""How long Twilio may take to answer our close frame. Going away at once would reset the connection under what
Twilio is still sending, and it could lose the frame that tells it why."""

_CONTROL = {
    effects.FlushRecogniser: deepgram.FINALIZE,
    effects.KeepRecogniser: deepgram.KEEP_ALIVE,
    effects.FinishRecogniser: deepgram.CLOSE_STREAM,
}

REASON_BYTES = 123
"""What fits in a close frame. Source: RFC 6455, section 5.5."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a bridge works with; the same for all."""

    tickets: TicketStore
    secrets: SecretStore
    writer: Writer
    captions: CaptionsHub
    meter: Meter
    rules: Rules
    budget: Budget
    deepgram_url: str
    tls: ssl.SSLContext | None
    spawn: Spawn


class Bridge(WSListener):
    """Carries one media stream; exists for others from *on_begin* to *on_end*."""

    def __init__(
        self, services: Services, *, on_begin: Callable[["Bridge"], None], on_end: Callable[["Bridge"], None]
    ) -> None:
        self._services = services
        self._on_begin = on_begin
        self._on_end = on_end
        self._session = Session(
            services.rules, now=time.monotonic(), wall=datetime.now(UTC), chance=random.random, budget=services.budget
        )
        self._transport: WSTransport | None = None
        self._gathering: Gathering | None = None
        self._recognisers: dict[Track, tuple[int, Recogniser]] = {}
        self._connections: dict[Track, asyncio.Task[None]] = {}
        self._fragments = Fragments(media_streams.MAX_MESSAGE_BYTES)
        self._outcome: dict[str, object] = {}

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Twilio's socket is open."""
        self._transport = transport
        if self._services.rules.chunk_ms > media_streams.FRAME_MS:  # else nothing is ever waited for
            self._gathering = Gathering(transport.underlying_transport.get_extra_info("socket"))
        self._on_begin(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame of Twilio's has come."""
        now = time.monotonic()
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.CONTINUATION:
                self._take(frame, now)
            case WSMsgType.CLOSE:
                code = frame.get_close_code()
                transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
                transport.disconnect()
            case WSMsgType.BINARY:
                self._do(self._session.refuse("a binary message", now))
            case WSMsgType.PING | WSMsgType.PONG:
                pass
        if frame.last_in_buffer:
            self._do(self._session.pass_on(now))
            if self._gathering is not None:
                self._gathering.want(self._session.messages_wanted, frame.payload_size, now)

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """Twilio's socket has gone."""
        self._transport = None
        self._do(self._session.lost(time.monotonic()))

    def tick(self, now: float) -> None:
        """Let time pass."""
        self._do(self._session.tick(now))

    def look(self, now: float) -> None:
        """See to it that no message is waited for that may not be coming."""
        if self._gathering is not None:
            self._gathering.tick(now)

    def ping(self) -> None:
        """Send Twilio a byte: what lies between closes a socket on which we are silent. No answer is waited for."""
        if self._transport is not None:
            self._transport.send_ping()

    def drop(self) -> None:
        """End soon, with the words that are still on their way."""
        self._do(self._session.drop(time.monotonic()))

    def cut(self) -> None:
        """End now, with what there is."""
        self._do(self._session.cut(time.monotonic()))

    def abandon(self) -> None:
        """Give the call up after a fault of ours."""
        self._finish()

    def _take(self, frame: WSFrame, now: float) -> None:
        try:
            text = self._fragments.add(frame)
            if text is None:
                return
            wanted = self._session.receive(media_streams.parse(text), now)
        except WireError as exc:
            wanted = self._session.refuse(str(exc), now)
        self._do(wanted)

    def _do(self, wanted: list[effects.Effect]) -> None:  # noqa: C901, PLR0912 - one table: an effect a line
        for effect in wanted:
            match effect:
                case effects.SendAudio(track=track, audio=audio):
                    self._send(track, audio)
                case effects.Publish(text=text):
                    self._services.captions.publish(text)
                case effects.SaveUtterance(utterance=utterance):
                    self._services.writer.save_utterance(utterance)
                case effects.SaveStream(stream=stream):
                    self._services.writer.save_stream(stream)
                    self._outcome = _outcome(stream)
                case effects.ClaimTicket():
                    self._services.spawn(self._claim(effect))
                case effects.OpenRecogniser(track=track, number=number, listening=listening):
                    self._open(track, number, listening)
                case effects.FlushRecogniser() | effects.KeepRecogniser() | effects.FinishRecogniser():
                    self._send(effect.track, _CONTROL[type(effect)])
                case effects.DropRecogniser(track=track):
                    self._drop(track)
                case effects.Count(metric=metric, value=value):
                    self._services.meter.add(metric, value)
                case effects.CloseTwilio(code=code, reason=reason):
                    self._close(WSCloseCode(code), reason)
                case effects.End():
                    self._finish()
                case _:
                    assert_never(effect)

    async def _claim(self, claim: effects.ClaimTicket) -> None:
        tickets = self._services.tickets
        try:
            ticket = await asyncio.to_thread(
                tickets.claim, claim.ticket_id, TicketPurpose.MEDIA, claim.call_sid, datetime.now(UTC)
            )
        except TicketError as exc:
            self._do(self._session.turned_away(f"ticket {exc.fault}", time.monotonic()))
        except UpstreamError as exc:
            log.logger().error("ticket-not-checked", error=str(exc), call_sid=claim.call_sid)
            self._do(self._session.turned_away("the ticket can't be checked now", time.monotonic()))
        except Exception:  # noqa: BLE001 - the outermost edge of this claim: its call ends alone, the process goes on
            log.logger().exception("ticket-not-checked")
            self._do(self._session.turned_away("an internal error", time.monotonic()))
        else:
            self._do(self._session.admitted(ticket, time.monotonic()))

    def _open(self, track: Track, number: int, listening: Listening) -> None:
        session = self._session
        recogniser = Recogniser(
            on_open=lambda: self._do(session.recogniser_opened(track, number, time.monotonic())),
            on_message=lambda message: self._do(session.recogniser_said(track, number, message, time.monotonic())),
            on_close=lambda failure: self._lost(track, number, failure),
        )
        self._recognisers[track] = number, recogniser
        self._connections[track] = self._services.spawn(self._listen(track, number, recogniser, listening))

    def _lost(self, track: Track, number: int, failure: Failure) -> None:
        self._do(self._session.recogniser_closed(track, number, failure, time.monotonic()))

    async def _listen(self, track: Track, number: int, recogniser: Recogniser, listening: Listening) -> None:
        try:
            credentials = await asyncio.to_thread(self._services.secrets.deepgram)
            url = deepgram.live_url(self._services.deepgram_url, listening)
            await recogniser.run(url, credentials, self._services.rules.open_within_s, self._services.tls)
        except ConfigurationError as exc:
            self._lost(track, number, Failure(str(exc), is_permanent=True))
        except UpstreamError as exc:
            self._lost(track, number, Failure(str(exc), is_permanent=not exc.retryable))
        except Exception:  # noqa: BLE001 - the outermost edge of this connection: its call ends alone, the process goes on
            log.logger().exception("recogniser-crashed")
            self._lost(track, number, Failure("an internal error", is_permanent=True))

    def _send(self, track: Track, message: bytes | str) -> None:
        number, recogniser = self._recognisers[track]
        try:
            recogniser.send(message)
        except BufferError as exc:
            self._drop(track)
            self._lost(track, number, Failure(str(exc)))

    def _drop(self, track: Track) -> None:
        connection = self._connections.pop(track, None)
        if connection is not None:
            connection.cancel()

    def _close(self, code: WSCloseCode, reason: str) -> None:
        if self._transport is not None:
            self._transport.send_close(code, reason.encode()[:REASON_BYTES])
            asyncio.get_running_loop().call_later(CLOSE_S, self._transport.disconnect)

    def _finish(self) -> None:
        self._session.forget()
        for track in tuple(self._connections):
            self._drop(track)
        start = self._session.start
        if start is not None:
            self._services.captions.end(start.call_sid)
        self._close(WSCloseCode.OK, "")
        log.logger().info("stream-ended", **self._outcome)
        self._on_end(self)


def _outcome(stream: MediaStream) -> dict[str, object]:
    return {
        "call_sid": stream.call_sid,
        "stream_sid": stream.sid,
        "end": stream.end,
        "trouble": stream.trouble,
        "received_ms": {each.track.value: each.received_ms for each in stream.coverage},
        "transcribed_ms": {each.track.value: each.transcribed_ms for each in stream.coverage},
        "missing_ms": {each.track.value: each.missing_ms for each in stream.ledger},
        "quality": {each.track.value: each.quality for each in stream.ledger},
        "reconnects": stream.reconnects,
    }
