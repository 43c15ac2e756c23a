"""Pause: a stretch of a call that somebody asked us not to listen to, such as while a card's number is spoken.

Nothing of it is streamed, recorded, shown as it is said, or ever put in its place from elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telephony.calls import CallSid
from telephony.coverage import Interval
from telephony.streams import MediaStream

MAX_PAUSES: Final = 20
"""Of one call."""

RESUMING: Final = timedelta(seconds=5)
"""A stream that starts so soon after a pause's end ends it: what was said before it was not listened to either."""

LONGEST_MS: Final = 24 * 60 * 60 * 1_000
"""How long a pause may seem that nobody has ended: longer than any call."""


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause of a call.

    Attributes:
        number: counts a call's pauses, from 1.
        started_at: when it was asked for, which is before anything was stopped.
        requested_by: the subject (JWT `sub`) who asked for it.
        ended_at: when listening went on; None while it does not.
        is_recording_paused: whether Twilio has said that a recording was held.
    """

    call_sid: CallSid
    number: int
    started_at: datetime
    requested_by: str
    ended_at: datetime | None = None
    is_recording_paused: bool = False


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause in call time.

    Attributes:
        window: all that is kept out; of one that goes on, its end is later than any sound.
        is_over: whether listening went on, or the call has ended.
    """

    window: Interval
    is_over: bool


def open_pause(pauses: Sequence[Pause]) -> Pause | None:
    """Return the pause that goes on; None when there is none."""
    return next((pause for pause in pauses if pause.ended_at is None), None)


def windows(pauses: Iterable[Pause], streams: Sequence[MediaStream], over_at: datetime | None) -> tuple[Paused, ...]:
    """Return the pauses in call time, which is that of the first of *streams*; none without one.

    *over_at* is when the call was over, if it is: then so is every pause.
    """
    first = min((stream.started_at for stream in streams), default=None)
    if first is None:
        return ()
    return tuple(_window(pause, first, streams, over_at) for pause in pauses)


def is_awaiting(pauses: Sequence[Pause], streams: Sequence[MediaStream], over_at: datetime | None) -> bool:
    """Tell whether another stream is to come: while a pause goes on, and until listening has gone on after it."""
    if not pauses or over_at is not None:
        return False
    last = pauses[-1]
    return last.ended_at is None or not any(stream.started_at >= last.started_at for stream in streams)


def _window(pause: Pause, first: datetime, streams: Sequence[MediaStream], over_at: datetime | None) -> Paused:
    start_ms = max(0, _ms(pause.started_at - first))
    ended_at = pause.ended_at or over_at
    if ended_at is None:
        return Paused(Interval(start_ms, start_ms + LONGEST_MS), is_over=False)
    resumed_at = min((each.started_at for each in streams if each.started_at >= pause.started_at), default=ended_at)
    if ended_at < resumed_at <= ended_at + RESUMING:
        ended_at = resumed_at
    return Paused(Interval(start_ms, max(start_ms, _ms(ended_at - first))), is_over=True)


def _ms(delta: timedelta) -> int:
    return delta // timedelta(milliseconds=1)
