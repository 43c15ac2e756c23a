"""Webhooks: what Twilio posts about calls, recordings and streams, read into events.

Every function takes any form and raises WireError, which names the field and never its value, or nothing.
Addresses that Twilio sends, such as `RecordingUrl`, are not read: whatever is fetched is found by its SID.

Source: https://www.twilio.com/docs/voice/twiml
"""

import re
from enum import StrEnum
from typing import TypeVar

from telephony.answering import Parties
from telephony.calls import CallSid, CallStatus, parse_call_sid
from telephony.errors import WireError
from telephony.events import (
    CallStatusReported,
    ConsentAnswered,
    DialEnded,
    IncomingCall,
    RecordingReported,
    SmsReceived,
    StreamEventKind,
    StreamReported,
)
from telephony.numbers import E164, parse_e164
from telephony.opt_outs import SmsKeyword, keyword
from telephony.recordings import RecordingSid, RecordingStatus, parse_recording_sid
from telephony.streams import StreamSid
from telephony.wire.form import Form


class WebhookPath(StrEnum):
    """Where Twilio finds us, below the public origin."""

    VOICE = "/twilio/voice"
    FALLBACK = "/twilio/fallback"
    DIALED = "/twilio/dialed"
    ANNOUNCED = "/twilio/announced"
    CONSENTED = "/twilio/consented"
    CALLED = "/twilio/called"
    RECORDED = "/twilio/recorded"
    RECORDING = "/twilio/recording"
    STATUS = "/twilio/status"
    STREAM = "/twilio/stream"
    SMS = "/twilio/sms"


MAX_CALLER_CHARS = 320
"""A SIP address has 255 at most; no phone number comes near."""

CALLER_KEY = "caller"
NUMBER_KEY = "number"

_STREAM_SID = re.compile(r"MZ[0-9a-fA-F]{32}", re.ASCII)
_KEY = re.compile(r"[0-9*#]", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,7}", re.ASCII)
_UNKNOWN_SECONDS = "-1"
"""How Twilio's recordings word a length that is not known."""

_DIAL_ANSWERED = {
    "completed": True,
    "answered": True,
    "busy": False,
    "no-answer": False,
    "failed": False,
    "canceled": False,
}
_RECORDING_STATUS = {
    "in-progress": RecordingStatus.ANNOUNCED,
    "completed": RecordingStatus.COMPLETED,
    "absent": RecordingStatus.ABSENT,
    "failed": RecordingStatus.ABSENT,
}
_MS_PER_S = 1_000

T = TypeVar("T")


def incoming_call(form: Form) -> IncomingCall:
    """Read the request for the TwiML of a new call. Raises: WireError."""
    return IncomingCall(
        call_sid=call_sid(form),
        caller=_theirs(form),
        number=_ours(form),
        status=_call_status(form),
    )


def dial_ended(form: Form) -> DialEnded:
    """Read the action callback of `<Dial>`. Raises: WireError."""
    return DialEnded(
        call_sid=call_sid(form),
        caller=_theirs(form),
        number=_ours(form),
        was_answered=_one_of(_DIAL_ANSWERED, form, "DialCallStatus"),
        status=_call_status(form),
    )


def consent_answered(form: Form) -> ConsentAnswered:
    """Read the action callback of `<Gather>`. Raises: WireError."""
    return ConsentAnswered(call_sid=call_sid(form), caller=_theirs(form), number=_ours(form), key=key_of_consent(form))


def key_of_consent(form: Form) -> str:
    """Read which key the caller has pressed; empty for none. Raises nothing: what is no single key is no answer."""
    digits = form.get("Digits")
    return digits if _KEY.fullmatch(digits) else ""


def message_ended(form: Form) -> RecordingReported | None:
    """Read the action callback of `<Record>`; None when it does not say which recording. Raises: WireError.

    Twilio documents no `RecordingSid` for this callback, and the recording's own callback follows.
    """
    sid = call_sid(form)
    if not form.get("RecordingSid"):
        return None
    return RecordingReported(sid, _recording_sid(form), RecordingStatus.ANNOUNCED, _duration_ms(form))


def is_outgoing(form: Form) -> bool:
    """Tell whether the call is one that we made; `outbound-dial` is said of whom a caller is put through to."""
    return form.get("Direction") == "outbound-api"


def pressed_key(form: Form) -> bool:
    """Tell whether a key ended the message, so that the caller is still there."""
    return form.get("Digits") not in {"", "hangup"}


def recording_reported(form: Form) -> RecordingReported:
    """Read a recording's status callback. Raises: WireError."""
    return RecordingReported(
        call_sid=call_sid(form),
        recording_sid=_recording_sid(form),
        status=_one_of(_RECORDING_STATUS, form, "RecordingStatus"),
        duration_ms=_duration_ms(form),
    )


def call_status_reported(form: Form) -> CallStatusReported:
    """Read a call's status callback. Raises: WireError."""
    status = _call_status(form)
    return CallStatusReported(
        call_sid=call_sid(form),
        caller=_theirs(form),
        number=_ours(form),
        status=status,
        duration_s=_seconds(form, "CallDuration") if status.is_final else None,
    )


def stream_reported(form: Form) -> StreamReported:
    """Read a media stream's status callback. Raises: WireError."""
    sid = form.get("StreamSid")
    if _STREAM_SID.fullmatch(sid) is None:
        raise WireError("StreamSid is not 'MZ' and 32 hexadecimal digits")
    return StreamReported(
        call_sid=call_sid(form),
        stream_sid=StreamSid(sid),
        kind=_one_of({kind.value: kind for kind in StreamEventKind}, form, "StreamEvent"),
        error=form.get("StreamError"),
    )


def sms_received(form: Form) -> SmsReceived:
    """Read the request about a text to one of our numbers. Raises: WireError.

    With Twilio's Advanced Opt-Out a number may have keywords of its own; then Twilio says which one it was.
    """
    said = form.get("OptOutType")
    asks = _one_of({each.name: each for each in SmsKeyword}, form, "OptOutType") if said else keyword(form.get("Body"))
    try:
        sender = parse_e164(form.get("From"))
    except WireError:
        sender = None
    return SmsReceived(sender, _number(form, "To"), asks)


def parties(form: Form) -> Parties:
    """Read who calls whom, and nothing else. Raises: WireError."""
    return Parties(_theirs(form), _ours(form))


def parties_of_query(query: Form) -> Parties | None:
    """Read what we ourselves wrote into a callback's address; None when it is not there. Raises: WireError."""
    if not query.getlist(NUMBER_KEY):
        return None
    return Parties(_caller(query, CALLER_KEY), _number(query, NUMBER_KEY))


def call_sid(form: Form) -> CallSid:
    """Read which call it is about. Raises: WireError."""
    return parse_call_sid(form.get("CallSid"))


def _theirs(form: Form) -> str:
    """Read who is at the other end: whom we rang, in a call of ours."""
    return _caller(form, "To" if is_outgoing(form) else "From")


def _ours(form: Form) -> E164:
    """Read which of our numbers it is about."""
    return _number(form, "From" if is_outgoing(form) else "To")


def _caller(form: Form, name: str) -> str:
    caller = form.get(name)
    if len(caller) > MAX_CALLER_CHARS:
        raise WireError(f"{name} is longer than {MAX_CALLER_CHARS} characters")
    return caller


def _number(form: Form, name: str) -> E164:
    try:
        return parse_e164(form.get(name))
    except WireError as exc:
        raise WireError(f"{name}: {exc}") from None


def _call_status(form: Form) -> CallStatus:
    return _one_of({status.value: status for status in CallStatus}, form, "CallStatus")


def _recording_sid(form: Form) -> RecordingSid:
    return parse_recording_sid(form.get("RecordingSid"))


def _duration_ms(form: Form) -> int:
    return (_seconds(form, "RecordingDuration") or 0) * _MS_PER_S


def _seconds(form: Form, name: str) -> int | None:
    text = form.get(name)
    if text in {"", _UNKNOWN_SECONDS}:
        return None
    if _SECONDS.fullmatch(text) is None:
        raise WireError(f"{name} is not a number of seconds")
    return int(text)


def _one_of(words: dict[str, T], form: Form, name: str) -> T:
    try:
        return words[form.get(name)]
    except KeyError:  # its text would quote what came
        raise WireError(f"{name} is not one of Twilio's words") from None
