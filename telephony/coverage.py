"""Coverage: of the sound of one track that reached us, how much came back as final text, and where the holes are."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

ROUNDING_MS = 20
"""A hole shorter than one media chunk is a rounding error of somebody's clock, not lost speech."""


class Track(StrEnum):
    """One direction of a call, in Twilio's words: `inbound` is what the caller says."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of call time, in milliseconds from the start of the stream; the end is not part of it."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        """Refuse an interval that ends before it starts. Raises: ValueError."""
        if not 0 <= self.start_ms <= self.end_ms:
            raise ValueError("an interval starts at 0 or later and ends after it starts")

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of one track's sound.

    Attributes:
        received_ms: how much call time the track's sound spans, lost chunks included.
        missing: what of that never reached us and was laid as silence: disjoint, in order.
        transcribed: what came back final: disjoint, in order.
        paused: what was not listened to because somebody asked for that: disjoint, in order. It is no hole.
    """

    track: Track
    received_ms: int = 0
    missing: tuple[Interval, ...] = ()
    transcribed: tuple[Interval, ...] = ()
    paused: tuple[Interval, ...] = ()

    def with_final(self, window: Interval) -> "Coverage":
        """Return the coverage after *window* came back final; windows may repeat and overlap."""
        return replace(self, transcribed=merged((*self.transcribed, window)))

    def without(self, windows: Iterable[Interval]) -> "Coverage":
        """Return the coverage after the words of *windows* were lost though they came back final."""
        return replace(self, transcribed=outside(self.transcribed, windows))

    def repaired(self, windows: Iterable[Interval], end_ms: int) -> "Coverage":
        """Return the coverage after *windows* were filled from a recording, which ends at *end_ms*."""
        filled = tuple(windows)
        return replace(
            self,
            received_ms=max(self.received_ms, end_ms),
            missing=outside(self.missing, filled),
            transcribed=merged((*self.transcribed, *filled)),
        )

    def unheard_in(self, windows: Iterable[Interval]) -> "Coverage":
        """Return the coverage of a track that was not listened to in *windows*, whatever came of them."""
        apart = merged(windows)
        if not apart:
            return self
        return replace(
            self,
            missing=outside(self.missing, apart),
            transcribed=outside(self.transcribed, apart),
            paused=tuple(
                Interval(each.start_ms, min(each.end_ms, self.received_ms))
                for each in apart
                if each.start_ms < self.received_ms
            ),
        )

    @property
    def transcribed_ms(self) -> int:
        """How much of the received time came back final."""
        untold = (*self._gaps(), *self.paused)
        return self.received_ms - sum(each.length_ms for each in untold)

    @property
    def untold(self) -> tuple[Interval, ...]:
        """The received stretches that never came back final, to the millisecond."""
        return tuple(self._gaps())

    @property
    def holes(self) -> tuple[Interval, ...]:
        """The received stretches that never came back final, leaving out rounding errors."""
        return tuple(gap for gap in self._gaps() if gap.length_ms > ROUNDING_MS)

    @property
    def is_complete(self) -> bool:
        """Whether every millisecond reached us and came back final."""
        return not self.holes and sum(lost.length_ms for lost in self.missing) <= ROUNDING_MS

    def _gaps(self) -> Iterable[Interval]:
        at = 0
        for window in merged((*self.transcribed, *self.paused)):
            if at < min(window.start_ms, self.received_ms):
                yield Interval(at, min(window.start_ms, self.received_ms))
            at = max(at, window.end_ms)
        if at < self.received_ms:
            yield Interval(at, self.received_ms)


def merged(windows: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same time in as few intervals as it takes: none empty, disjoint, not touching, in order."""
    result: list[Interval] = []
    for window in sorted(window for window in windows if window.length_ms):
        if result and window.start_ms <= result[-1].end_ms:
            result[-1] = Interval(result[-1].start_ms, max(result[-1].end_ms, window.end_ms))
        else:
            result.append(window)
    return tuple(result)


def outside(stretches: Iterable[Interval], windows: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return what of *stretches* is in none of *windows*."""
    apart, found = merged(windows), []
    for stretch in stretches:
        at = stretch.start_ms
        for window in apart:
            if at < min(window.start_ms, stretch.end_ms):
                found.append(Interval(at, min(window.start_ms, stretch.end_ms)))
            at = max(at, window.end_ms)
        if at < stretch.end_ms:
            found.append(Interval(at, stretch.end_ms))
    return tuple(found)
