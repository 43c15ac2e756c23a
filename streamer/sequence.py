"""The numbers of one stream's messages: what they prove to be lost, and what to be silence. Sans-I/O.

Twilio numbers all messages of a stream, `start` being 1, and may send nothing of a track that has nothing to be heard.
So a jump of a track's times is a pause if every number between its two chunks has come, and else it may be a loss. What
was lost before the first chunk and after the last one shows in the numbers alone.

`media.chunk` is not read: whether it counts the chunks of a track or of all of them is not settled.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from telephony.coverage import Interval, merged
from telephony.wire.media_streams import FRAME_MS, Media

MAX_UNSEEN = 1_000
"""Runs of unseen numbers that are told apart; beyond that, the last one grows."""

SKEW_MS = 200
"""How far apart the times of two tracks may lie in messages that follow each other: ten chunks."""

_UNKNOWN_MS = 2**53


@dataclass(frozen=True, slots=True)
class Unseen:
    """Messages that follow each other and have not come.

    Attributes:
        first: the number of the first.
        last: the number of the last.
        after_ms: the time of the last sound before them.
        before_ms: the time of the sound right after them; unknown where that is another message.
    """

    first: int
    last: int
    after_ms: int
    before_ms: int

    @property
    def sound_ms(self) -> int:
        """How much sound they held, if that is what they were."""
        return FRAME_MS * (self.last + 1 - self.first)


class Sequence:
    """Keeps which messages of a stream have come; the number 0 is one that was not told."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._last = start
        self._first_sound = 0
        self._last_sound = start
        self._unseen: list[Unseen] = []
        self.last_at_ms = 0
        """Where the last sound lies."""

    def see(self, media: Media) -> None:
        """A chunk has come, perhaps not in its order."""
        number, at_ms = media.sequence, media.at_ms
        if number <= self._start:
            return
        if number == self._last + 1:  # as nearly all of them
            self._last = number
        else:
            self._come(number, at_ms)
        self._first_sound = self._first_sound or number
        if number > self._last_sound:
            self._last_sound, self.last_at_ms = number, at_ms

    def see_other(self, number: int) -> None:
        """A numbered message without sound has come."""
        if number == self._last + 1:
            self._last = number
        elif number > self._start:
            self._come(number, None)

    def lost_in(self, gap: Interval, after: int, before: int) -> tuple[Interval, ...]:
        """Return what may be lost of a gap between two chunks of a track, these being the chunks' numbers.

        That is nothing if all numbers between them have come, and all of it where numbers can't tell.
        """
        if not (after and self._start <= after < before <= self._last):
            return (gap,)
        lost: list[Interval] = []
        for each in self._between(after, before):
            start_ms, end_ms = max(gap.start_ms, each.after_ms - SKEW_MS), min(gap.end_ms, each.before_ms + SKEW_MS)
            if end_ms - start_ms < min(gap.length_ms, each.sound_ms):
                return (gap,)  # another track's times are of no help
            lost.append(Interval(start_ms, end_ms))
        return merged(lost)

    def lost_before(self, silence: Interval, before: int) -> tuple[Interval, ...]:
        """Return what may be lost of the silence before a track's first chunk, *before* being its number.

        Without a number that never came, that is nothing: Twilio's clock may start before its sound does.
        """
        after = self._origin
        return self.lost_in(silence, after, before) if 0 < after < before <= self._last else ()

    def lost_since(self, number: int, end_ms: int) -> tuple[Interval, ...]:
        """Return what may be lost of a track since its last chunk, which has this *number* and ends at *end_ms*.

        What was lost after the last chunk of all tracks is not in it; of a track that never had sound, *number* is 0.
        """
        after = number or self._origin
        if not after or after < self._start:
            return ()
        lost: list[Interval] = []
        for each in self._between(after, self._last_sound):
            start_ms = max(end_ms, each.after_ms - SKEW_MS)
            until_ms = min(each.before_ms + SKEW_MS, self.last_at_ms + FRAME_MS)
            lost.append(Interval(start_ms, max(start_ms + each.sound_ms, until_ms)))
        return merged(lost)

    def lost_after_ms(self, stop: int) -> int:
        """Return how much sound, of all tracks together, was lost between the last chunk and `stop`."""
        if not self._start or not stop:
            return 0
        return FRAME_MS * max(0, stop - self._last - 1) + _sound_ms(self._between(self._last_sound, self._last))

    @property
    def _origin(self) -> int:
        """The number from which on it is known what came; 0 if there is none."""
        return self._start or self._first_sound

    def _between(self, after: int, before: int) -> Iterable[Unseen]:
        place = self._place(after)
        place -= place > 0 and self._unseen[place - 1].last > after
        for each in self._unseen[place:]:
            if each.first > before:
                return
            yield each

    def _place(self, number: int) -> int:
        """Return how many runs begin before *number* or with it."""
        return bisect_right(self._unseen, number, key=lambda each: each.first)

    def _come(self, number: int, at_ms: int | None) -> None:
        if number > self._last:
            before_ms = _UNKNOWN_MS if at_ms is None else at_ms
            run = Unseen(self._last + 1, number - 1, self.last_at_ms, before_ms)
            if len(self._unseen) == MAX_UNSEEN:
                last = self._unseen.pop()
                run = Unseen(last.first, run.last, last.after_ms, before_ms)
            self._unseen.append(run)
            self._last = number
        else:
            self._come_late(number, at_ms)

    def _come_late(self, number: int, at_ms: int | None) -> None:
        place = self._place(number) - 1
        if place < 0 or self._unseen[place].last < number:
            return  # a repeat
        run = self._unseen[place]
        earlier = Unseen(run.first, number - 1, run.after_ms, run.before_ms if at_ms is None else at_ms)
        later = Unseen(number + 1, run.last, run.after_ms if at_ms is None else at_ms, run.before_ms)
        rest = [each for each in (earlier, later) if each.first <= each.last]
        if len(self._unseen) < MAX_UNSEEN + len(rest) - 1:  # else it goes on to count as unseen
            self._unseen[place : place + 1] = rest


def _sound_ms(runs: Iterable[Unseen]) -> int:
    return sum(each.sound_ms for each in runs)
