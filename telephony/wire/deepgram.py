"""Deepgram's live speech-to-text: what we ask for, what we send, and what comes back, read into values.

All times are Deepgram's audio time, turned into whole milliseconds: from the first byte of one connection.
Source: developers.deepgram.com/reference/speech-to-text/listen-streaming.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from telephony.errors import WireError
from telephony.mailboxes import Listening

CLOSE_STREAM = '{"type":"CloseStream"}'
"""Asks for the rest: remaining Results, then Metadata, then the end of the connection. A text message."""

FINALIZE = '{"type":"Finalize"}'
"""Makes what was sent so far final now; the connection goes on. A text message."""

KEEP_ALIVE = '{"type":"KeepAlive"}'
"""Keeps a connection open while there is no sound to send. A text message: as a binary one it would be sound."""

ENDPOINTING_MS = 300
"""Silence after which Deepgram makes words final; its own guide for telephone calls says 300."""

MAX_MESSAGE_BYTES = 1024 * 1024
"""A long utterance with all its words is some tens of kilobytes."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A recognised word in audio time."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Results:
    """Text of one window of sound.

    Attributes:
        start_ms: the window's start; windows of final results follow each other without a gap.
        is_final: whether the window's text will not change any more.
    """

    start_ms: int
    end_ms: int
    words: tuple[HeardWord, ...]
    is_final: bool

    @property
    def text(self) -> str:
        """The words as a sentence."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Deepgram's last word.

    Attributes:
        duration_ms: how much sound it has listened to, all of it final by now.
    """

    duration_ms: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """Deepgram could not make sense of a message of ours; the connection goes on."""

    variant: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message we have no use for, or one that Deepgram will have added since."""

    type: str


Message = Results | Metadata | Complaint | Ignored


def live_url(base: str, listening: Listening) -> str:
    """Return the address that transcribes one track of a call as *listening* says."""
    query = [
        ("model", listening.model),
        ("language", listening.language),
        ("encoding", "mulaw"),
        ("sample_rate", "8000"),
        ("channels", "1"),
        ("interim_results", "true"),
        ("smart_format", "true"),
        ("punctuate", "true"),
        ("endpointing", str(ENDPOINTING_MS)),
        *(("keyterm", term) for term in listening.key_terms),
        *(("redact", each.value) for each in listening.redact),
    ]
    return f"{base}?{urlencode(query)}"


def parse(text: str | bytes) -> Message:
    """Read one message. Raises: WireError, and nothing else whatever *text* is."""
    try:
        message = orjson.loads(text)
        match message["type"]:
            case "Results":
                return _results(message)
            case "Metadata":
                return Metadata(milliseconds(message["duration"]))
            case "Error":
                return Complaint(str(message.get("variant", ""))[:64])
            case str(kind):
                return Ignored(kind[:32])
            case _:
                raise TypeError("type is not text")
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as exc:
        raise WireError(f"not a live transcription message: {type(exc).__name__}") from exc


def _results(message: Any) -> Results:
    start_ms = milliseconds(message["start"])
    # A whole window is measured once: rounding start and length apart would open gaps between windows.
    end_ms = milliseconds(message["start"] + message["duration"])
    if end_ms < start_ms:
        raise ValueError("a window ends before it starts")
    words = tuple(heard_word(word) for word in message["channel"]["alternatives"][0]["words"])
    return Results(start_ms, end_ms, words, is_final=message["is_final"] is True)


def heard_word(word: Any) -> HeardWord:
    """Read a word, of a live result or of a recording's. Raises: KeyError, OverflowError, TypeError, ValueError."""
    text = word.get("punctuated_word") or word["word"]
    if not isinstance(text, str):
        raise TypeError("a word is not text")
    start_ms = milliseconds(word["start"])
    confidence = min(max(float(word["confidence"]), 0.0), 1.0)
    return HeardWord(text, start_ms, max(start_ms, milliseconds(word["end"])), confidence)


def milliseconds(seconds: Any) -> int:
    """Read a time. Raises: OverflowError, TypeError, ValueError."""
    if not isinstance(seconds, int | float):  # of text or a list, the product below could fill the memory
        raise TypeError("a time is not a number")
    ms = round(seconds * 1000)
    if not 0 <= ms < _WEEK_MS:
        raise ValueError("not a time in a call")
    return ms


_WEEK_MS = 7 * 24 * 3600 * 1000
