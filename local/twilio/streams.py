"""Media streams: Twilio as the WebSocket client that forks a call's sound to the product."""

import asyncio
import math
import ssl
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from local.twilio import urls
from local.twilio.call import Call
from local.twilio.events import StreamFailed, StreamStarted, StreamStopped
from local.twilio.exchange import Exchange, iso8601
from local.twilio.faults import FrameFaults
from local.twilio.frames import StreamMessages
from local.twilio.mulaw import FRAME_MS
from local.twilio.sids import new_sid
from local.twilio.twiml import SCHEMA_WARNING
from local.twilio.verbs import StartStream
from local.twilio.webhooks import USER_AGENT

TRACKS = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("outbound", "inbound"),  # in the order of Twilio's own sample
}
MAX_TRACKS = 4
"""Of one call at a time."""

_TEXTS = {
    31_901: "Stream - WebSocket - Connection Timeout",
    31_902: "Stream - WebSocket - Connection Refused",
    31_903: "Stream - WebSocket - Connection Broken Pipe",
    31_910: "Stream - WebSocket - SSL Protocol Error",
    31_920: "Stream - WebSocket - Handshake Error",
    31_921: "Stream - WebSocket - Close Error",
    31_922: "Stream - WebSocket - Unsupported Scheme",
    31_923: "Stream - WebSocket - Malformed URL",
    31_924: "Stream - WebSocket - Protocol Error",
    31_941: "Stream - Invalid Track configuration",
}


@dataclass(slots=True)
class _StreamError(Exception):
    code: int


class MediaStream:
    """One stream of *call*: opened once, never reconnected, ended by its name, by its server or with the call."""

    def __init__(self, exchange: Exchange, call: Call, noun: StartStream, *, document_url: str) -> None:
        self.sid = new_sid("MZ")
        self.name = noun.name or self.sid
        self.is_live = True
        self.opened_ms: int | None = None
        """When its first frame began, on the exchange's clock."""
        self._exchange = exchange
        self._call = call
        self._noun = noun
        self._url = _websocket_url(document_url, noun.url)
        self._stops_at_ms = math.inf
        self._error: _StreamError | None = None
        self._messages = StreamMessages(
            account_sid=exchange.account.sid,
            call_sid=call.sid,
            stream_sid=self.sid,
            tracks=sorted(TRACKS.get(noun.track, ())),
            parameters=noun.parameters,
            per_track_chunks=exchange.quirks.per_track_chunks,
        )

    @property
    def track_count(self) -> int:
        """How many of the call's four tracks this stream takes."""
        return len(TRACKS.get(self._noun.track, ()))

    def stop(self) -> None:
        """End the stream now."""
        self._stops_at_ms = min(self._stops_at_ms, self._exchange.clock.now_ms())
        self._call.line.wake()

    async def run(self) -> None:
        """Carry the stream from its first request to its last callback."""
        try:
            self._check()
            async with await self._open() as socket:
                await self._started()
                await self._talk(socket)
        except _StreamError as exc:
            self.is_live = False
            await self._failed(exc.code)
        else:
            self.is_live = False
            await self._stopped()

    def _check(self) -> None:
        scheme = urls.scheme(self._url)
        if scheme != "wss" and not (scheme == "ws" and self._exchange.quirks.allow_insecure_streams):
            raise _StreamError(31_922)
        if not urls.is_sound(self._url) or "#" in self._url:
            raise _StreamError(31_923)
        if "?" in self._url:
            raise _StreamError(31_920)
        if self._noun.track not in TRACKS:
            raise _StreamError(31_941)

    async def _open(self) -> ClientConnection:
        quirks = self._exchange.quirks
        signed = self._url + ("/" if quirks.sign_stream_with_slash else "")
        try:
            return await _NoRedirect(
                self._url,
                additional_headers={"X-Twilio-Signature": self._exchange.account.sign(signed)},
                user_agent_header=USER_AGENT,
                subprotocols=[Subprotocol("audio.twilio.com")] if quirks.offer_subprotocol else None,
                compression=None,
                proxy=None,
                open_timeout=quirks.stream_open_timeout_s,
                close_timeout=quirks.stream_open_timeout_s,
                ping_interval=None,  # whether Twilio pings is not documented
            )
        except (OSError, InvalidHandshake, InvalidURI, UnicodeError) as exc:
            raise _StreamError(_code(exc)) from exc

    async def _talk(self, socket: ClientConnection) -> None:
        listener = self._exchange.spawn(self._listen(socket), self._call)
        try:
            await socket.send(self._messages.connected())
            start = self._messages.start()
            opened_ms = self.opened_ms = self._exchange.clock.next_ms()
            await self._exchange.clock.sleep_until(opened_ms + self._exchange.faults.early_frames * FRAME_MS)
            faults = FrameFaults(self._exchange.faults)
            await self._send(socket, range(self._exchange.faults.early_frames), opened_ms, faults)
            await socket.send(start)
            await self._pump(socket, opened_ms, faults)
            if self._error is None and not self._exchange.faults.skip_stop:
                await socket.send(self._messages.stop())
        except ConnectionClosed as exc:
            raise _StreamError(31_903 if exc.rcvd is None else 31_921) from exc
        except TimeoutError as exc:
            socket.transport.abort()  # a peer that does not read does not answer a close either
            raise _StreamError(31_901) from exc
        finally:
            listener.cancel()
        if self._error is not None:
            raise self._error

    async def _pump(self, socket: ClientConnection, opened_ms: int, faults: FrameFaults) -> None:
        clock, line = self._exchange.clock, self._call.line
        sent = self._exchange.faults.early_frames
        while True:
            ends_ms = min(self._stops_at_ms, line.ends_at_ms)
            await clock.wait(line.changed, until_ms=min(ends_ms, opened_ms + (sent + 1) * FRAME_MS))
            now_ms, ends_ms = clock.now_ms(), min(self._stops_at_ms, line.ends_at_ms)
            due = max(sent, int((min(now_ms, ends_ms) - opened_ms) // FRAME_MS))
            async with asyncio.timeout(self._exchange.quirks.stream_stall_s):
                await self._send(socket, range(sent, due), opened_ms, faults)
            sent = due
            if ends_ms <= now_ms:
                break
        for frame in faults.rest():
            await socket.send(frame)

    async def _send(self, socket: ClientConnection, numbers: range, opened_ms: int, faults: FrameFaults) -> None:
        for number in numbers:
            if faults.is_lost:
                socket.transport.abort()
                raise _StreamError(31_903)
            for frame in self._frames(opened_ms, number, faults):
                await socket.send(frame)

    def _frames(self, opened_ms: int, number: int, faults: FrameFaults) -> list[str]:
        line, quirks = self._call.line, self._exchange.quirks
        offset_ms = number * FRAME_MS
        at_ms = opened_ms + offset_ms
        sent: list[str] = []
        for track in TRACKS[self._noun.track]:
            sound = line.inbound if track == "inbound" else line.outbound
            if track == "outbound" and not quirks.silent_outbound_frames and not sound.is_laid(at_ms, at_ms + FRAME_MS):
                continue
            audio = sound.hear(at_ms, at_ms + FRAME_MS)
            sent += faults.bend(self._messages.media(track, offset_ms + quirks.first_timestamp_ms, audio))
        return sent

    async def _listen(self, socket: ClientConnection) -> None:
        warned = False
        try:
            async for message in socket:
                if isinstance(message, str):  # a stream of <Start> takes nothing from the server
                    self._error = _StreamError(31_924)
                    self.stop()
                    return
                if not warned:
                    self._exchange.warn(31_950, "Stream - a message cannot be decoded", call_sid=self._call.sid)
                warned = True
        except ConnectionClosed:
            return  # the sender meets the same end

    async def _started(self) -> None:
        exchange, sid = self._exchange, self._call.sid
        exchange.log.publish(StreamStarted(at=exchange.clock.now(), call_sid=sid, stream_sid=self.sid, name=self.name))
        exchange.spawn(self._tell({"StreamEvent": "stream-started"}), self._call)

    async def _stopped(self) -> None:
        exchange, sid = self._exchange, self._call.sid
        frames = self._messages.frames
        exchange.log.publish(StreamStopped(at=exchange.clock.now(), call_sid=sid, stream_sid=self.sid, frames=frames))
        await self._tell({"StreamEvent": "stream-stopped"})

    async def _failed(self, code: int) -> None:
        exchange, sid, text = self._exchange, self._call.sid, f"{code}: {_TEXTS[code]}"
        exchange.warn(code, text, call_sid=sid)
        exchange.log.publish(
            StreamFailed(at=exchange.clock.now(), call_sid=sid, stream_sid=self.sid, code=code, text=text)
        )
        await self._tell({"StreamEvent": "stream-error", "StreamError": text})

    async def _tell(self, extra: dict[str, str]) -> None:
        exchange = self._exchange
        params = {
            "AccountSid": exchange.account.sid,
            "CallSid": self._call.sid,
            "StreamName": self.name,
            "StreamSid": self.sid,
            "Timestamp": iso8601(exchange.clock.now()),
        }
        await exchange.call_back(
            self._noun.callback,
            params | extra,
            purpose=extra["StreamEvent"],
            method=self._noun.callback_method,
            call_sid=self._call.sid,
        )


def start_stream(exchange: Exchange, call: Call, noun: StartStream, *, document_url: str) -> MediaStream | None:
    """Start a stream beside whatever the call is doing; None, and a warning, where the call may not have it."""
    live = [stream for stream in call.streams if stream.is_live]
    stream = MediaStream(exchange, call, noun, document_url=document_url)
    if any(noun.name and noun.name == other.name for other in call.streams):
        exchange.warn(SCHEMA_WARNING, f"the call has a stream named {noun.name!r} already", call_sid=call.sid)
        return None
    if sum(other.track_count for other in live) + stream.track_count > MAX_TRACKS:
        exchange.warn(SCHEMA_WARNING, f"a call can stream {MAX_TRACKS} tracks at a time", call_sid=call.sid)
        return None
    call.streams.append(stream)
    exchange.spawn(stream.run(), call)
    return stream


def stop_stream(call: Call, name: str) -> bool:
    """End the live stream with this name or SID; False when there is none."""
    for stream in call.streams:
        if stream.is_live and name in (stream.name, stream.sid):
            stream.stop()
            return True
    return False


class _NoRedirect(connect):
    """A connection attempt that takes a redirect for what it is to Twilio: an answer other than 101."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _websocket_url(document_url: str, url: str) -> str:
    if urls.scheme(url):
        return url
    return "ws" + urls.join(document_url, url).removeprefix("http")


def _code(exc: Exception) -> int:
    match exc:
        case InvalidURI() | UnicodeError():
            return 31_923
        case InvalidHandshake():
            return 31_920
        case ssl.SSLError():
            return 31_910
        case ConnectionRefusedError():
            return 31_902
        case OSError() if "Connect call failed" in str(exc):  # several addresses, as localhost has, and each refused
            return 31_902
        case _:
            return 31_901
