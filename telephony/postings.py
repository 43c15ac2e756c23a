"""Posting: one call under one stem, and where in it the stem's words are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from telephony.calls import CallSid
from telephony.index_entries import IndexEntry, Spoken
from telephony.places import Place, call_at, place_of
from telephony.terms import Occurrence, Span, Terms, position_count

MOST_TERMS: Final = 6_000
"""Stems of one call: what an hour and a half of talk has, and what a caller who reads numbers out can't get past."""


class Field(StrEnum):
    """Where in a call a word is."""

    CALLER = "caller"
    """In the caller's number or address."""
    SAID = "said"


Spans = Mapping[str, tuple[Span, ...]]
"""Where each spelling is, in order."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One call under one stem.

    Attributes:
        spans: of each field, where the spellings are.
    """

    stem: str
    place: Place
    spans: Mapping[Field, Spans] = field(default_factory=dict)

    @property
    def call_sid(self) -> CallSid:
        """The call."""
        return call_at(self.place)[1]

    @property
    def started_at(self) -> datetime:
        """When the call started."""
        return call_at(self.place)[0]

    @property
    def spellings(self) -> frozenset[str]:
        """All spellings of the stem's words that are in the call."""
        return frozenset(spelling for spans in self.spans.values() for spelling in spans)


@dataclass(frozen=True, slots=True)
class Document:
    """A call as it is indexed: its entry, and a posting for each of its stems."""

    entry: IndexEntry
    postings: Mapping[str, Posting]


def document_of(entry: IndexEntry) -> Document:
    """Return what is to be stored of *entry*."""
    place = place_of(entry.started_at, entry.call_sid)
    found: dict[str, dict[Field, dict[str, list[Span]]]] = {}
    for where, occurrence in occurrences(entry):
        if occurrence.stem in found or len(found) < MOST_TERMS:
            spellings = found.setdefault(occurrence.stem, {}).setdefault(where, {})
            spellings.setdefault(occurrence.spelling, []).append(occurrence.span)
    postings = {
        stem: Posting(stem, place, {where: _frozen(spellings) for where, spellings in fields.items()})
        for stem, fields in found.items()
    }
    return Document(entry, postings)


def occurrences(entry: IndexEntry) -> Iterator[tuple[Field, Occurrence]]:
    """Yield every way in which a call is found."""
    terms = Terms(entry.language)
    for occurrence in terms.occurrences(caller_words(entry.caller)):
        yield Field.CALLER, occurrence
    for spoken, first in positions(entry):
        for occurrence in terms.occurrences(spoken.words, first):
            yield Field.SAID, occurrence


def caller_words(caller: str) -> list[str]:
    """Return a caller's number or address as words: what comes before the colon says only which of the two it is."""
    return caller.removeprefix("client:").removeprefix("sip:").split()


def positions(entry: IndexEntry) -> Iterator[tuple[Spoken, int]]:
    """Yield each track and its first position; no position follows the last one of the track before."""
    first = 0
    for spoken in entry.spoken:
        yield spoken, first
        first += sum(map(position_count, spoken.words)) + 1


def _frozen(spellings: Mapping[str, list[Span]]) -> Spans:
    return {spelling: tuple(spans) for spelling, spans in spellings.items()}
