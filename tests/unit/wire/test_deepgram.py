"""Deepgram's messages, one capture each, and the address that asks for them."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from telephony.errors import WireError
from telephony.mailboxes import Listening, Redaction
from telephony.wire.deepgram import Complaint, HeardWord, Ignored, Message, Metadata, Results, live_url, parse

CAPTURES = Path(__file__).parents[2] / "captures" / "deepgram"
BAD = sorted(path.stem for path in CAPTURES.glob("bad-*.json"))


def parsed(name: str) -> Message:
    return parse((CAPTURES / f"{name}.json").read_text())


def results(name: str) -> Results:
    message = parsed(name)
    assert isinstance(message, Results)
    return message


def test_a_final_brings_its_window_and_its_words_as_they_are_shown() -> None:
    assert results("results-final") == Results(
        start_ms=5_000,
        end_ms=7_300,
        words=(
            HeardWord("Press", 5_080, 5_480, 0.9223633),
            HeardWord("two,", 5_480, 5_720, 0.99),
            HeardWord("please.", 5_720, 6_220, 0.98),
        ),
        is_final=True,
    )
    assert results("results-final").text == "Press two, please."


def test_an_interim_may_still_change() -> None:
    interim = results("results-interim")
    assert not interim.is_final
    assert interim.text == "Press"


@pytest.mark.parametrize(("name", "is_final"), [("results-empty-interim", False), ("results-empty-final", True)])
def test_silence_has_a_window_and_no_words(name: str, *, is_final: bool) -> None:
    assert results(name).words == ()
    assert results(name).is_final is is_final


def test_what_finalize_brought_is_a_final_like_others() -> None:
    assert results("results-from-finalize").is_final


def test_float_noise_is_rounded_to_milliseconds() -> None:
    noisy = results("results-float-noise")
    assert (noisy.start_ms, noisy.end_ms) == (10_160, 12_680)
    assert noisy.words == (HeardWord("Hello.", 10_160, 10_560, 0.9990234),)


def test_an_older_server_says_no_more_than_it_must() -> None:
    assert results("results-older-server").words == (HeardWord("hello", 80, 480, 0.9),)


def test_a_words_end_and_confidence_are_kept_within_their_range() -> None:
    assert results("results-words-out-of-range").words == (HeardWord("hello", 80, 80, 1.0),)


@pytest.mark.parametrize(("name", "duration_ms"), [("metadata", 44_260), ("metadata-without-audio", 0)])
def test_metadata_says_how_much_was_listened_to(name: str, duration_ms: int) -> None:
    assert parsed(name) == Metadata(duration_ms)


def test_an_error_is_a_complaint_about_one_message() -> None:
    assert parsed("error") == Complaint("SchemaError")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("speech-started", "SpeechStarted"),
        ("utterance-end", "UtteranceEnd"),
        ("configure-success", "ConfigureSuccess"),
        ("unknown-type", "Weather"),
    ],
)
def test_what_we_have_no_use_for_is_ignored(name: str, kind: str) -> None:
    assert parsed(name) == Ignored(kind)


@pytest.mark.parametrize("name", BAD)
def test_a_broken_message_is_the_peers_fault(name: str) -> None:
    with pytest.raises(WireError):
        parsed(name)


def test_there_are_broken_messages_of_every_kind() -> None:
    assert len(BAD) == 10


@pytest.mark.parametrize("text", ["", "null", "7", '"Results"', b"\xff", "[" * 100_000, '{"type":"Results"}'])
def test_what_is_no_message_at_all_is_the_peers_fault(text: str | bytes) -> None:
    with pytest.raises(WireError):
        parse(text)


def test_a_time_that_is_a_megabyte_of_text_takes_no_memory() -> None:
    with pytest.raises(WireError):
        parse('{"type":"Metadata","duration":"' + "5" * 1_000_000 + '"}')


def test_the_address_asks_for_telephone_sound_interims_and_each_key_term() -> None:
    listening = Listening(language="en-GB", model="nova-3", key_terms=("Acme Corp", "R&D=yes"))
    url = urlsplit(live_url("wss://api.deepgram.com/v1/listen", listening))
    asked = parse_qs(url.query)
    assert (url.scheme, url.netloc, url.path) == ("wss", "api.deepgram.com", "/v1/listen")
    assert asked["encoding"] == ["mulaw"]
    assert asked["sample_rate"] == ["8000"]
    assert asked["channels"] == ["1"]
    assert asked["language"] == ["en-GB"]
    assert asked["interim_results"] == ["true"]
    assert asked["keyterm"] == ["Acme Corp", "R&D=yes"]
    assert "redact" not in asked


def test_the_address_asks_for_each_redaction() -> None:
    url = live_url("wss://api.deepgram.com/v1/listen", Listening(redact=(Redaction.PCI, Redaction.NUMBERS)))
    assert parse_qs(urlsplit(url).query)["redact"] == ["pci", "numbers"]
