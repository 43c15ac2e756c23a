"""Repairing a transcript: what of call time needs it, what of the recording that takes, and where its words go.

Call time is that of a stream; recording time is `call time - offset_ms`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from telephony.alignment import plainly
from telephony.calls import CallSid
from telephony.coverage import Coverage, Interval, Track, merged
from telephony.recordings import RecordedWord
from telephony.transcripts import Rung, Utterance, Word

MARGIN_MS = 1_500
"""Sound before and after a gap that is transcribed with it: words to recognise the gap's own by, and to align by."""

NEAR_MS = 1_000
"""Parts of the recording that are closer than this are transcribed in one go."""

MAX_PARTS = 8
"""One request each, and the function that makes them has a minute."""

TOUCH_MS = 20
"""A word that comes closer than this to a gap may have been cut by it, and is heard anew."""

EDGE_MS = 250
"""How far two recognitions of one word may be apart."""

PAUSE_MS = 700
"""Silence that ends an utterance."""


def gaps(coverage: Coverage | None, *, is_cut_short: bool, end_ms: int) -> tuple[Interval, ...]:
    """Return the stretches of call time of which nothing is known; *end_ms* is where the recording ends.

    Without a stream (no *coverage*) that is all of it; after a stream that was cut short, all that followed.
    """
    if coverage is None:
        return (Interval(0, end_ms),)
    found = [*coverage.holes, *coverage.missing]
    if is_cut_short and end_ms > coverage.received_ms:
        found.append(Interval(coverage.received_ms, end_ms))
    return merged(gap for gap in found if gap.length_ms)


def parts(wanted: Iterable[Interval], offset_ms: int, recording_ms: int) -> tuple[Interval, ...]:
    """Return which parts of the recording hold these gaps with a margin: recording time, at most MAX_PARTS."""
    found = [
        _clipped(gap.start_ms - offset_ms - MARGIN_MS, gap.end_ms - offset_ms + MARGIN_MS, 0, recording_ms)
        for gap in wanted
        if gap.end_ms > offset_ms and gap.start_ms < offset_ms + recording_ms
    ]
    apart = list(merged(part for part in found if part is not None))
    while len(apart) > 1:
        distance_ms, at = min(
            (after.start_ms - before.end_ms, at) for at, (before, after) in enumerate(pairwise(apart))
        )
        if distance_ms >= NEAR_MS and len(apart) <= MAX_PARTS:
            break
        apart[at : at + 2] = [Interval(apart[at].start_ms, apart[at + 1].end_ms)]
    return tuple(apart)


def windows(wanted: Iterable[Interval], live: Sequence[Word], span: Interval) -> tuple[Interval, ...]:
    """Return the stretches of call time that are to be filled: the gaps within *span*, which the recording has.

    Each is widened to the live words at its edges, because a gap may have cut them.
    """
    found = []
    for gap in wanted:
        inside = _clipped(gap.start_ms, gap.end_ms, span.start_ms, span.end_ms)
        if inside is None:
            continue
        cut = [word for word in live if _touches(word, inside) and _is_inside(word, span)]
        start_ms = min([inside.start_ms, *(word.start_ms for word in cut)])
        found.append(Interval(start_ms, max([inside.end_ms, *(word.end_ms for word in cut)])))
    return merged(found)


def spliced(
    heard: Sequence[RecordedWord], live: Sequence[Word], filled: Sequence[Interval], offset_ms: int
) -> tuple[Word, ...]:
    """Return the recording's words that go into the windows *filled*, in call time, in order.

    A word belongs to a window if its middle does. At a window's edge the two recognitions may put a word on different
    sides: what is a live word's twin outside the windows is left out, and what is just outside and nobody's twin, and
    nowhere else, is taken.
    """
    words = sorted((_in_call_time(word, offset_ms) for word in heard), key=lambda word: (word.start_ms, word.end_ms))
    kept = sorted((word for word in live if not _holding(filled, middle(word))), key=middle)
    twins = paired(words, kept)
    matched = set(twins.values())
    lonely = [word for at, word in enumerate(kept) if at not in matched]

    def is_wanted(at: int, word: Word) -> bool:
        if at in twins:
            return False
        if _holding(filled, middle(word)):
            return True
        is_near = _holding(filled, middle(word), EDGE_MS)
        return is_near and not any(word.start_ms < each.end_ms and each.start_ms < word.end_ms for each in lonely)

    return tuple(word for at, word in enumerate(words) if is_wanted(at, word))


def utterances(
    words: Sequence[Word],
    live: Sequence[Word],
    filled: Sequence[Interval],
    *,
    call_sid: CallSid,
    track: Track,
    mark: str,
) -> tuple[Utterance, ...]:
    """Group a repair's words into utterances: one ends at a pause, and where a live word stands."""
    kept = sorted(middle(word) for word in live if not _holding(filled, middle(word)))
    groups: list[list[Word]] = []
    for word in words:
        before = groups[-1][-1] if groups else None
        if (
            before is None
            or word.start_ms - before.end_ms > PAUSE_MS
            or bisect_left(kept, middle(before)) != bisect_left(kept, middle(word))
        ):
            groups.append([])
        groups[-1].append(word)
    return tuple(
        Utterance(call_sid, track, group[0].start_ms, group[-1].end_ms, tuple(group), Rung.BACKFILLED, repaired_by=mark)
        for group in groups
    )


def middle(word: Word) -> int:
    """Return the moment by which a word belongs to a window or not."""
    return (word.start_ms + word.end_ms) // 2


def _in_call_time(word: RecordedWord, offset_ms: int) -> Word:
    start_ms, end_ms = max(word.start_ms + offset_ms, 0), max(word.end_ms + offset_ms, 0)
    return Word(word.text, start_ms, end_ms, word.confidence)


def _clipped(start_ms: int, end_ms: int, from_ms: int, until_ms: int) -> Interval | None:
    start_ms, end_ms = max(start_ms, from_ms), min(end_ms, until_ms)
    return Interval(start_ms, end_ms) if start_ms < end_ms else None


def _touches(word: Word, gap: Interval) -> bool:
    return word.start_ms < gap.end_ms + TOUCH_MS and word.end_ms > gap.start_ms - TOUCH_MS


def _is_inside(word: Word, span: Interval) -> bool:
    return span.start_ms <= word.start_ms and word.end_ms <= span.end_ms


def _holding(filled: Sequence[Interval], at_ms: int, tolerance_ms: int = 0) -> bool:
    return any(each.start_ms - tolerance_ms <= at_ms < each.end_ms + tolerance_ms for each in filled)


def paired(words: Sequence[Word], kept: Sequence[Word]) -> dict[int, int]:
    """Return which of *words* is which of *kept*: of the same text and not far apart, the nearest first, each once."""
    twins: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, place in sorted(_candidates(words, kept)):
        if at not in twins and place not in taken:
            twins[at] = place
            taken.add(place)
    return twins


def _candidates(words: Sequence[Word], kept: Sequence[Word]) -> Iterator[tuple[int, int, int]]:
    for at, word in enumerate(words):
        for place in range(bisect_left(kept, middle(word) - EDGE_MS, key=middle), len(kept)):
            distance_ms = abs(middle(kept[place]) - middle(word))
            if distance_ms > EDGE_MS:
                break
            if plainly(kept[place].text) == plainly(word.text):
                yield distance_ms, at, place
