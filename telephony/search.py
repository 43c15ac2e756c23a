"""Search: the calls of a mailbox that a query means, newest first.

Every part of a query is asked the same: which is your newest call that is not after this one? A conjunction asks its
parts in turn until all name the same call, so it reads about as much of each list as the rarest part makes it, and
never more of any than what is newer than the last hit that was asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Final, Protocol

from telephony.errors import WireError
from telephony.numbers import MailboxId
from telephony.places import NEWEST, OLDEST, Place, before, timestamp
from telephony.ports.search import SearchIndex
from telephony.posting_lists import MOST_PAGES, ExhaustedError, PostingList, Reader
from telephony.postings import Field, Posting
from telephony.query import Clause, Phrase, Query, Slot
from telephony.terms import Span, Terms

MOST_COMPLETIONS: Final = 24
"""Words for which a beginning is taken: each is a list to be read. More is no help to who is still typing."""

Found = frozenset[tuple[Field, Span]]
"""Where in a call something was found."""


@dataclass(frozen=True, slots=True)
class Range:
    """Which calls are looked at.

    Attributes:
        since: calls that started then or later.
        until: calls that started before.
        newest: no call after this place.
    """

    since: datetime | None = None
    until: datetime | None = None
    newest: Place = NEWEST

    def __post_init__(self) -> None:
        """Refuse a range in which nothing can be. Raises: WireError."""
        try:
            is_empty = self.last >= (NEWEST if self.until is None else timestamp(self.until))
        except OverflowError as exc:  # the first and the last day that there is, in another zone than ours
            raise WireError("since and until must be times that UTC has") from exc
        if is_empty:
            raise WireError("since must be before until")

    @property
    def first(self) -> Place:
        """The newest place that is looked at."""
        return self.newest if self.until is None else min(self.newest, Place(timestamp(self.until)))

    @property
    def last(self) -> Place:
        """The oldest place that is looked at."""
        return OLDEST if self.since is None else Place(timestamp(self.since))


@dataclass(frozen=True, slots=True)
class Match:
    """A call that is meant, and where in it what was wanted is."""

    place: Place
    found: Found


@dataclass(frozen=True, slots=True)
class Matches:
    """Calls that are meant, newest first.

    Attributes:
        rest: where to go on; None when there is nothing more. Fewer than were asked for may come before a rest: then
            as much was read as one answer may take.
        completions: what the last word was taken for, besides itself.
    """

    matches: tuple[Match, ...]
    rest: Place | None
    completions: tuple[str, ...] = ()


class _Part(Protocol):
    """A part of a query."""

    @property
    def lists(self) -> Sequence[PostingList]:
        """Every list that it looks at."""
        ...

    @property
    def reached(self) -> Place:
        """How far down it has looked: it means no call after this and not after the place it was last asked about."""
        ...

    @property
    def found(self) -> Found:
        """Where in the call that was returned last it was found."""
        ...

    def newest(self, place: Place) -> Place | None:
        """Return the newest call that is not after *place* and that the part means; None when there is none.

        *place* never grows from call to call. Raises: ExhaustedError.
        """
        ...


class _Slot:
    """One word: the union of its stems' lists, without the spellings that are not meant."""

    def __init__(self, slot: Slot, stems: Sequence[str], reader: Reader, oldest: Place) -> None:
        self.lists = [PostingList(stem, oldest) for stem in stems]
        self.reached = NEWEST
        self.found: Found = frozenset()
        self._slot = slot
        self._reader = reader

    def newest(self, place: Place) -> Place | None:
        self.reached = min(self.reached, place)
        while True:
            self._reader.fill(self.lists, place)
            heads = [head for head in (each.at(place) for each in self.lists) if head is not None]
            if not heads:
                return None
            place = self.reached = max(head.place for head in heads)
            self.found = frozenset(each for head in heads if head.place == place for each in self._accepted(head))
            if self.found:
                return place
            place = self.reached = before(place)

    def _accepted(self, posting: Posting) -> Iterator[tuple[Field, Span]]:
        for where, spellings in posting.spans.items():
            for spelling, spans in spellings.items():
                if self._slot.accepts(posting.stem, spelling):
                    yield from ((where, span) for span in spans)


class _All:
    """Several parts, all of which must mean a call."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.lists = [each for part in parts for each in part.lists]
        self._parts = parts

    @property
    def reached(self) -> Place:
        return min(part.reached for part in self._parts)

    @property
    def found(self) -> Found:
        return frozenset(each for part in self._parts for each in part.found)

    def newest(self, place: Place) -> Place | None:
        parts = cycle(self._parts)
        agreeing = 0
        while agreeing < len(self._parts):
            newest = next(parts).newest(place)
            if newest is None:
                return None
            agreeing = agreeing + 1 if newest == place else 1
            place = newest
        return place


class _Phrase:
    """Words that follow each other, in one of some fields."""

    def __init__(self, phrase: Phrase, slots: Sequence[_Slot]) -> None:
        self.found: Found = frozenset()
        self._fields = phrase.fields
        self._slots = slots
        self._all = _All(slots)

    @property
    def lists(self) -> Sequence[PostingList]:
        return self._all.lists

    @property
    def reached(self) -> Place:
        return self._all.reached

    def newest(self, place: Place) -> Place | None:
        common = self._all.newest(place)
        while common is not None:
            self.found = frozenset((where, span) for where in self._fields for span in self._chained(where))
            if self.found:
                return common
            common = self._all.newest(before(common))
        return None

    def _chained(self, where: Field) -> Iterator[Span]:
        """Yield the spans of what begins with the first word and goes on with each later one."""
        begun: dict[int, set[int]] = {}
        for number, slot in enumerate(self._slots):
            ends: dict[int, set[int]] = {}
            for field, span in slot.found:
                starts = {span.start} if number == 0 else begun.get(span.start)
                if field is where and starts:
                    ends.setdefault(span.end, set()).update(starts)
            begun = ends
        yield from (Span(start, end) for end, starts in begun.items() for start in starts)


class _Clause:
    """One of several ways."""

    def __init__(self, phrases: Sequence[_Phrase]) -> None:
        self.lists = [each for phrase in phrases for each in phrase.lists]
        self.found: Found = frozenset()
        self._phrases = phrases

    @property
    def reached(self) -> Place:
        return max(phrase.reached for phrase in self._phrases)

    def newest(self, place: Place) -> Place | None:
        heads = [(phrase.newest(place), phrase) for phrase in self._phrases]
        newest = max((head for head, _ in heads if head is not None), default=None)
        self.found = frozenset(each for head, phrase in heads if head == newest for each in phrase.found)
        return newest


class Search:
    """One query on its way through a mailbox."""

    def __init__(
        self,
        query: Query,
        terms: Terms,
        mailbox_id: MailboxId,
        index: SearchIndex,
        within: Range,
        *,
        most_pages: int = MOST_PAGES,
    ) -> None:
        self._terms = terms
        self._within = within
        self._reader = Reader(lambda pages: index.postings(mailbox_id, pages), most_pages)
        self._completions = {
            prefix: index.completions(mailbox_id, prefix, MOST_COMPLETIONS) for prefix in query.prefixes
        }
        self._wanted = _All([self._clause(clause) for clause in query.wanted])
        self._unwanted = [self._clause(clause) for clause in query.unwanted]

    def newest(self, limit: int) -> Matches:
        """Return up to *limit* calls that the query means. Raises: UpstreamError."""
        matches: list[Match] = []
        rest: Place | None = self._within.first
        try:
            # What every part begins with, in one go.
            self._reader.fill(self._wanted.lists, self._within.first)
            # One more than asked for tells whether there is a rest.
            while rest is not None and (rest := self._next(rest)) is not None and len(matches) < limit:
                matches.append(Match(rest, self._wanted.found))
                rest = before(rest)
        except ExhaustedError:
            rest = min(rest or NEWEST, self._wanted.reached)
        completions = dict.fromkeys(each for found in self._completions.values() for each in found)
        return Matches(tuple(matches), rest, tuple(completions))

    def _next(self, place: Place) -> Place | None:
        common = self._wanted.newest(place)
        while common is not None and any(clause.newest(common) == common for clause in self._unwanted):
            common = self._wanted.newest(before(common))
        return common

    def _clause(self, clause: Clause) -> _Clause:
        return _Clause([_Phrase(phrase, [self._slot(slot) for slot in phrase.slots]) for phrase in clause.phrases])

    def _slot(self, slot: Slot) -> _Slot:
        goes_on = (self._terms.stem(each) for prefix in slot.prefixes for each in self._completions[prefix])
        return _Slot(slot, list(dict.fromkeys((*slot.stems, *goes_on))), self._reader, self._within.last)
