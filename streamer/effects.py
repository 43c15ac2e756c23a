"""What a session wants done: values that the bridge carries out in order."""

from dataclasses import dataclass

from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.mailboxes import Listening
from telephony.metrics import Metric
from telephony.streams import MediaStream, TicketId
from telephony.transcripts import Interim, Utterance


@dataclass(frozen=True, slots=True)
class ClaimTicket:
    """Claim the ticket; answer with `Session.admitted` or `Session.turned_away`."""

    ticket_id: TicketId
    call_sid: CallSid


@dataclass(frozen=True, slots=True)
class OpenRecogniser:
    """Connect to the recogniser; answer with `Session.recogniser_opened` or `recogniser_closed`.

    Attributes:
        number: counts the track's connections; whatever is answered says which one it is of.
    """

    track: Track
    number: int
    listening: Listening


@dataclass(frozen=True, slots=True)
class SendAudio:
    """Send sound to the track's recogniser."""

    track: Track
    audio: bytes


@dataclass(frozen=True, slots=True)
class FlushRecogniser:
    """Ask the track's recogniser to make final what it was sent so far."""

    track: Track


@dataclass(frozen=True, slots=True)
class KeepRecogniser:
    """Tell the track's recogniser that we are still there."""

    track: Track


@dataclass(frozen=True, slots=True)
class FinishRecogniser:
    """Ask the track's recogniser for its last words; its connection then closes by itself."""

    track: Track


@dataclass(frozen=True, slots=True)
class DropRecogniser:
    """Close the track's connection to the recogniser, if there is one, without asking for anything."""

    track: Track


@dataclass(frozen=True, slots=True)
class SaveStream:
    """Write this down; several of the same stream may be joined, the last stands."""

    stream: MediaStream


@dataclass(frozen=True, slots=True)
class SaveUtterance:
    """Write this down."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Publish:
    """Show this to whoever watches the call."""

    text: Interim | Utterance


@dataclass(frozen=True, slots=True)
class Count:
    """Count, or measure, this."""

    metric: Metric
    value: float = 1


@dataclass(frozen=True, slots=True)
class CloseTwilio:
    """Close Twilio's socket with this code. Source: RFC 6455, section 7.4.1."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more will be asked for; the session can be forgotten once the effects before this one are done."""


Effect = (
    ClaimTicket
    | OpenRecogniser
    | SendAudio
    | FlushRecogniser
    | KeepRecogniser
    | FinishRecogniser
    | DropRecogniser
    | SaveStream
    | SaveUtterance
    | Publish
    | Count
    | CloseTwilio
    | End
)
