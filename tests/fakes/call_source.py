"""CallSource in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

from telephony.calls import CallSid
from telephony.errors import NotFoundError, TelephonyError
from telephony.events import CallFound, RecordingReported
from tests.fakes.clock import FixedClock


@dataclass
class MemoryCallSource:
    """Twilio's side of calls: `found` is what it knows of them, `made` what was recorded.

    Attributes:
        trouble: raised for every question while it is set.
        asked: what was asked for, in order.
        delay: by how much *clock*, if there is one, moves on with each question.
    """

    found: dict[CallSid, CallFound] = field(default_factory=dict)
    made: list[RecordingReported] = field(default_factory=list)
    trouble: TelephonyError | None = None
    asked: list[CallSid] = field(default_factory=list)
    delay: timedelta = timedelta()
    clock: FixedClock | None = None

    def call(self, call_sid: CallSid) -> CallFound:
        """Return what is known of a call. Raises: NotFoundError, and `trouble`."""
        self._ask(call_sid)
        if call_sid not in self.found:
            raise NotFoundError("call")
        return self.found[call_sid]

    def recordings(self, call_sid: CallSid) -> tuple[RecordingReported, ...]:
        """Return the call's recordings. Raises: `trouble`."""
        self._ask(call_sid)
        return tuple(each for each in self.made if each.call_sid == call_sid)

    def _ask(self, call_sid: CallSid) -> None:
        self.asked.append(call_sid)
        if self.clock is not None:
            self.clock.advance(self.delay)
        if self.trouble is not None:
            raise self.trouble
