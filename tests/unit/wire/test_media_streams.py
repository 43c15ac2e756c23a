"""Twilio's messages, one capture each."""

import json
from pathlib import Path

import pytest

from telephony.coverage import Track
from telephony.errors import WireError
from telephony.wire.media_streams import MAX_MESSAGE_BYTES, Connected, Ignored, Media, Message, Start, Stop, parse

CAPTURES = Path(__file__).parents[2] / "captures" / "media_streams"
BAD = sorted(path.stem for path in CAPTURES.glob("bad-*.json"))
SOUND = bytes(range(0x30, 0x30 + 160))


def parsed(name: str) -> Message:
    return parse((CAPTURES / f"{name}.json").read_bytes())


def started(name: str) -> Start:
    message = parsed(name)
    assert isinstance(message, Start)
    return message


def test_the_first_message_of_a_stream_is_read() -> None:
    assert parsed("connected") == Connected()


def test_start_says_whose_sound_follows_and_brings_our_parameters() -> None:
    start = started("start")
    assert start.call_sid == "CA00000000000000000000000000000001"
    assert start.stream_sid == "MZ00000000000000000000000000000001"
    assert start.tracks == (Track.INBOUND,)
    assert start.parameters == {"ticket": "opaque-one-time-token"}


def test_start_announces_both_tracks_in_their_order() -> None:
    assert started("start-both-tracks").tracks == (Track.INBOUND, Track.OUTBOUND)


def test_start_without_parameters_has_none() -> None:
    assert started("start-without-parameters").parameters == {}


def test_media_brings_its_sound_and_its_place_though_numbers_are_text() -> None:
    assert parsed("media-inbound") == Media(Track.INBOUND, sequence=2, at_ms=20, audio=SOUND)


def test_media_of_the_other_track_says_so() -> None:
    assert parsed("media-outbound") == Media(Track.OUTBOUND, sequence=3, at_ms=20, audio=b"\xff" * 160)


def test_a_chunk_from_next_year_is_read_for_its_timeline_refuses_it() -> None:
    assert parsed("media-next-year") == Media(Track.INBOUND, sequence=4, at_ms=365 * 24 * 3600 * 1000, audio=SOUND)


def test_stop_is_read() -> None:
    assert parsed("stop") == Stop(sequence=400)


@pytest.mark.parametrize("number", ["-1", "1e3", "x", "²", "9" * 16, "", None, 7, 1.5, [], {}])
def test_a_message_whose_number_makes_no_sense_has_none(number: object) -> None:
    assert parse(json.dumps({"event": "stop", "sequenceNumber": number}).encode()) == Stop()


@pytest.mark.parametrize(("name", "event"), [("dtmf", "dtmf"), ("mark", "mark"), ("unknown-event", "weather")])
def test_what_a_listener_has_no_use_for_is_ignored(name: str, event: str) -> None:
    found = parsed(name)
    assert isinstance(found, Ignored)
    assert (found.event, found.sequence > 0) == (event, True)


@pytest.mark.parametrize("name", BAD)
def test_a_broken_message_is_the_peers_fault(name: str) -> None:
    with pytest.raises(WireError):
        parsed(name)


def test_there_are_broken_messages_of_every_kind() -> None:
    assert len(BAD) == 15


def test_a_number_that_makes_no_sense_is_no_reason_to_refuse_sound() -> None:
    media = {"track": "inbound", "timestamp": "20", "payload": "AAE="}
    text = json.dumps({"event": "media", "sequenceNumber": {"a": [1]}, "media": media}).encode()
    assert parse(text) == Media(Track.INBOUND, sequence=0, at_ms=20, audio=b"\x00\x01")


@pytest.mark.parametrize("depth", [500, 30_000])
def test_a_message_however_deep_is_read_or_refused(depth: int) -> None:
    text = (CAPTURES / "media-inbound.json").read_bytes().replace(b'"2"', b"[" * depth + b"]" * depth, 1)
    try:
        assert parse(text) == Media(Track.INBOUND, sequence=0, at_ms=20, audio=SOUND)
    except WireError:
        assert depth > 1_000


@pytest.mark.parametrize("text", [b"", b"null", b"7", b'"media"', b"\xff\xfe", b"[" * 100_000, b'{"event":"media"}'])
def test_what_is_no_message_at_all_is_the_peers_fault(text: bytes) -> None:
    with pytest.raises(WireError):
        parse(text)


def test_ten_megabytes_are_refused_before_they_are_read() -> None:
    whole = (CAPTURES / "connected.json").read_bytes()
    assert parse(whole.ljust(MAX_MESSAGE_BYTES)) == Connected()
    with pytest.raises(WireError, match="too long"):
        parse(whole.ljust(10 * 1024 * 1024))


@pytest.mark.parametrize("name", BAD)
def test_the_error_holds_nothing_of_what_the_peer_sent(name: str) -> None:
    with pytest.raises(WireError) as caught:
        parsed(name)
    assert not any(part in str(caught.value) for part in ("base64!", "sideways", "noon", "999"))
