"""What Twilio tells us about a call: one fact a webhook or an answer, read and checked, free of its wire format."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from telephony.calls import CallSid, CallStatus
from telephony.numbers import E164
from telephony.opt_outs import SmsKeyword
from telephony.recordings import RecordingSid, RecordingStatus
from telephony.streams import StreamSid


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Somebody is calling one of our numbers, and Twilio wants to know what to do."""

    call_sid: CallSid
    caller: str
    number: E164
    status: CallStatus


@dataclass(frozen=True, slots=True)
class DialEnded:
    """The person who was rung first has answered and hung up again, or never answered."""

    call_sid: CallSid
    caller: str
    number: E164
    was_answered: bool
    status: CallStatus


@dataclass(frozen=True, slots=True)
class ConsentAnswered:
    """A caller was asked to agree to the recording.

    Attributes:
        key: what was pressed; empty when nothing was.
    """

    call_sid: CallSid
    caller: str
    number: E164
    key: str


@dataclass(frozen=True, slots=True)
class RecordingReported:
    """A recording was made, can be fetched, or will never come.

    Attributes:
        duration_ms: 0 when Twilio did not say.
    """

    call_sid: CallSid
    recording_sid: RecordingSid
    status: RecordingStatus
    duration_ms: int


@dataclass(frozen=True, slots=True)
class CallStatusReported:
    """A call has reached a status. Reports overtake each other.

    Attributes:
        duration_s: connected seconds; None unless the call is over.
    """

    call_sid: CallSid
    caller: str
    number: E164
    status: CallStatus
    duration_s: int | None


@dataclass(frozen=True, slots=True)
class CallFound:
    """How a call is, as Twilio says when it is asked.

    Attributes:
        ended_at: None unless the call is over.
        duration_s: connected seconds; None unless the call is over.
    """

    status: CallStatus
    ended_at: datetime | None
    duration_s: int | None


class StreamEventKind(StrEnum):
    """What happened to a stream. Source: Twilio's `StreamEvent`."""

    STARTED = "stream-started"
    STOPPED = "stream-stopped"
    ERROR = "stream-error"


@dataclass(frozen=True, slots=True)
class StreamReported:
    """Twilio's side of a media stream's life.

    Attributes:
        error: Twilio's words; empty unless `kind` is ERROR.
    """

    call_sid: CallSid
    stream_sid: StreamSid
    kind: StreamEventKind
    error: str


@dataclass(frozen=True, slots=True)
class SmsReceived:
    """Somebody texted one of our numbers.

    Attributes:
        sender: None for a short code or a name, which nobody can text.
        asks: what for, if it is one of Twilio's keywords.
    """

    sender: E164 | None
    number: E164
    asks: SmsKeyword | None
