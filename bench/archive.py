"""Archive: what of many voicemails is stored for some queries, and what a scan finds, a word at a time and fast.

A word of these messages has the same terms wherever it stands, so each is looked at once, by the product's own rules;
the first messages are compared with what the product itself would store.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.metering import Loader
from bench.voicemails import MAILBOX, statistics, voicemails
from telephony.aws.attributes import Item
from telephony.aws.search_items import entry_item, listed_of, posting_item, spelling_item
from telephony.index_entries import IndexEntry
from telephony.places import place_of
from telephony.postings import Field, Posting, document_of
from telephony.query import parse
from telephony.terms import Occurrence, Span, Terms, position_count

COMPARED: Final = 100
"""Messages whose postings are compared with those that the product makes."""

AT_ONCE: Final = 2_000
"""Items that are collected before they are written."""


@dataclass
class Archive:
    """An archive as it was stored.

    Attributes:
        expected: of each query, the newest calls that it means, newest first.
        items: how many were stored.
    """

    expected: dict[str, list[str]]
    items: int = 0


@dataclass(frozen=True, slots=True)
class _Heard:
    """A word: every way in which it is found, and how many positions it takes."""

    occurrences: tuple[Occurrence, ...]
    positions: int


@dataclass
class _Listener:
    """Reads messages, and remembers every word that it has read."""

    terms: Terms
    known: dict[str, _Heard] = field(default_factory=dict)

    def heard(self, word: str) -> _Heard:
        if word not in self.known:
            self.known[word] = _Heard(tuple(self.terms.occurrences([word])), position_count(word))
        return self.known[word]

    def postings(self, entry: IndexEntry, stems: set[str]) -> Iterator[Posting]:
        """Yield the postings of what was said under *stems*."""
        found: dict[str, dict[str, list[Span]]] = {}
        at = 0
        for heard in map(self.heard, entry.spoken[0].words):
            for each in heard.occurrences:
                if each.stem in stems:
                    span = Span(each.span.start + at, each.span.end + at)
                    found.setdefault(each.stem, {}).setdefault(each.spelling, []).append(span)
            at += heard.positions
        place = place_of(entry.started_at, entry.call_sid)
        for stem, spellings in found.items():
            yield Posting(stem, place, {Field.SAID: {each: tuple(spans) for each, spans in spellings.items()}})


def store(loader: Loader, size: int, asked: Sequence[str], page: int, terms: Terms) -> Archive:
    """Store what the queries look at in *size* voicemails, and find out what each of them must find."""
    listener = _Listener(terms)
    archive = Archive({text: [] for text in asked})
    stems = _stems_looked_at(asked, terms)
    callers = {text.strip().removeprefix("caller:") for text in asked if text.startswith("caller:")}
    counts: dict[str, int] = {}
    waiting: list[Item] = []
    latest: dict[str, IndexEntry] = {}
    for number, entry in enumerate(voicemails(size)):
        said = {each for word in set(entry.spoken[0].words) for each in listener.heard(word).occurrences}
        for spelling in {each.spelling for each in said}:
            counts[spelling] = counts.get(spelling, 0) + 1
        postings = list(listener.postings(entry, stems))
        if number < COMPARED:
            _compare(postings, entry, stems)
        if entry.caller in callers:
            document = document_of(entry)
            postings = [posting for stem, posting in document.postings.items() if stem in stems]
        waiting += [posting_item(MAILBOX, posting) for posting in postings]
        for text in _meant(asked, entry, said, terms):
            archive.expected[text].append(entry.call_sid)
            del archive.expected[text][: -(page + 1)]
            latest[entry.call_sid] = entry
        if len(waiting) >= AT_ONCE:
            archive.items += _flush(loader, waiting)
            latest = _shown(archive, latest)
    waiting += map(_entry, _shown(archive, latest).values())
    waiting += [spelling_item(MAILBOX, each, count.bit_length() - 1) for each, count in counts.items()]
    archive.items += _flush(loader, waiting)
    for calls in archive.expected.values():
        calls.reverse()
    return archive


def _compare(postings: Sequence[Posting], entry: IndexEntry, stems: set[str]) -> None:
    made = [each for each in document_of(entry).postings.values() if each.stem in stems and Field.SAID in each.spans]
    if sorted(made, key=lambda each: each.stem) != sorted(postings, key=lambda each: each.stem):
        raise AssertionError("the product stores other postings")


def _shown(archive: Archive, entries: dict[str, IndexEntry]) -> dict[str, IndexEntry]:
    """Return those of *entries* that some query will find."""
    shown = {sid for calls in archive.expected.values() for sid in calls}
    return {sid: entry for sid, entry in entries.items() if sid in shown}


def _entry(entry: IndexEntry) -> Item:
    listed = listed_of(document_of(entry).postings.values())
    return entry_item(entry, listed, state="indexed", digest=entry.digest)


def _flush(loader: Loader, waiting: list[Item]) -> int:
    loader.put_all(waiting)
    count = len(waiting)
    waiting.clear()
    return count


def _stems_looked_at(asked: Sequence[str], terms: Terms) -> set[str]:
    parsed = [parse(text, terms) for text in asked]
    stems = {
        stem
        for query in parsed
        for clause in (*query.wanted, *query.unwanted)
        for phrase in clause.phrases
        for slot in phrase.slots
        for stem in slot.stems
    }
    prefixes = tuple(prefix for query in parsed for prefix in query.prefixes)
    return stems | {terms.stem(word) for word in statistics().words if word.startswith(prefixes)}


def _meant(asked: Sequence[str], entry: IndexEntry, said: set[Occurrence], terms: Terms) -> Iterator[str]:
    """Yield the queries that mean a call, by looking at its words."""
    text = f" {' '.join(entry.spoken[0].words)} "
    stems = {each.stem for each in said}
    spellings = {each.spelling for each in said}
    for query in asked:
        if query.startswith("caller:"):
            is_meant = query == f"caller:{entry.caller} "
        elif query.startswith('"'):
            is_meant = f" {query.strip().strip(chr(34))} " in text
        elif not query.endswith(" "):
            is_meant = terms.stem(query) in stems or any(each.startswith(query) for each in spellings)
        else:
            words = query.split()
            is_meant = all((terms.stem(word.removeprefix("-")) in stems) != word.startswith("-") for word in words)
        if is_meant:
            yield query
