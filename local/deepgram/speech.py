"""Speech: `POST /v1/speak`. Source: https://developers.deepgram.com/reference/text-to-speech-api.

Nothing here can speak, so a voice is a row of tones: two for each letter, by the voice and the letter, with silence
between words. The same text and voice always sound the same, and others sound other.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from local.deepgram.recogniser import SAMPLE_RATE
from local.deepgram.refusals import Reason, Refusal, Refused, invalid_query
from telephony.wire import mulaw_wav

MAX_CHARACTERS: Final = 2_000
LETTER_MS: Final = 40
PAUSE_MS: Final = 80
PIECE_BYTES: Final = 4_096
"""What is sent at a time, as it is from something that speaks."""

_SILENCE: Final = b"\xff"
_HIGH: Final = b"\xa0"
_LOW: Final = b"\x20"
"""Two mu-law codes of middling loudness, one above and one below zero."""

_VOICE: Final = re.compile(r"aura(-2)?-[a-z]+-(en|es|de|nl|fr|it|ja)", re.ASCII)
_KNOWN: Final = frozenset({"model", "encoding", "sample_rate", "container", "mip_opt_out", "tag", "callback"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakOptions:
    """What a request asks for."""

    voice: str
    container: str


def parse_query(pairs: Sequence[tuple[str, str]]) -> SpeakOptions:
    """Read the query. Raises: Refused, also for what Deepgram can do and this cannot: anything but mu-law at 8 kHz."""
    query = dict(pairs)
    unknown = query.keys() - _KNOWN
    if unknown:
        raise invalid_query(f"unknown parameter {min(unknown)}.")
    voice = query.get("model", "aura-asteria-en")
    if _VOICE.fullmatch(voice) is None:
        raise Refused(Refusal(400, Reason.BAD_REQUEST, "Bad Request: No such model/version combination found."))
    if (query.get("encoding"), query.get("sample_rate", str(SAMPLE_RATE))) != ("mulaw", str(SAMPLE_RATE)):
        raise invalid_query("only encoding=mulaw and sample_rate=8000 are spoken here.")
    container = query.get("container", "wav")
    if container not in {"none", "wav"}:
        raise invalid_query("container must be none or wav.")
    return SpeakOptions(voice=voice, container=container)


def read_text(body: bytes, content_type: str) -> str:
    """Return what is to be said. Raises: Refused."""
    try:
        text = json.loads(body)["text"] if content_type.lower().startswith("application/json") else body.decode()
    except (KeyError, RecursionError, TypeError, ValueError) as exc:
        raise Refused(Refusal(400, Reason.BAD_REQUEST, 'Bad Request: expected {"text": "..."}.')) from exc
    if not isinstance(text, str) or not text.strip():
        raise Refused(Refusal(400, Reason.BAD_REQUEST, "Bad Request: the text is empty."))
    if len(text) > MAX_CHARACTERS:
        raise Refused(Refusal(413, Reason.BAD_REQUEST, f"The text is over {MAX_CHARACTERS} characters."))
    return text


def speak(text: str, options: SpeakOptions) -> Iterator[bytes]:
    """Yield the sound of *text*, piece by piece."""
    sound = b"".join(_sounds(text, options.voice))
    whole = sound if options.container == "none" else mulaw_wav.wrap(sound)
    for at in range(0, len(whole), PIECE_BYTES):
        yield whole[at : at + PIECE_BYTES]


def _sounds(text: str, voice: str) -> Iterator[bytes]:
    for letter in " ".join(text.split()):
        if letter == " ":
            yield _SILENCE * _samples(PAUSE_MS)
        else:
            first, second, *_ = hashlib.sha256(f"{voice}{letter}".encode()).digest()
            yield _tone(3 + first % 16) + _tone(3 + second % 16)


def _tone(half: int) -> bytes:
    """Return half a letter's time of a tone of which half a wave takes so many samples."""
    return ((_HIGH * half + _LOW * half) * _samples(LETTER_MS))[: _samples(LETTER_MS) // 2]


def _samples(ms: int) -> int:
    return ms * SAMPLE_RATE // 1_000
