"""CallControl that remembers what it was asked."""

from dataclasses import dataclass, field
from datetime import datetime

from telephony.calls import CallSid
from telephony.errors import TelephonyError
from telephony.numbers import E164
from telephony.ports.control import StreamOrder
from telephony.streams import StreamSid


@dataclass
class MemoryControl:
    """Does as it is told.

    Attributes:
        asked: each thing that was asked for, in order, with what it was asked about.
        refusals: what is raised for one of them, each time.
        records: whether the calls are recorded.
        ringing: what Twilio has of calls that somebody asked for: to whom, from whom, which, and when.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    started: list[StreamOrder] = field(default_factory=list)
    refusals: dict[str, TelephonyError] = field(default_factory=dict)
    records: bool = True
    ringing: list[tuple[E164, E164, CallSid, datetime]] = field(default_factory=list)

    def stop_stream(self, call_sid: CallSid, stream: str | StreamSid) -> bool:
        """Remember it. Raises: what is in `refusals`."""
        self._ask("stop", stream)
        return True

    def start_stream(self, call_sid: CallSid, order: StreamOrder) -> None:
        """Remember it. Raises: what is in `refusals`."""
        self._ask("start", order.name)
        self.started.append(order)

    def pause_recording(self, call_sid: CallSid) -> bool:
        """Remember it. Raises: what is in `refusals`."""
        self._ask("pause", call_sid)
        return self.records

    def resume_recording(self, call_sid: CallSid) -> bool:
        """Remember it. Raises: what is in `refusals`."""
        self._ask("resume", call_sid)
        return self.records

    def dial(self, to: E164, sender: E164) -> CallSid:
        """Remember it, and count the calls up. Raises: what is in `refusals`."""
        self._ask("dial", f"{sender} {to}")
        return CallSid(f"CA{len(self.asked):032x}")

    def dialled(self, to: E164, sender: E164, since: datetime) -> tuple[CallSid, ...]:
        """Return what is in `ringing`, newest first. Raises: what is in `refusals`."""
        if "dialled" in self.refusals:
            raise self.refusals["dialled"]
        mine = [each for each in self.ringing if (each[0], each[1]) == (to, sender) and each[3] >= since]
        return tuple(sid for _, _, sid, _ in reversed(mine))

    def _ask(self, what: str, about: str) -> None:
        if what in self.refusals:
            raise self.refusals[what]
        self.asked.append((what, about))
