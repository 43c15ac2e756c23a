"""Forms keep what Twilio signs, within bounds."""

import pytest

from telephony.errors import WireError
from telephony.wire.form import MAX_FORM_BYTES, MAX_FORM_FIELDS, Form


def test_blank_and_repeated_fields_are_kept() -> None:
    form = Form.parse(b"From=%2B1&FromCity=&Digits=1&Digits=2&Flag")
    assert form.get("FromCity") == ""
    assert form.getlist("Digits") == ["1", "2"]
    assert form.get("Digits") == "1"
    assert list(form) == ["Digits", "Flag", "From", "FromCity"]
    assert len(form) == 4


def test_a_field_that_is_not_there_is_blank() -> None:
    form = Form.parse(b"")
    assert form.get("From") == ""
    assert form.getlist("From") == []
    assert not form


def test_a_form_of_the_largest_size_is_read() -> None:
    assert Form.parse(b"a=" + b"x" * (MAX_FORM_BYTES - 2)).get("a") == "x" * (MAX_FORM_BYTES - 2)
    assert len(Form.parse(b"&".join(b"f%d=" % at for at in range(MAX_FORM_FIELDS)))) == MAX_FORM_FIELDS


@pytest.mark.parametrize(
    "body",
    [
        b"a=" + b"x" * MAX_FORM_BYTES,
        b"&".join(b"f%d=" % at for at in range(MAX_FORM_FIELDS + 1)),
        b"a=\xff",
        b"a=%FF",
        b"a=%ED%A0%80",  # a surrogate, which UTF-8 does not have
    ],
)
def test_what_is_no_form_is_a_wire_error(body: bytes) -> None:
    with pytest.raises(WireError):
        Form.parse(body)


def test_a_form_shows_no_value() -> None:
    form = Form.parse(b"From=%2B14155550123")
    assert "415" not in repr(form)
    with pytest.raises(WireError) as caught:
        Form.parse(b"From=%2B14155550123&x=%FF")
    assert "415" not in str(caught.value)
    assert caught.value.__suppress_context__
