"""One call: its state as Twilio words it, its line, and what the caller does."""

import asyncio
import math
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from local.twilio.caller import Caller, Cue
from local.twilio.clock import Clock
from local.twilio.events import CallAnswered, CallEnded, CallerSpeaking, Event, EventLog
from local.twilio.line import CallLine
from local.twilio.mulaw import SAMPLES_PER_MS
from local.twilio.numbers import OwnNumber

API_VERSION = "2010-04-01"


class CallStatus(StrEnum):
    """Twilio's words."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"


class LiveStream(Protocol):
    """A media stream of a call, as far as the call knows it."""

    sid: str
    name: str
    is_live: bool
    opened_ms: int | None

    @property
    def track_count(self) -> int:
        """How many tracks it carries."""

    def stop(self) -> None:
        """End it now."""


class Call:
    """A call from *caller* to *number*; or, if *is_outgoing*, one from *number* to the person called *caller* here."""

    def __init__(
        self,
        *,
        sid: str,
        caller: Caller,
        number: OwnNumber,
        clock: Clock,
        log: EventLog,
        is_outgoing: bool = False,
    ) -> None:
        self.is_outgoing = is_outgoing
        self.sid = sid
        self.caller = caller
        self.number = number
        self.status = CallStatus.RINGING
        self.line = CallLine(clock)
        self.began_ms = clock.next_ms()
        self.answered_ms: float | None = None
        self.outcome: CallStatus | None = None
        """What the status becomes at the end; None: completed if it was answered, else no-answer."""
        self.streams: list[LiveStream] = []
        """All media streams that the call ever had."""
        self._clock = clock
        self._log = log
        self._ended = asyncio.Event()
        self._cued = False
        if caller.hangs_up_at_ms is not None:
            self.line.hang_up(self.began_ms + caller.hangs_up_at_ms)

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self._ended.is_set()

    @property
    def direction(self) -> str:
        """Twilio's word."""
        return "outbound-api" if self.is_outgoing else "inbound"

    @property
    def from_(self) -> str:
        """The number that calls."""
        return self.number.number if self.is_outgoing else self.caller.number

    @property
    def to(self) -> str:
        """The number that is called."""
        return self.caller.number if self.is_outgoing else self.number.number

    @property
    def began_at(self) -> datetime:
        """When the call reached Twilio, in simulated UTC."""
        return self._clock.at(self.began_ms)

    @property
    def hung_up_at(self) -> datetime | None:
        """When the line went dead, in simulated UTC; None while it has not."""
        return self._clock.at(self.line.ends_at_ms) if self.is_over else None

    @property
    def duration_s(self) -> int:
        """From the answer to the end (or now), in seconds rounded up; 0 when nobody answered."""
        if self.answered_ms is None:
            return 0
        until_ms = min(self.line.ends_at_ms, self._clock.now_ms())
        return max(0, math.ceil((until_ms - self.answered_ms) / 1_000))

    @property
    def events(self) -> list[Event]:
        """What has happened in this call so far."""
        return self._log.all(self.sid)

    async def ended(self) -> None:
        """Return when the call is over. The caller of this bounds the wait."""
        await self._ended.wait()

    def answer(self) -> None:
        """Pick up, unless that has been done."""
        if self.answered_ms is not None or self.is_over:
            return
        self.answered_ms = self._clock.now_ms()
        self.status = CallStatus.IN_PROGRESS
        self._log.publish(CallAnswered(at=self._clock.now(), call_sid=self.sid))
        self.cue(Cue.ANSWER, self._clock.next_ms())

    def cue(self, cue: Cue, at_ms: int) -> None:
        """Let the caller speak, press and hang up as planned, if this is what the caller waited for."""
        if self._cued or cue is not self.caller.speaks_on:
            return
        self._cued = True
        speaks_ms = at_ms + self.caller.pause_ms
        done_ms = self.line.inbound.lay(speaks_ms, self.caller.speech)
        if self.caller.speech:
            length_ms = len(self.caller.speech) // SAMPLES_PER_MS
            at = self._clock.at(speaks_ms)
            self._log.publish(CallerSpeaking(at=at, call_sid=self.sid, duration_ms=length_ms))
        if self.caller.presses:
            self.line.press(done_ms + self.caller.presses_after_ms, self.caller.presses)
        if self.caller.hangs_up_after_ms is not None:
            self.line.hang_up(done_ms + self.caller.hangs_up_after_ms)
        self.line.wake()

    def complete(self) -> None:
        """Make the end of the line the end of the call. Doing so again changes nothing."""
        if self.is_over:
            return
        self.status = self.outcome or (CallStatus.NO_ANSWER if self.answered_ms is None else CallStatus.COMPLETED)
        self._ended.set()
        self._log.publish(
            CallEnded(at=self._clock.now(), call_sid=self.sid, status=self.status, duration_s=self.duration_s)
        )

    def params(self, account_sid: str) -> dict[str, str]:
        """Return what every webhook of a call carries, blanks included.

        Source: https://www.twilio.com/docs/voice/twiml#request-parameters
        """
        places = (self.caller.place, self.number.place)
        from_place, to_place = reversed(places) if self.is_outgoing else places
        parties = {"From": from_place, "To": to_place}
        copies = {"From": "Caller", "To": "Called"}
        geo: dict[str, str] = {}
        for party, place in parties.items():
            fields = {"City": place.city, "Country": place.country, "State": place.state, "Zip": place.zip}
            for name in (party, copies[party]):
                geo |= {name + key: value for key, value in fields.items()}
        return {
            "AccountSid": account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "CallStatus": self.status,
            "CallToken": f'{{"parentCallInfoToken":"{self.sid}"}}',
            "Called": self.to,
            "Caller": self.from_,
            "Direction": self.direction,
            "From": self.from_,
            "StirVerstat": self.caller.verification,
            "To": self.to,
        } | geo

    def status_params(self, at: str) -> dict[str, str]:
        """Return what the final status callback carries besides `params`; *at* is its RFC 2822 time."""
        extra = {"CallbackSource": "call-progress-events", "SequenceNumber": "0", "Timestamp": at}
        if self.status is CallStatus.COMPLETED:
            extra |= {"CallDuration": str(self.duration_s), "Duration": str(math.ceil(self.duration_s / 60))}
        return extra
