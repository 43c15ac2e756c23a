"""What is asked of Deepgram for a recording, and what it answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import WireError
from telephony.mailboxes import Listening, Redaction
from telephony.recordings import RecordedWord
from telephony.wire.deepgram_batch import batch_options, parse_response

WORD = {"word": "hi", "start": 0.4, "end": 0.6, "confidence": 0.99, "punctuated_word": "Hi,"}


def _response(*words: object, duration: object = 12.5) -> dict[str, Any]:
    alternatives = [{"transcript": "", "confidence": 0.9, "words": list(words)}]
    return {
        "metadata": {"duration": duration, "channels": 1},
        "results": {"channels": [{"alternatives": alternatives}]},
    }


def test_a_recording_is_listened_to_as_the_call_was() -> None:
    assert batch_options(Listening("de-AT", "nova-2", ("Grün",))) == {
        "model": "nova-2",
        "language": "de-AT",
        "multichannel": True,
        "smart_format": True,
        "punctuate": True,
        "keyterm": ["Grün"],
    }
    assert not {"keyterm", "redact"} & batch_options(Listening()).keys()
    assert batch_options(Listening(redact=(Redaction.PCI, Redaction.SSN)))["redact"] == ["pci", "ssn"]


def test_words_come_in_milliseconds_as_they_are_shown() -> None:
    bare = {"word": "there", "start": 0.6001, "end": 0.5, "confidence": 1.2}

    assert parse_response(_response(WORD, bare)) == (
        (RecordedWord("Hi,", 400, 600, 0.99), RecordedWord("there", 600, 600, 1.0)),
        12_500,
    )


def test_silence_has_no_words() -> None:
    assert parse_response(_response(duration=0)) == ((), 0)


@pytest.mark.parametrize(
    "response",
    [
        None,
        [],
        {},
        {"request_id": "later"},
        _response(duration="12"),
        _response(duration=float("nan")),
        _response({**WORD, "start": -1}),
        _response({**WORD, "punctuated_word": 5}),
        _response("word"),
        {"metadata": {"duration": 1}, "results": {"channels": []}},
    ],
)
def test_what_is_no_transcription_is_refused(response: object) -> None:
    with pytest.raises(WireError, match="not a transcription"):
        parse_response(response)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WORD, "x"]), inner, max_size=5),
    max_leaves=12,
)


@given(_JSON, _JSON)
def test_whatever_comes_is_read_or_refused(word: object, duration: object) -> None:
    for response in (word, _response(word), _response(WORD, duration=duration)):
        try:
            parse_response(response)
        except WireError:
            continue
