"""Hit: a call that was found, with the words around what was looked for and the time at which to listen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.index_entries import IndexEntry, Spoken
from telephony.places import call_at
from telephony.postings import Field, positions
from telephony.search import Match
from telephony.terms import position_count

WORDS_BEFORE: Final = 8
WORDS_AFTER: Final = 24
"""Of a snippet: two or three lines, most of them what follows."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a snippet, in characters; the end is not part of it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A call that was found.

    Attributes:
        caller: empty when it was withheld.
        track: whose words the snippet is; None where nothing was said.
        start_ms: call time of the first word that was found; of the first word said, if the caller was found alone.
        marks: where in the snippet what was looked for is.
        has_more_before: whether more was said before the snippet.
        has_more_after: whether more was said after it.
    """

    call_sid: CallSid
    started_at: datetime
    caller: str
    number: str
    track: Track | None = None
    start_ms: int = 0
    snippet: str = ""
    marks: tuple[Mark, ...] = ()
    has_more_before: bool = False
    has_more_after: bool = False


def hits_of(matches: Iterable[Match], entries: Mapping[CallSid, IndexEntry]) -> Iterator[Hit]:
    """Yield a hit for each match whose call is still indexed: one that was erased a moment ago is not shown."""
    for match in matches:
        entry = entries.get(call_at(match.place)[1])
        if entry is not None:
            yield _hit(match, entry)


def _hit(match: Match, entry: IndexEntry) -> Hit:
    bare = Hit(entry.call_sid, entry.started_at, entry.caller, entry.number)
    wanted = {at for where, span in match.found if where is Field.SAID for at in range(span.start, span.end)}
    for spoken, first in positions(entry):
        words = _words_at(spoken, first, wanted)
        if words:
            return _shown(bare, spoken, words)
    return _shown(bare, entry.spoken[0], []) if entry.spoken else bare


def _words_at(spoken: Spoken, first: int, wanted: set[int]) -> list[int]:
    """Return the indices of the words that have one of the *wanted* positions."""
    indices = []
    at = first
    for index, text in enumerate(spoken.words):
        end = at + position_count(text)
        if not wanted.isdisjoint(range(at, end)):
            indices.append(index)
        at = end
    return indices


def _shown(hit: Hit, spoken: Spoken, words: list[int]) -> Hit:
    found = words[0] if words else 0
    begin, end = max(found - WORDS_BEFORE, 0), min(found + WORDS_AFTER, len(spoken.words))
    snippet = ""
    marks: list[Mark] = []
    for index in range(begin, end):
        snippet += " " if snippet else ""
        if index in words:
            marks.append(Mark(len(snippet), len(snippet) + len(spoken.words[index])))
        snippet += spoken.words[index]
    return Hit(
        call_sid=hit.call_sid,
        started_at=hit.started_at,
        caller=hit.caller,
        number=hit.number,
        track=spoken.track,
        start_ms=spoken.starts_ms[found],
        snippet=snippet,
        marks=tuple(marks),
        has_more_before=begin > 0,
        has_more_after=end < len(spoken.words),
    )
