"""Whatever is posted, nothing but a WireError comes out of reading it, and nothing at all out of its signature."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.errors import WireError
from telephony.wire import webhooks
from telephony.wire.form import MAX_FORM_FIELDS, Form
from telephony.wire.signature import SignatureVerifier

READERS: list[Callable[[Form], object]] = [
    webhooks.incoming_call,
    webhooks.dial_ended,
    webhooks.message_ended,
    webhooks.pressed_key,
    webhooks.recording_reported,
    webhooks.call_status_reported,
    webhooks.stream_reported,
    webhooks.sms_received,
    webhooks.parties,
    webhooks.parties_of_query,
]
NAMES = st.sampled_from(
    [
        "AccountSid",
        "Body",
        "CallDuration",
        "CallSid",
        "CallStatus",
        "DialCallStatus",
        "Digits",
        "From",
        "OptOutType",
        "RecordingDuration",
        "RecordingSid",
        "RecordingStatus",
        "RecordingUrl",
        "StreamError",
        "StreamEvent",
        "StreamSid",
        "To",
        "caller",
        "number",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            "+15005550006",
            "completed",
            "in-progress",
            "absent",
            "stream-error",
            "hangup",
            "STOP",
            "-1",
            "7",
            "\N{ARABIC-INDIC DIGIT SEVEN}",  # a digit to str.isdigit(), and to int()
            "9" * 20,
            "CA" + "0" * 32,
            "RE" + "0" * 32,
            "MZ" + "0" * 32,
            "CA" + "0" * 32 + "\n",
        ]
    ),
    st.text(),
)
FORMS = st.builds(Form, st.lists(st.tuples(NAMES | st.text(), VALUES), max_size=40).map(tuple))


@given(st.binary())
@example(b"%")
@example(b"a=%ED%A0%80")
@example(b"&" * (MAX_FORM_FIELDS + 1))
def test_a_body_is_a_form_or_a_wire_error(body: bytes) -> None:
    with contextlib.suppress(WireError):
        form = Form.parse(body)
        assert set(form) == {name for name, _ in form.fields}


@pytest.mark.parametrize("read", READERS)
@given(form=FORMS)
def test_a_form_is_an_event_or_a_wire_error(read: Callable[[Form], object], form: Form) -> None:
    with contextlib.suppress(WireError):
        read(form)


ANY_TEXT = st.text(st.characters())  # lone surrogates included


@given(url=ANY_TEXT | st.builds("https://h.example/{}".format, ANY_TEXT), form=FORMS, signature=st.none() | ANY_TEXT)
@example(url="wss://[", form=Form(), signature=None)
@example(url="https://h:99999999999/", form=Form((("\ud800", "\udfff"),)), signature="\ud800")
def test_no_signature_is_valid_by_chance_and_none_raises(url: str, form: Form, signature: str | None) -> None:
    verifier = SignatureVerifier(["token", "previous"])
    assert not verifier.verify_form(url, form, signature)
    assert not verifier.verify_upgrade(url, signature)
