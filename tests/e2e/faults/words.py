"""The words of a transcript against those that were stamped into the call's sound."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from local.deepgram.stamp import DAMAGED, word

WORD_MS = 100
COMPLETE: Final = "complete"
RECORDED: Final = "all that was recorded"
"""Nothing is known of what was said before the tone: it was not put in writing live, and is on no recording."""

Json = dict[str, Any]


def words_of(transcript: Json, track: str = "inbound") -> list[Json]:
    """Return the words of one track in the order in which the API gives them."""
    return [
        each for utterance in transcript["utterances"] if utterance["track"] == track for each in utterance["words"]
    ]


def start_of(words: Sequence[Json], first: int, count: int) -> int | None:
    """Return the call time at which most of *words* say that number *first* was said; None if none is known."""
    place = {word(first + index): index for index in range(count)}
    votes = Counter(each["start_ms"] - WORD_MS * place[each["text"]] for each in words if each["text"] in place)
    return votes.most_common(1)[0][0] if votes else None


def wrong_words(words: Sequence[Json], first: int, count: int) -> int:
    """Count the words that are missing, too many, not at their time, or not in their order."""
    begin = start_of(words, first, count)
    if begin is None:
        return count + len(words)
    starts = [begin + WORD_MS * index for index in range(count)]
    expected = [(word(first + index), at, at + WORD_MS) for index, at in enumerate(starts)]
    found = [(each["text"], each["start_ms"], each["end_ms"]) for each in words]
    missing, extra = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    misplaced = 0 if found == sorted(found, key=lambda each: each[1]) else 1
    return max(missing.total(), extra.total()) + misplaced


def misplaced_words(words: Sequence[Json], first: int, count: int) -> int:
    """Count the words that were not said where they stand; one that is known to be damaged claims nothing."""
    begin = start_of(words, first, count) or 0
    said = {(word(first + index), begin + WORD_MS * index) for index in range(count)}
    found = [(each["text"], each["start_ms"]) for each in words if each["text"] != DAMAGED]
    return sum(each not in said for each in found) + len(found) - len(set(found))


def undeclared_words(words: Sequence[Json], coverage: Sequence[Json], first: int, count: int) -> int:
    """Count the words that are missing from one track though nothing of their time is said to be lost."""
    begin = start_of(words, first, count)
    if begin is None:
        return 0  # when they were said is not known
    found = {each["text"] for each in words}
    gaps = [gap for each in coverage for name in ("holes", "missing") for gap in each[name]]
    lost = [begin + WORD_MS * index for index in range(count) if word(first + index) not in found]
    return sum(not any(gap["start_ms"] < at + WORD_MS and at < gap["end_ms"] for gap in gaps) for at in lost)


def describe(coverage: Sequence[Json], begin_ms: int | None = None) -> str:
    """Say what is covered: COMPLETE, RECORDED, or what is not covered of which track.

    *begin_ms* is when the first word was said; what was recorded begins no later.
    """
    gaps = [(each["track"], name, gap) for each in coverage for name in ("holes", "missing") for gap in each[name]]
    match gaps:
        case [] if not coverage:
            return "no sound"
        case []:
            return COMPLETE
        case [(_, "holes", {"start_ms": 0, "end_ms": end_ms})] if begin_ms is not None and end_ms <= begin_ms:
            return RECORDED
        case _:
            return ", ".join(f"{track} {name} {gap['start_ms']}-{gap['end_ms']}" for track, name, gap in gaps)
