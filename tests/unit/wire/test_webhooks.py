"""Each webhook of Twilio's becomes the event it tells of; the captures are made up, and true to its documentation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from telephony.answering import Parties
from telephony.calls import CallSid, CallStatus
from telephony.errors import WireError
from telephony.events import (
    CallStatusReported,
    DialEnded,
    IncomingCall,
    RecordingReported,
    StreamEventKind,
    StreamReported,
)
from telephony.numbers import E164
from telephony.recordings import RecordingSid, RecordingStatus
from telephony.streams import StreamSid
from telephony.wire import webhooks
from telephony.wire.form import Form

CAPTURES = Path(__file__).parents[2] / "captures" / "twilio"
CALL = CallSid("CA00000000000000000000000000000001")
RECORDING = RecordingSid("RE00000000000000000000000000000001")
CALLER = "+14155550123"
NUMBER = E164("+15005550006")


def capture(name: str) -> Form:
    return Form.parse((CAPTURES / f"{name}.txt").read_bytes().strip())


def changed(name: str, **fields: str) -> Form:
    return Form(tuple((dict(capture(name).fields) | fields).items()))


@pytest.mark.parametrize(
    ("read", "name", "event"),
    [
        (webhooks.incoming_call, "incoming-call", IncomingCall(CALL, CALLER, NUMBER, CallStatus.RINGING)),
        (webhooks.incoming_call, "incoming-call-withheld", IncomingCall(CALL, "anonymous", NUMBER, CallStatus.RINGING)),
        (webhooks.incoming_call, "incoming-call-by-name", IncomingCall(CALL, CALLER, NUMBER, CallStatus.RINGING)),
        (webhooks.incoming_call, "fallback", IncomingCall(CALL, CALLER, NUMBER, CallStatus.RINGING)),
        (webhooks.dial_ended, "dial-answered", DialEnded(CALL, CALLER, NUMBER, True, CallStatus.IN_PROGRESS)),
        (webhooks.dial_ended, "dial-no-answer", DialEnded(CALL, CALLER, NUMBER, False, CallStatus.RINGING)),
        (webhooks.dial_ended, "dial-caller-hung-up", DialEnded(CALL, CALLER, NUMBER, False, CallStatus.NO_ANSWER)),
        (webhooks.message_ended, "record-hung-up", None),
        (
            webhooks.message_ended,
            "record-key-pressed",
            RecordingReported(CALL, RECORDING, RecordingStatus.ANNOUNCED, 24_000),
        ),
        (
            webhooks.recording_reported,
            "recording-completed",
            RecordingReported(CALL, RECORDING, RecordingStatus.COMPLETED, 24_000),
        ),
        (
            webhooks.recording_reported,
            "recording-absent",
            RecordingReported(CALL, RECORDING, RecordingStatus.ABSENT, 0),
        ),
        (
            webhooks.call_status_reported,
            "call-completed",
            CallStatusReported(CALL, CALLER, NUMBER, CallStatus.COMPLETED, 42),
        ),
        (
            webhooks.call_status_reported,
            "call-no-answer",
            CallStatusReported(CALL, CALLER, NUMBER, CallStatus.NO_ANSWER, None),
        ),
        (
            webhooks.stream_reported,
            "stream-error",
            StreamReported(
                CALL,
                StreamSid("MZ00000000000000000000000000000001"),
                StreamEventKind.ERROR,
                "31920: Stream - WebSocket - Handshake Error",
            ),
        ),
    ],
)
def test_a_webhook_becomes_its_event(read: Callable[[Form], object], name: str, event: object) -> None:
    assert read(capture(name)) == event


@pytest.mark.parametrize("name", ["stream-started", "stream-stopped"])
def test_a_stream_that_went_well_has_no_error(name: str) -> None:
    event = webhooks.stream_reported(capture(name))
    assert (event.kind, event.error) == (name, "")


@pytest.mark.parametrize(
    ("read", "name", "field", "value"),
    [
        (webhooks.incoming_call, "incoming-call", "CallSid", ""),
        (webhooks.incoming_call, "incoming-call", "CallSid", "RE00000000000000000000000000000001"),
        (webhooks.incoming_call, "incoming-call", "To", ""),
        (webhooks.incoming_call, "incoming-call", "To", "sip:alice@acme.example"),
        (webhooks.incoming_call, "incoming-call", "From", "9" * 321),
        (webhooks.incoming_call, "incoming-call", "CallStatus", "daydreaming"),
        (webhooks.dial_ended, "dial-answered", "DialCallStatus", "daydreaming"),
        (webhooks.recording_reported, "recording-completed", "RecordingSid", "RE1"),
        (webhooks.recording_reported, "recording-completed", "RecordingStatus", "daydreaming"),
        (webhooks.recording_reported, "recording-completed", "RecordingDuration", "soon"),
        (webhooks.recording_reported, "recording-completed", "RecordingDuration", "9" * 99),
        (webhooks.call_status_reported, "call-completed", "CallDuration", "-7"),
        (webhooks.stream_reported, "stream-error", "StreamSid", "MZ1"),
        (webhooks.stream_reported, "stream-error", "StreamEvent", "daydreaming"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not(
    read: Callable[[Form], object], name: str, field: str, value: str
) -> None:
    with pytest.raises(WireError, match=field) as caught:
        read(changed(name, **{field: value}))
    assert not value or value not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_number_called_over_sip_is_refused_by_name() -> None:
    with pytest.raises(WireError, match="To"):
        webhooks.incoming_call(changed("incoming-call-sip", To="sip:desk@acme.example"))
    assert webhooks.incoming_call(capture("incoming-call-sip")).caller == "sip:alice@acme.sip.example"


@pytest.mark.parametrize("text", ["", "-1"])
def test_a_length_that_twilio_does_not_know_is_none(text: str) -> None:
    assert webhooks.recording_reported(changed("recording-absent", RecordingDuration=text)).duration_ms == 0


def test_a_recording_that_failed_is_absent() -> None:
    form = changed("recording-completed", RecordingStatus="failed")
    assert webhooks.recording_reported(form).status is RecordingStatus.ABSENT


def test_a_call_that_goes_on_has_no_duration() -> None:
    form = changed("call-completed", CallStatus="in-progress")
    assert webhooks.call_status_reported(form).duration_s is None


@pytest.mark.parametrize(("digits", "is_key"), [("", False), ("hangup", False), ("#", True)])
def test_a_message_ends_by_a_key_or_by_hanging_up(digits: str, *, is_key: bool) -> None:
    assert webhooks.pressed_key(changed("record-hung-up", Digits=digits)) is is_key


def test_the_parties_are_read_from_a_query_of_ours() -> None:
    query = Form.parse(b"caller=%2B14155550123&number=%2B15005550006")
    assert webhooks.parties_of_query(query) == Parties(CALLER, NUMBER)
    assert webhooks.parties_of_query(Form()) is None
