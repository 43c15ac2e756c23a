"""The JSON the server sends, with its fields in the order in which they are seen on the wire."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from local.deepgram.recogniser import SAMPLE_RATE, Word

Json = dict[str, Any]

CLOSED_FOR_SILENCE = (
    "Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001"
)
UNDECODABLE = "DATA-0000: The payload cannot be decoded as audio."
INCOMPLETE = "incomplete"
"""Stands for the hash of the audio when the stream was not finished."""

_CONTROLS = ("CloseStream", "Configure", "Sync", "KeepAlive", "Finalize")


@dataclass(frozen=True, slots=True)
class Located:
    """A word and where it is in the stream, in samples."""

    word: Word
    start: int
    end: int


def locate(words: Sequence[Word], offset: int) -> list[Located]:
    """Return *words*, heard in audio that begins at sample *offset*, with their places in the stream."""
    return [Located(word, offset + word.start, offset + word.end) for word in words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """Writes the messages of one request."""

    request_id: str
    model: str
    punctuate: bool
    float32_times: bool
    """Add to each time the error that Deepgram's 32-bit floats show."""

    def results(
        self, channel: tuple[int, int], window: tuple[int, int], words: Sequence[Located], flags: "ResultFlags"
    ) -> Json:
        """Return a Results message for *window*, in samples."""
        start, end = window
        return {
            "type": "Results",
            "channel_index": list(channel),
            "duration": self._seconds(end - start),
            "start": self._seconds(start),
            "is_final": flags.is_final,
            "speech_final": flags.speech_final,
            "channel": {"alternatives": [self.alternative(words)]},
            "metadata": {
                "request_id": self.request_id,
                "model_info": _model_info(self.model),
                "model_uuid": _model_uuid(self.model),
            },
            "from_finalize": flags.from_finalize,
        }

    def alternative(self, words: Sequence[Located]) -> Json:
        """Return what was said, as text and word by word."""
        return {
            "transcript": self.transcript(words),
            "confidence": confidence(words),
            "words": [self._word(word) for word in words],
        }

    def transcript(self, words: Sequence[Located]) -> str:
        """Return *words* as one text, punctuated if that was asked for."""
        return " ".join(one.word.punctuated if self.punctuate else one.word.bare for one in words)

    def utterance(self, channel: int, words: Sequence[Located]) -> Json:
        """Return one entry of a batch response's `utterances`."""
        return {
            "start": self._seconds(words[0].start),
            "end": self._seconds(words[-1].end),
            "confidence": confidence(words),
            "channel": channel,
            "transcript": self.transcript(words),
            "words": [self._word(word) for word in words],
            "id": str(uuid.uuid4()),
        }

    def speech_started(self, channel: tuple[int, int], at: int) -> Json:
        """Return a SpeechStarted message."""
        return {"type": "SpeechStarted", "channel": list(channel), "timestamp": self._seconds(at)}

    def utterance_end(self, channel: tuple[int, int], last_word_end: int) -> Json:
        """Return an UtteranceEnd message."""
        return {"type": "UtteranceEnd", "channel": list(channel), "last_word_end": self._seconds(last_word_end)}

    def metadata(self, *, sha256: str, duration_s: float, channels: int) -> Json:
        """Return the metadata of the request, as a batch response holds them; models only if there was audio."""
        head = {
            "transaction_key": "deprecated",
            "request_id": self.request_id,
            "sha256": sha256,
            "created": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "duration": round(duration_s, 6),
            "channels": channels,
        }
        if not duration_s:
            return head
        model_uuid = _model_uuid(self.model)
        return head | {"models": [model_uuid], "model_info": {model_uuid: _model_info(self.model)}}

    def _word(self, located: Located) -> Json:
        word = {
            "word": located.word.bare,
            "start": self._seconds(located.start),
            "end": self._seconds(located.end),
            "confidence": round(located.word.confidence, 7),
        }
        return word | {"punctuated_word": located.word.punctuated} if self.punctuate else word

    def _seconds(self, samples: int) -> float:
        seconds = round(samples / SAMPLE_RATE, 6)
        if not (self.float32_times and seconds):
            return seconds
        return float(str(np.nextafter(np.float32(seconds), np.float32(np.inf))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFlags:
    """What a Results message says about itself; an interim says no to all."""

    is_final: bool = False
    speech_final: bool = False
    from_finalize: bool = False


def confidence(words: Sequence[Located]) -> float:
    """Return the mean confidence of *words*, 0 for none."""
    return round(sum(one.word.confidence for one in words) / len(words), 7) if words else 0.0


def unknown_variant(name: object, text: str) -> Json:
    """Return the Error for a text message of a type that is not known."""
    expected = ", ".join(f"`{control}`" for control in _CONTROLS)
    return schema_error(f"unknown variant `{name}`, expected one of {expected}", text)


def schema_error(what: str, text: str) -> Json:
    """Return the Error for a text message that cannot be read; the stream stays open."""
    return {
        "type": "Error",
        "variant": "SchemaError",
        "description": f"Could not deserialize last text message: {what}",
        "message": text,
    }


def configured(request_id: str, keyterms: Sequence[str]) -> Json:
    """Return the answer to a Configure message that took effect."""
    return {"type": "ConfigureSuccess", "request_id": request_id, "keyterms": list(keyterms)}


def _model_info(model: str) -> Json:
    family = next((name for name in ("nova-3", "nova-2", "nova", "enhanced") if model.startswith(name)), "base")
    variant = model.removeprefix(family).strip("-") or "general"
    name = f"2-{variant}-nova" if family == "nova-2" else f"{variant}-{family}"
    return {"name": name, "version": "local", "arch": family}


def _model_uuid(model: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"model:{model}"))
