"""The messages of one media stream, numbered and worded as Twilio does. No I/O and no clock.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class StreamMessages:
    """Writes the messages that follow each other on one WebSocket."""

    account_sid: str
    call_sid: str
    stream_sid: str
    tracks: Sequence[str]
    parameters: Mapping[str, str]
    per_track_chunks: bool
    frames: int = 0
    """Media messages written so far."""
    _sequence: int = 0
    _chunks: dict[str, int] = field(default_factory=dict)

    def connected(self) -> str:
        """Return the first message, the only one without a number."""
        return _compact({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self) -> str:
        """Return the second message, number 1."""
        return _compact(
            {
                "event": "start",
                "sequenceNumber": self._next(),
                "start": {
                    "accountSid": self.account_sid,
                    "streamSid": self.stream_sid,
                    "callSid": self.call_sid,
                    "tracks": list(self.tracks),
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8_000, "channels": 1},
                    "customParameters": dict(self.parameters),
                },
                "streamSid": self.stream_sid,
            }
        )

    def media(self, track: str, timestamp_ms: int, audio: bytes) -> str:
        """Return one frame. Written by hand: at 20 times real time this runs 2,000 times a second."""
        self.frames += 1
        counter = track if self.per_track_chunks else ""
        chunk = self._chunks[counter] = self._chunks.get(counter, 0) + 1
        return (
            f'{{"event":"media","sequenceNumber":"{self._next()}","media":{{"track":"{track}","chunk":"{chunk}",'
            f'"timestamp":"{timestamp_ms}","payload":"{base64.b64encode(audio).decode()}"}},'
            f'"streamSid":"{self.stream_sid}"}}'
        )

    def stop(self) -> str:
        """Return the last message."""
        return _compact(
            {
                "event": "stop",
                "sequenceNumber": self._next(),
                "streamSid": self.stream_sid,
                "stop": {"accountSid": self.account_sid, "callSid": self.call_sid},
            }
        )

    def _next(self) -> str:
        self._sequence += 1
        return str(self._sequence)


def _compact(message: Mapping[str, object]) -> str:
    return json.dumps(message, separators=(",", ":"))
