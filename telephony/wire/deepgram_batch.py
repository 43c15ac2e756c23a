"""Deepgram's speech-to-text of recordings: what we ask for, and what comes back, read into values.

All times are from the start of the sound that was sent, in whole milliseconds.
Source: developers.deepgram.com/reference/speech-to-text/listen-pre-recorded.
"""

from typing import Any

from telephony.errors import WireError
from telephony.mailboxes import Listening
from telephony.recordings import RecordedWord
from telephony.wire.deepgram import heard_word, milliseconds


def batch_options(listening: Listening) -> dict[str, Any]:
    """Return the query that transcribes one channel as *listening* says, as its live stream was."""
    return {
        "multichannel": True,  # else it is not said what becomes of the channels of a file that has several
        "model": listening.model,
        "language": listening.language,
        "smart_format": True,
        "punctuate": True,
        **({"keyterm": list(listening.key_terms)} if listening.key_terms else {}),
        **({"redact": [each.value for each in listening.redact]} if listening.redact else {}),
    }


def parse_response(response: Any) -> tuple[tuple[RecordedWord, ...], int]:
    """Return the words of the first channel, and how much sound was listened to.

    Raises: WireError, and nothing else whatever *response*, which is JSON, is.
    """
    try:
        duration_ms = milliseconds(response["metadata"]["duration"])
        words = response["results"]["channels"][0]["alternatives"][0]["words"]
        return tuple(_word(word) for word in words), duration_ms
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as exc:
        raise WireError(f"not a transcription: {type(exc).__name__}") from exc


def _word(word: Any) -> RecordedWord:
    heard = heard_word(word)
    return RecordedWord(heard.text, heard.start_ms, heard.end_ms, heard.confidence)
