"""Invariant: whatever a peer sends, it is read, or refused with WireError; nothing else escapes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import WireError
from telephony.wire import deepgram, media_streams

CAPTURES = Path(__file__).parents[1] / "captures"

numbers = st.integers() | st.floats() | st.just(10**400)
scalars = st.none() | st.booleans() | numbers | st.text() | st.sampled_from(["9" * 4_300, "-0", "1_000", "٣"])
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def captures(folder: str) -> st.SearchStrategy[Any]:
    readable = (path for path in sorted((CAPTURES / folder).glob("*.json")) if path.stem != "bad-not-json")
    return st.sampled_from([json.loads(path.read_text()) for path in readable])


@st.composite
def mutated(draw: st.DrawFn, folder: str) -> bytes:
    """A capture in which one value, anywhere, is something else or not there."""
    message = json.loads(json.dumps(draw(captures(folder))))
    holders = list(_holders(message))
    holder = draw(st.sampled_from(holders)) if holders else message
    key: Any = draw(st.sampled_from(list(holder if isinstance(holder, dict) else range(len(holder)))))
    if draw(st.booleans()):
        holder[key] = draw(anything)
    else:
        del holder[key]
    return json.dumps(message).encode(errors="surrogatepass")


def _holders(value: object) -> Iterator[Any]:
    if isinstance(value, dict | list) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def read_media_streams(text: bytes) -> None:
    try:
        message = media_streams.parse(text)
    except WireError:
        return
    assert isinstance(message, media_streams.Message)


def read_deepgram(text: bytes) -> None:
    try:
        message = deepgram.parse(text)
    except WireError:
        return
    assert isinstance(message, deepgram.Message)
    if isinstance(message, deepgram.Results):
        assert 0 <= message.start_ms <= message.end_ms
        assert all(0 <= word.start_ms <= word.end_ms and 0 <= word.confidence <= 1 for word in message.words)


@given(st.binary(max_size=1_000))
def test_any_bytes_are_read_as_a_message_of_twilios_or_refused(text: bytes) -> None:
    read_media_streams(text)


@given(st.binary(max_size=1_000))
def test_any_bytes_are_read_as_a_message_of_deepgrams_or_refused(text: bytes) -> None:
    read_deepgram(text)


@given(anything)
def test_any_json_is_read_or_refused(value: object) -> None:
    text = json.dumps(value).encode(errors="surrogatepass")
    read_media_streams(text)
    read_deepgram(text)


@given(mutated("media_streams"))
def test_twilios_messages_with_anything_in_the_place_of_a_value_are_read_or_refused(text: bytes) -> None:
    read_media_streams(text)


@given(mutated("deepgram"))
def test_deepgrams_messages_with_anything_in_the_place_of_a_value_are_read_or_refused(text: bytes) -> None:
    read_deepgram(text)


@given(st.data())
def test_a_message_cut_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    folder = data.draw(st.sampled_from(["media_streams", "deepgram"]))
    text = json.dumps(data.draw(captures(folder))).encode()
    part = text[: data.draw(st.integers(0, len(text)))]
    read_media_streams(part)
    read_deepgram(part)
