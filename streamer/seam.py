"""Where two hearings of the same sound meet: which words of the later one are new. Sans-I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from telephony.repair import EDGE_MS, middle, paired
from telephony.transcripts import Word

SLACK_MS = 100
"""How much earlier the later hearing may put a word than the earlier one would have: it may seem to end before the
seam though it was said after it."""

KNOWN_MS = 2_000
"""How long a final word is remembered, to be recognised when its sound is heard again: longer than any context."""


@dataclass(frozen=True, slots=True)
class Seam:
    """The moment up to which words were final when sound was heard again from before it, and the last words by then.

    Attributes:
        at_ms: everything before it is final.
        known: the final words that the later hearing may have as well, in order.
        whole_from_ms: the later hearing began here, so of what it has cut in two it may say anything.
        slack_ms: how long before the seam a new word may end; after a hole there is nothing to differ from.
    """

    at_ms: int
    known: tuple[Word, ...] = ()
    whole_from_ms: int = 0
    slack_ms: int = SLACK_MS

    def split(self, words: Sequence[Word]) -> tuple[tuple[Word, ...], "Seam"]:
        """Return those of *words* that are new, and the seam for the words that follow them.

        A word is known if one of the same text lies near, each standing for one, or if it lies on a known word that
        has no such twin: then the two hearings read it differently. What else ends after the seam, or just before it,
        is new.
        """
        near = [at for at, word in enumerate(words) if word.start_ms < self.at_ms + EDGE_MS]
        pairs = paired([words[at] for at in near], self.known)
        known = {near[at] for at in pairs}
        lonely = {place for place in range(len(self.known)) if place not in pairs.values()}
        for at in near:
            if at not in known and (place := self._read_otherwise(words[at], lonely)) is not None:
                known.add(at)
                lonely.discard(place)
        new = tuple(word for at, word in enumerate(words) if at not in known and self._is_past(word))
        return new, replace(self, known=tuple(self.known[place] for place in sorted(lonely)))

    def _is_past(self, word: Word) -> bool:
        return word.end_ms > self.at_ms - self.slack_ms

    def _read_otherwise(self, word: Word, lonely: set[int]) -> int | None:
        for place in sorted(lonely):
            other = self.known[place]
            is_same = _holds(word, middle(other)) or (self._cuts(other) and self._cuts(word))
            if is_same and _holds(other, middle(word)):
                return place
        return None

    def _cuts(self, word: Word) -> bool:
        return word.start_ms < self.whole_from_ms + SLACK_MS


class LastWords:
    """The final words that may be heard again."""

    def __init__(self) -> None:
        self._words: tuple[Word, ...] = ()

    def add(self, words: Sequence[Word], final_ms: int) -> None:
        """Remember *words*, too, now that everything before *final_ms* is final; the oldest are forgotten."""
        self._words = tuple(word for word in (*self._words, *words) if word.end_ms > final_ms - KNOWN_MS)

    def seam(self, final_ms: int, whole_from_ms: int) -> Seam:
        """Return where a hearing that begins at *whole_from_ms* meets what is final before *final_ms*."""
        return Seam(final_ms, tuple(sorted(self._words, key=middle)), whole_from_ms)


def _holds(word: Word, at_ms: int) -> bool:
    return word.start_ms <= at_ms < word.end_ms
