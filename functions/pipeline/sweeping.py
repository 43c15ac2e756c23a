"""Sweeps up: asks Twilio about calls that have been open for long, since a report, a streamer or we can get lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from functions.pipeline.follow import Follower
from functions.pipeline.ports import PipelinePorts
from telephony.answering import reported_recording
from telephony.calls import Call, CallSid, CallStatus
from telephony.errors import NotFoundError, TelephonyError
from telephony.log import logger
from telephony.metrics import Metric
from telephony.streams import StreamEnd
from telephony.voicemail import LATEST, CallFacts, untold_since

MOST_CALLS: Final = 500
"""Of one run; the next goes on with those that waited longest."""

RUN_LIMIT: Final = timedelta(seconds=120)
"""No call is begun later in a run than this."""

LOST: Final = "the streamer went away"


@dataclass(frozen=True, slots=True)
class Sweeps:
    """When a call is swept, and what is given up.

    Attributes:
        age: how long a call has been open, or not been looked after, before Twilio is asked about it.
        lost_stream: how long after the end of its call a stream that nobody ended is given up.
    """

    age: timedelta
    lost_stream: timedelta


class Sweeper:
    """Brings open calls on. Doing it again, or twice at once, changes nothing more."""

    def __init__(self, ports: PipelinePorts, follower: Follower, sweeps: Sweeps) -> None:
        self._ports = ports
        self._follower = follower
        self._sweeps = sweeps

    def sweep(self) -> int:
        """Look after the open calls that waited longest, and return how many went well.

        A call is put last before it is looked after, so that one on which we die does not keep the others waiting.
        Raises: UpstreamError if the open calls cannot be listed.
        """
        began_at = self._ports.clock.now()
        went_well = 0
        untold = [timedelta(0)]
        for call_sid in self._ports.calls.open_calls(began_at - self._sweeps.age, MOST_CALLS):
            now = self._ports.clock.now()
            if now >= began_at + RUN_LIMIT:
                break
            went_well += self._succeeds(call_sid, now, untold)
        self._ports.meter.add(Metric.OLDEST_UNTOLD_MS, max(untold) / timedelta(milliseconds=1))
        return went_well

    def _succeeds(self, call_sid: CallSid, now: datetime, untold: list[timedelta]) -> bool:
        try:
            self._ports.calls.looked_after(call_sid, now)
            facts = self._ports.calls.facts(call_sid)
            since = untold_since(facts, now)
            if since is not None:
                untold.append(now - since)
            self._look_after(call_sid, facts, now)
        except TelephonyError as exc:
            logger().warning("sweep-failed", call_sid=call_sid, error=str(exc))
            return False
        except Exception:  # noqa: BLE001 - the outermost edge: a bug ends this call's turn, not the others'
            logger().error("sweep-crashed", call_sid=call_sid, exc_info=True)
            return False
        return True

    def _look_after(self, call_sid: CallSid, facts: CallFacts, now: datetime) -> None:
        call, is_checked = facts.call, False
        if call is None:  # it was erased
            self._ports.calls.close(call_sid, now)
            return
        try:
            call = self._as_it_is(call, now)
            is_checked = call.status.is_final and self._has_all_recordings(facts, now)
        except TelephonyError as exc:  # what is known may be enough by now
            logger().warning("call-unasked", call_sid=call_sid, error=str(exc))
            self._ports.meter.add(Metric.CALL_UNASKED)
        if call.status.is_final:
            self._end_streams(facts, call.ended_at or call.started_at, now)
        self._follower.follow(call_sid, is_checked=is_checked)

    def _as_it_is(self, call: Call, now: datetime) -> Call:
        """Return *call* as Twilio has it, if it was not known to be over.

        A call that could have lasted no longer is over, even if nobody can be asked.
        """
        if call.status.is_final:
            return call
        status, ended_at, duration_s = CallStatus.FAILED, now, None
        try:
            found = self._ports.twilio_calls.call(call.sid)
        except NotFoundError:
            logger().warning("call-unknown-to-twilio", call_sid=call.sid)
        except TelephonyError as exc:
            if now < call.started_at + LATEST:
                raise
            logger().error("call-given-up", call_sid=call.sid, error=str(exc))
            self._ports.meter.add(Metric.CALL_UNASKED)
        else:
            # Twilio's clock may be ahead of ours, and people are told when ours says so.
            status, ended_at, duration_s = found.status, min(found.ended_at or now, now), found.duration_s
        self._ports.calls.report(call.sid, status, ended_at, duration_s)
        if status.is_final:
            self._recovered(call.sid, "end")
        return self._ports.calls.get(call.sid)

    def _has_all_recordings(self, facts: CallFacts, now: datetime) -> bool:
        """Report the recordings of a call that is over, if they are not all there."""
        known = {recording.sid: recording.status for recording in facts.recordings}
        if known and all(recording.is_settled for recording in facts.recordings):
            return True
        for found in self._ports.twilio_calls.recordings(facts.transcript.call_sid):
            recording = reported_recording(found, now)
            self._ports.recordings.report(recording)
            if recording.sid not in known or recording.status.rank > known[recording.sid].rank:
                self._recovered(recording.call_sid, "recording")
        return True

    def _end_streams(self, facts: CallFacts, ended_at: datetime, now: datetime) -> None:
        if now < ended_at + self._sweeps.lost_stream:
            return
        for stream_sid in facts.open_streams:
            self._ports.transcripts.end_stream(
                facts.transcript.call_sid, stream_sid, end=StreamEnd.LOST, trouble=LOST, at=ended_at
            )
            self._recovered(facts.transcript.call_sid, "stream")

    def _recovered(self, call_sid: CallSid, what: str) -> None:
        logger().warning("call-recovered", call_sid=call_sid, what=what)
        self._ports.meter.add(Metric.CALL_RECOVERED)
