"""What the domain asks of Twilio while a call goes on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.calls import CallSid
from telephony.numbers import E164
from telephony.streams import StreamSid, Ticket


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """A stream that is to be started beside what a call is doing.

    Attributes:
        name: no other stream of the call has or had it.
    """

    name: str
    ticket: Ticket


class CallControl(Protocol):
    """Calls as they go on. Every method may raise UpstreamError, and NotFoundError for a call that Twilio has not."""

    def stop_stream(self, call_sid: CallSid, stream: str | StreamSid) -> bool:
        """End the stream of that name or SID; return False if none such is live."""
        ...

    def start_stream(self, call_sid: CallSid, order: StreamOrder) -> None:
        """Start a stream. Raises: UpstreamError, not retryable, if there was one of that name."""
        ...

    def pause_recording(self, call_sid: CallSid) -> bool:
        """Put silence into the recording from now on; return False if nothing is recorded."""
        ...

    def resume_recording(self, call_sid: CallSid) -> bool:
        """Let the recording have sound again; return False if nothing is recorded."""
        ...

    def dial(self, to: E164, sender: E164) -> CallSid:
        """Ring *to* from one of our numbers; our webhook is asked what to do when somebody answers.

        Raises: UpstreamError; if it is uncertain, the telephone may be ringing.
        """
        ...

    def dialled(self, to: E164, sender: E164, since: datetime) -> tuple[CallSid, ...]:
        """Return the latest calls from one of our numbers that somebody asked for since then, newest first."""
        ...
