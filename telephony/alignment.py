"""Alignment: where in call time a recording begins.

A recording starts later than its call's stream, by the length of the greeting and the tone. That length is not told to
us, so it is found and checked: both end when the caller hangs up, unless they do not, and both have the same words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

from telephony.recordings import RecordedWord
from telephony.repairs import OffsetSource
from telephony.transcripts import Word

MIN_MATCHED = 3
"""Fewer words may match by chance."""

MAX_SPREAD_MS = 150
"""Median absolute deviation: two recognitions of one word differ by some tens of milliseconds, another word by more."""

CONTRADICTION_MS = 300
"""A guess that is further off than this is wrong; what is nearer may be the recognisers' difference."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The recording's start in call time, which may be before call time 0, and how it was found."""

    offset_ms: int
    found_by: OffsetSource


def by_end(received_ms: int, recording_ms: int) -> int | None:
    """Return the offset of a recording that ends with its stream; None when it would begin before the stream does."""
    return received_ms - recording_ms if received_ms >= recording_ms else None


def from_parts(
    guess_ms: int, heard: Sequence[RecordedWord], live: Sequence[Word], recording_ms: int
) -> Alignment | None:
    """Check *guess_ms* by the words of parts of the recording; None when only all of it can tell.

    *live* has every word heard live, *heard* those of the parts. Live words that the parts do not have may be elsewhere
    in the recording, also where the guess says that there is none of it: it may have been cut off.
    """
    offset_ms = _by_words(heard, live)
    if offset_ms is not None:
        is_near = abs(offset_ms - guess_ms) <= CONTRADICTION_MS
        return Alignment(offset_ms, OffsetSource.WORDS) if is_near else None
    is_checkable = len(live) >= MIN_MATCHED or _within(live, guess_ms, recording_ms)
    return None if is_checkable else Alignment(guess_ms, OffsetSource.END)


def from_whole(
    guess_ms: int | None, heard: Sequence[RecordedWord], live: Sequence[Word], recording_ms: int
) -> Alignment | None:
    """Align a recording by all of its words; None when they and the live ones contradict each other.

    *guess_ms* stands when too few words were heard live to check it. Without a guess, a recording none of whose words
    was heard live begins after those that were.
    """
    offset_ms = _by_words(heard, live)
    if offset_ms is None and len(live) < MIN_MATCHED:
        offset_ms = _by_only_place(heard, live)
    if offset_ms is not None:
        return Alignment(offset_ms, OffsetSource.WORDS)
    if guess_ms is not None:
        is_unchecked = len(_within(live, guess_ms, recording_ms)) < MIN_MATCHED
        return Alignment(guess_ms, OffsetSource.END) if is_unchecked else None
    if len(_differences(heard, live)) >= MIN_MATCHED:
        return None
    return Alignment(max((word.end_ms for word in live), default=0), OffsetSource.ASSUMED)


def plainly(text: str) -> str:
    """Return a word without what two recognitions of it may differ in: case and punctuation."""
    return "".join(character for character in text.casefold() if character.isalnum()) or text


def _by_words(heard: Sequence[RecordedWord], live: Sequence[Word]) -> int | None:
    differences = _differences(heard, live)
    if len(differences) < MIN_MATCHED:
        return None
    middle = median(differences)
    spread = median(abs(difference - middle) for difference in differences)
    return round(middle) if spread <= MAX_SPREAD_MS else None


def _differences(heard: Sequence[RecordedWord], live: Sequence[Word]) -> list[int]:
    """Return how much later than in the recording each word is in call time, of those that both have, in order."""
    texts = [plainly(word.text) for word in heard], [plainly(word.text) for word in live]
    blocks = SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks()
    pairs = ((heard[block.a + place], live[block.b + place]) for block in blocks for place in range(block.size))
    return [said.start_ms - word.start_ms for word, said in pairs]


def _by_only_place(heard: Sequence[RecordedWord], live: Sequence[Word]) -> int | None:
    """Return the offset by the only place in the recording where these few words are, next to each other."""
    wanted = [plainly(word.text) for word in live]
    texts = [plainly(word.text) for word in heard]
    places = [at for at in range(len(texts) - len(wanted) + 1) if texts[at : at + len(wanted)] == wanted]
    return live[0].start_ms - heard[places[0]].start_ms if wanted and len(places) == 1 else None


def _within(live: Sequence[Word], offset_ms: int, recording_ms: int) -> list[Word]:
    return [word for word in live if offset_ms <= (word.start_ms + word.end_ms) // 2 < offset_ms + recording_ms]
