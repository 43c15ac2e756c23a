"""Repair: what was done to put a recording's words where the live text of its call has none."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from telephony.calls import CallSid
from telephony.coverage import Interval, Track
from telephony.recordings import RecordingSid
from telephony.streams import StreamSid

MAX_ATTEMPTS = 4

LEASE = timedelta(seconds=120)
"""How long an attempt may take; after it, whoever began it must have died, or have given it up."""

LAST_REQUEST = timedelta(seconds=60)
"""How long before the end of its lease an attempt begins no further request: it and the writing fit into that."""

BACKOFF = (timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=60))
"""Before the second attempt and each later one."""


class RepairState(StrEnum):
    """How far a repair is."""

    TRYING = "trying"
    """Somebody is at it, or died over it."""
    WAITING = "waiting"
    """An attempt failed, and another may go better."""
    DONE = "done"
    FAILED = "failed"
    """Given up."""


class OffsetSource(StrEnum):
    """How it was found where in call time a recording begins."""

    WORDS = "words"
    """Words of the recording are words of the live text."""
    END = "end"
    """Recording and stream both end when the caller hangs up; there were no words to check that by."""
    ASSUMED = "assumed"
    """There was nothing to go by: call time is the recording's own, or the recording follows what was heard live."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The repair of a call's transcript from one of its recordings.

    Attributes:
        attempts: how many have begun, this one included.
        retry_at: while TRYING, when the attempt counts as lost; while WAITING, when the next one is due.
        stream_sid: the stream whose call time `offset_ms` and `windows` are in; None when there was none.
        track: whose words the recording has.
        offset_ms: the recording's start in call time, which is before call time 0 when it is negative; None while it
            is not known.
        recording_ms: how long the recording is: by its samples, or as Twilio counts when the end of them is missing.
        windows: the stretches of call time whose words are now the recording's: disjoint, in order.
        trouble: why an attempt failed, in a few words for the operator; empty when all went well.
    """

    recording_sid: RecordingSid
    call_sid: CallSid
    state: RepairState
    attempts: int
    retry_at: datetime | None = None
    stream_sid: StreamSid | None = None
    track: Track = Track.INBOUND
    offset_ms: int | None = None
    offset_found_by: OffsetSource | None = None
    recording_ms: int = 0
    windows: tuple[Interval, ...] = ()
    trouble: str = ""

    @property
    def mark(self) -> str:
        """What this attempt's utterances are marked with, so that those of an attempt that died are told apart."""
        return f"{self.recording_sid}.{self.attempts}"

    @property
    def is_done(self) -> bool:
        """Whether its words stand in the transcript."""
        return self.state is RepairState.DONE

    @property
    def span(self) -> Interval | None:
        """What of call time the recording spans; None while that is not known."""
        if self.offset_ms is None or self.offset_ms + self.recording_ms < 0:
            return None
        return Interval(max(self.offset_ms, 0), self.offset_ms + self.recording_ms)

    def is_over(self, now: datetime) -> bool:
        """Whether no further attempt will be made."""
        if self.state in {RepairState.DONE, RepairState.FAILED}:
            return True
        return self.attempts >= MAX_ATTEMPTS and self.retry_at is not None and now >= self.retry_at

    def begun(self, now: datetime) -> "Repair":
        """Return this attempt as it begins: what was done since it was decided on takes nothing from its time."""
        return replace(self, retry_at=now + LEASE)

    def may_ask(self, now: datetime) -> bool:
        """Whether there is time for one more request while this attempt is TRYING."""
        return self.retry_at is not None and now <= self.retry_at - LAST_REQUEST

    def failed(self, trouble: str, now: datetime, *, is_passing: bool) -> "Repair":
        """Return this attempt after it failed: to be tried again if that can help and has not been done too often."""
        if not is_passing or self.attempts >= MAX_ATTEMPTS:
            return replace(self, state=RepairState.FAILED, retry_at=None, trouble=trouble)
        retry_at = now + BACKOFF[min(self.attempts, len(BACKOFF)) - 1]
        return replace(self, state=RepairState.WAITING, retry_at=retry_at, trouble=trouble)


def next_attempt(call_sid: CallSid, recording_sid: RecordingSid, before: Repair | None, now: datetime) -> Repair:
    """Return the attempt that follows *before*, or the first one."""
    attempts = 1 if before is None else before.attempts + 1
    return Repair(recording_sid, call_sid, RepairState.TRYING, attempts, retry_at=now + LEASE)
