"""Placing: where the streams of one call lie in its time, and what they know of it together.

A call may have several streams, one after the other when Twilio or an operator has started another, even at the same
time. Each counts time from its own start; call time is that of the first one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from telephony.coverage import Coverage, Interval, Track, merged
from telephony.streams import MediaStream, StreamSid


def offsets_ms(streams: Sequence[MediaStream]) -> dict[StreamSid, int]:
    """Return the call time at which each stream starts."""
    first = min((stream.started_at for stream in streams), default=None)
    return {stream.sid: (stream.started_at - first) // timedelta(milliseconds=1) for stream in streams if first}


def later(windows: Iterable[Interval], by_ms: int) -> tuple[Interval, ...]:
    """Return the same stretches, *by_ms* later."""
    return tuple(Interval(window.start_ms + by_ms, window.end_ms + by_ms) for window in windows)


def joined(parts: Iterable[tuple[int, Coverage]]) -> tuple[Coverage, ...]:
    """Return one coverage for each track, in call time, given each stream's and where it starts.

    What no stream brought, though another was there before or after it, is missing.
    """
    by_track: dict[Track, list[tuple[int, Coverage]]] = {}
    for offset_ms, coverage in parts:
        by_track.setdefault(coverage.track, []).append((offset_ms, coverage))
    return tuple(_joined(track, mine) for track, mine in by_track.items())


def _joined(track: Track, parts: Sequence[tuple[int, Coverage]]) -> Coverage:
    if len(parts) == 1 and parts[0][0] == 0:
        return parts[0][1]
    received_ms = max(offset_ms + coverage.received_ms for offset_ms, coverage in parts)
    brought = [window for offset_ms, coverage in parts for window in later(_brought(coverage), offset_ms)]
    heard = [window for offset_ms, coverage in parts for window in later(coverage.transcribed, offset_ms)]
    absent = Coverage(track, received_ms, transcribed=merged(brought)).untold
    return Coverage(track, received_ms, missing=absent, transcribed=merged(heard))


def _brought(coverage: Coverage) -> tuple[Interval, ...]:
    return replace(coverage, transcribed=merged(coverage.missing)).untold
