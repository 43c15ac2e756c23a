"""One live stream: audio and control messages in, results out. Source: the AsyncAPI of Deepgram's `/v1/listen`."""

import asyncio
import hashlib
import json
from dataclasses import dataclass

from starlette.websockets import WebSocket

from local.deepgram.audio import Intake
from local.deepgram.hearing import Hearing
from local.deepgram.messages import (
    CLOSED_FOR_SILENCE,
    INCOMPLETE,
    UNDECODABLE,
    ResultFlags,
    Scribe,
    configured,
    locate,
    schema_error,
    unknown_variant,
)
from local.deepgram.outlet import Outlet
from local.deepgram.query import ListenOptions
from local.deepgram.recogniser import Heard
from local.deepgram.redaction import Redactor
from local.deepgram.segmenter import Event, Final, Interim, Segmenter, SpeechStarted, UtteranceEnd
from local.deepgram.settings import Settings


@dataclass(slots=True)
class _Channel:
    """One channel of the stream, and the interim that is being worked out for it."""

    index: tuple[int, int]
    segmenter: Segmenter
    redactor: Redactor
    interim: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        return self.interim is not None and not self.interim.done()


class LiveStream:
    """Runs a stream from the accepted handshake to its end."""

    def __init__(
        self,
        socket: WebSocket,
        options: ListenOptions,
        *,
        hearing: Hearing,
        scribe: Scribe,
        outlet: Outlet,
        settings: Settings,
    ) -> None:
        self._socket = socket
        self._options = options
        self._hearing = hearing
        self._scribe = scribe
        self._outlet = outlet
        self._idle_s = settings.idle_ms / 1_000
        self._answers_empty_finalize = settings.answers_empty_finalize
        total = options.channels if options.multichannel else 1
        segmenters = hearing.segmenters(
            options,
            channels=total,
            interim_step_ms=settings.interim_step_ms if options.interim_results else None,
            longest_silence_ms=settings.longest_silence_ms,
        )
        self._channels = [
            _Channel((index, total), segmenter, Redactor(options.redact)) for index, segmenter in enumerate(segmenters)
        ]
        self._intake = (
            Intake(
                options.encoding,
                sample_rate=options.sample_rate,
                channels=options.channels,
                separate=options.multichannel,
            )
            if options.encoding
            else None
        )
        self._sha256 = hashlib.sha256()
        self._idle_at = 0.0

    async def run(self) -> None:
        """Serve the stream; return when it is closed, by either side."""
        self._note_activity()
        async with asyncio.TaskGroup() as self._interims:
            holding = self._interims.create_task(self._outlet.run())
            while self._outlet.is_open:
                await self._serve_message()
            holding.cancel()

    async def _serve_message(self) -> None:
        try:
            async with asyncio.timeout_at(self._idle_at):
                message = await self._socket.receive()
        except TimeoutError:
            await self._end(INCOMPLETE, 1011, CLOSED_FOR_SILENCE)
            # A fault may hold the close back; then the peer alone can end the stream.
            self._note_activity()
            return
        if message["type"] == "websocket.disconnect":
            self._outlet.end()
        elif (chunk := message.get("bytes")) is not None:
            await self._take_audio(chunk)
        else:
            await self._obey(message["text"])

    def _note_activity(self) -> None:
        self._idle_at = asyncio.get_running_loop().time() + self._idle_s

    async def _take_audio(self, chunk: bytes) -> None:
        if not chunk:  # Historic synonym of CloseStream.
            await self._finish()
            return
        if self._intake is None:
            await self._outlet.close(1008, UNDECODABLE)
            return
        self._note_activity()
        self._sha256.update(chunk)
        tracks = self._intake.take(chunk)
        for channel, pcm in zip(self._channels, tracks, strict=True):
            channel.segmenter.feed(pcm)
            await self._follow(channel)
        self._outlet.received_ms = self._intake.received_s * 1_000
        await self._outlet.strike()

    async def _obey(self, text: str) -> None:
        if self._has_audio():
            self._note_activity()  # KeepAlive alone does not keep a stream open that never had audio.
        try:
            message = json.loads(text)
            name = message["type"]
        except (KeyError, RecursionError, TypeError, ValueError):
            await self._outlet.send(schema_error("expected an object with a `type` at line 1 column 1", text))
            return
        match name:
            case "KeepAlive":
                pass
            case "Finalize":
                await self._finalize(message.get("channel"))
            case "CloseStream":
                await self._finish()
            case "Configure":
                await self._configure(message.get("keyterms"), text)
            case _:
                await self._outlet.send(unknown_variant(name, text))

    async def _configure(self, keyterms: object, text: str) -> None:
        if keyterms is None or (isinstance(keyterms, list) and all(isinstance(one, str) for one in keyterms)):
            await self._outlet.send(configured(self._scribe.request_id, keyterms or []))
        else:
            await self._outlet.send(schema_error("keyterms must be a list of strings", text))

    def _has_audio(self) -> bool:
        return self._intake is not None and self._intake.received_s > 0

    async def _finalize(self, only: object) -> None:
        for channel in self._channels:
            if only is None or only == channel.index[0]:
                channel.segmenter.finalize()
                await self._follow(channel)

    async def _finish(self) -> None:
        rest = self._intake.take(b"", last=True) if self._intake else []
        for channel, pcm in zip(self._channels, rest, strict=False):
            channel.segmenter.feed(pcm)
            await self._follow(channel)
            channel.segmenter.finish()
            await self._follow(channel)
        await self._end(self._sha256.hexdigest(), 1000)

    async def _end(self, sha256: str, code: int, reason: str = "") -> None:
        duration_s = self._intake.received_s if self._intake else 0.0
        metadata = self._scribe.metadata(sha256=sha256, duration_s=duration_s, channels=self._options.channels)
        await self._outlet.send({"type": "Metadata", **metadata})
        await self._outlet.close(code, reason)

    async def _follow(self, channel: _Channel) -> None:
        """Do all that the channel's segmenter has to have done."""
        while (event := channel.segmenter.poll()) is not None:
            await self._handle(channel, event)

    async def _handle(self, channel: _Channel, event: Event) -> None:
        match event:
            case SpeechStarted(at):
                if self._options.vad_events:
                    await self._outlet.send(self._scribe.speech_started(channel.index, at))
            case UtteranceEnd(last_word_end):
                await self._outlet.send(self._scribe.utterance_end(channel.index, last_word_end))
            case Final():
                await self._report_final(channel, event)
            case Interim():
                await self._start_interim(channel, event)

    async def _report_final(self, channel: _Channel, final: Final) -> None:
        heard = await self._hearing.decode(final.audio, complete=final.complete)
        end = channel.segmenter.settle(final, heard)
        if final.from_finalize and end == final.start and not self._answers_empty_finalize:
            return
        flags = ResultFlags(is_final=True, speech_final=final.speech_final, from_finalize=final.from_finalize)
        await self._send_results(channel, final, end, heard, flags)

    async def _start_interim(self, channel: _Channel, interim: Interim) -> None:
        if not interim.audio.size or self._hearing.recogniser.is_quick:
            await self._report_interim(channel, interim)
        elif not channel.is_busy:  # Skipped, never queued: the next one says more.
            channel.interim = self._interims.create_task(self._report_interim(channel, interim))

    async def _report_interim(self, channel: _Channel, interim: Interim) -> None:
        heard = await self._hearing.decode(interim.audio, complete=False)
        if channel.segmenter.is_current(interim):
            await self._send_results(channel, interim, interim.end, heard, ResultFlags())

    async def _send_results(
        self, channel: _Channel, window: Interim, end: int, heard: Heard, flags: ResultFlags
    ) -> None:
        words = locate(heard.words, window.audio_start)
        if self._options.redact:
            words = channel.redactor.final(words) if flags.is_final else channel.redactor.interim(words)
        await self._outlet.send(self._scribe.results(channel.index, (window.start, end), words, flags))
