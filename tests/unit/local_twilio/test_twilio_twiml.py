"""How TwiML is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.twilio.twiml import TwimlError, parse
from local.twilio.verbs import Dial, Pause, Play, Record, Say, StartStream, StopStream


def response(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'.encode()


def test_attributes_that_are_missing_have_twilios_defaults() -> None:
    document = parse(response("<Say>Hi <break/>there</Say><Pause/><Record/><Dial>+15005550010</Dial>"))
    assert document.warnings == ()
    assert document.verbs == (
        Say(text="Hi there"),
        Pause(length_s=1),
        Record(timeout_s=5, finish_on_key="1234567890*#", max_length_s=3_600, play_beep=True, trim=True),
        Dial(numbers=("+15005550010",), timeout_s=30),
    )


def test_streams_carry_their_parameters() -> None:
    document = parse(
        response(
            '<Start><Stream name="tx" url="wss://h/p" track="both_tracks" statusCallback="https://h/s">'
            '<Parameter name="ticket" value="t"/></Stream></Start><Stop><Stream name="tx"/></Stop>'
        )
    )
    start = StartStream(
        url="wss://h/p", name="tx", track="both_tracks", callback="https://h/s", parameters={"ticket": "t"}
    )
    assert document.verbs == (start, StopStream(name="tx"))
    assert document.warnings == ()


@pytest.mark.parametrize(
    "skipped",
    [
        '<Stream url="wss://h/p"/>',
        "<say>wrong case</say>",
        "<Gather><Record/></Gather>",
        '<Gather input="speech"/>',
        "<Start><Siprec/></Start>",
        "<Stop><Recording/></Stop>",
        '<Start><Stream url="wss://h/p"><Number/></Stream></Start>',
        "<Dial><Conference>room</Conference></Dial>",
        "<Record><Say>nested</Say></Record>",
        '<Pause Length="3"/>',
        '<Pause length="soon"/>',
        '<Record playBeep="yes"/>',
        '<Record method="PUT"/>',
        '<Start><Stream url="wss://h/p"><Parameter name="n" value="' + "v" * 499 + '"/></Stream></Start>',
    ],
)
def test_what_twilio_does_not_know_is_skipped_with_one_warning(skipped: str) -> None:
    document = parse(response(skipped + "<Play>https://h/a.mp3</Play>"))
    assert len(document.warnings) == 1
    assert document.verbs[-1] == Play(url="https://h/a.mp3")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 12_100),
        (b"\xff", 12_100),
        (b"<Responses/>", 12_100),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><Response>&a;</Response>', 12_100),
        (b"<Response>" + b" " * 65_536 + b"</Response>", 11_750),
    ],
)
def test_a_document_that_cannot_be_carried_out_has_a_code(content: bytes, code: int) -> None:
    with pytest.raises(TwimlError) as caught:
        parse(content)
    assert caught.value.code == code


@given(st.binary() | st.text().map(str.encode) | st.text().map(response))
def test_nothing_else_escapes_whatever_is_read(content: bytes) -> None:
    try:
        parse(content)
    except TwimlError:
        return
