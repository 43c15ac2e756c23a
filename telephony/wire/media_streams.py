"""Twilio Media Streams: the messages of a listen-only stream, as Twilio sends them, read into values.

Source: twilio.com/docs/voice/media-streams/websocket-messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import orjson

from telephony.calls import CallSid, parse_call_sid
from telephony.coverage import Track
from telephony.errors import WireError
from telephony.streams import StreamSid

BYTES_PER_MS = 8
"""Sound is 8 kHz mu-law, one byte a sample."""

FRAME_MS = 20
"""What Twilio sends in one message; relied upon only to estimate how much sound lost messages held."""

SILENCE = b"\xff"
"""The mu-law byte of no sound."""

MAX_MESSAGE_BYTES = 64 * 1024
"""A media message is some 380 bytes; Twilio's longest, `start` with its parameters, is bounded far below this."""

_MAX_AT_MS = 2**53
"""What JSON's numbers hold exactly; Python alone would go on to numbers too long to print."""

_MAX_NUMBER = 2**53
"""As of a time; a stream of four hours has two million messages."""

_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


@dataclass(frozen=True, slots=True)
class Connected:
    """The first message of a stream."""


@dataclass(frozen=True, slots=True)
class Start:
    """Says which call's sound follows.

    Attributes:
        parameters: what our TwiML's `<Parameter>`s said.
        sequence: its number among the stream's messages; 0 when it has none, as with all messages.
    """

    stream_sid: StreamSid
    call_sid: CallSid
    tracks: tuple[Track, ...]
    parameters: Mapping[str, str]
    sequence: int = 0


class Media(NamedTuple):
    """One chunk of sound of one track.

    A tuple, because a frozen dataclass takes 0.7 us to make and this 0.3, fifty times a second for each track.

    Attributes:
        at_ms: the chunk's place in the stream, from its start.
        audio: mu-law bytes; usually 160, never relied upon.
    """

    track: Track
    sequence: int
    at_ms: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class Stop:
    """No more sound follows."""

    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that a listener has no use for, or one that Twilio will have added since."""

    event: str
    sequence: int = 0


Message = Connected | Start | Media | Stop | Ignored


class _Sound(msgspec.Struct, gc=False):
    track: Track
    timestamp: Annotated[int, msgspec.Meta(ge=0, lt=_MAX_AT_MS)]
    payload: bytes


class _MediaMessage(msgspec.Struct, gc=False, rename="camel"):
    event: Literal["media"]
    media: _Sound
    sequence_number: Any = None


_MEDIA = msgspec.json.Decoder(_MediaMessage, strict=False)
"""Reads what nearly all messages are, and of it no more than is needed: numbers that are text, sound that is base64."""


def parse(text: bytes) -> Message:
    """Read one message. Raises: WireError, and nothing else whatever *text* is."""
    if len(text) > MAX_MESSAGE_BYTES:
        raise WireError("a message is too long")
    try:
        message = _MEDIA.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return _other(text)
    media = message.media
    return Media(media.track, _sequence(message.sequence_number), media.timestamp, media.payload)


def _other(text: bytes) -> Message:
    try:
        message = orjson.loads(text)
        kind, sequence = message["event"], _sequence(message.get("sequenceNumber"))
        match kind:
            case "start":
                return _start(message["start"], sequence)
            case "stop":
                return Stop(sequence)
            case "connected":
                return Connected()
            case "media":
                raise ValueError("no sound of a track")
            case str(event):
                return Ignored(event[:32], sequence)
            case _:
                raise TypeError("event is not text")
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise WireError(f"not a Media Streams message: {type(exc).__name__}") from exc


def _sequence(digits: Any) -> int:
    """Return a message's number; 0 when it has none that makes sense, which is no reason to refuse it."""
    try:
        number = int(digits) if isinstance(digits, str) else 0
    except ValueError:
        return 0
    return number if 0 < number < _MAX_NUMBER else 0


def _start(start: Any, sequence: int) -> Start:
    form = start["mediaFormat"]
    if any(form[key] != value for key, value in _FORMAT.items()):
        raise ValueError("the sound is not 8 kHz mu-law")
    parameters = start.get("customParameters") or {}
    if not all(isinstance(value, str) for value in (*parameters.keys(), *parameters.values())):
        raise TypeError("a parameter is not text")
    return Start(
        stream_sid=StreamSid(_text(start["streamSid"])),
        call_sid=parse_call_sid(_text(start["callSid"])),
        tracks=tuple(dict.fromkeys(Track(track) for track in start["tracks"])),
        parameters=parameters,
        sequence=sequence,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
