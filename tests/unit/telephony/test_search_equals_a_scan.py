"""Invariant: a search finds the calls that a look through all of them finds, newest first, each once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from telephony.calls import CallSid
from telephony.index_entries import IndexEntry
from telephony.places import NEWEST, Place
from telephony.query import parse
from telephony.search import Range, Search
from telephony.stems import stemmer
from telephony.terms import Terms
from tests import corpus, examples
from tests.fakes.search import MemorySearch

STEM = stemmer("en")
TERMS = Terms("en")

WORDS = ("call", "called", "calling", "calls", "caller", "roof", "roofs", "the", "who", "leak", "leaking", "le", "art")
GROUPS = ("4", "12", "415", "555", "5550123", "0123", "4155550123", "14155550123", "030")
CALLERS = ("+14155550123", "+14155550199", "+4930123456", "client:art", "sip:roof@calls.example", "")


@dataclass(frozen=True)
class Wish:
    """One part of a query, as it is typed, and what it means of a call."""

    typed: str
    means: Callable[[IndexEntry], bool]
    is_unwanted: bool = False


def _said(call: IndexEntry) -> list[list[str]]:
    """Return a call's words, track by track."""
    return [list(each.words) for each in call.spoken]


def _address(call: IndexEntry) -> list[str]:
    return call.caller.removeprefix("client:").removeprefix("sip:").replace("@", " ").replace(".", " ").split()


def _everything(call: IndexEntry) -> list[list[str]]:
    return [*_said(call), _address(call)]


def _word(word: str) -> Wish:
    return Wish(f"{word} ", lambda call: any(STEM(each) == STEM(word) for said in _everything(call) for each in said))


def _beginning(word: str) -> Wish:
    def means(call: IndexEntry) -> bool:
        return any(each.startswith(word) or STEM(each) == STEM(word) for said in _everything(call) for each in said)

    return Wish(word, means)


def _phrase(words: Sequence[str]) -> Wish:
    def means(call: IndexEntry) -> bool:
        return any(said[at : at + len(words)] == list(words) for said in _everything(call) for at in range(len(said)))

    return Wish(f'"{" ".join(words)}" ', means)


def _windows(said: Sequence[str]) -> Iterator[str]:
    """Yield every number that can be read out of words: any groups of digits that follow each other."""
    for begin in range(len(said)):
        for end in range(begin + 1, len(said) + 1):
            if not all(each.isdigit() for each in said[begin:end]):
                break
            digits = "".join(said[begin:end])
            if end == begin + 1 or 3 <= len(digits) <= 20:
                yield digits


def _is_number(asked: str, heard: str) -> bool:
    if asked == heard or (len(heard) >= 7 and asked == heard[-4:]):
        return True
    bare = [digits.lstrip("0") if len(digits.lstrip("0")) >= 7 else digits for digits in (asked, heard)]
    shorter, longer = sorted(bare, key=len)
    return len(shorter) >= 7 and longer.endswith(shorter)


def _digits(call: IndexEntry) -> list[list[str]]:
    return [[each.removeprefix("+") for each in said] for said in _everything(call)]


def _number(digits: str, separator: str) -> Wish:
    typed = separator.join((digits[:3], digits[3:6], digits[6:])).strip(separator) if separator else digits
    return Wish(
        f"{typed} ", lambda call: any(_is_number(digits, each) for said in _digits(call) for each in _windows(said))
    )


def _caller(digits: str) -> Wish:
    def means(call: IndexEntry) -> bool:
        return any(_is_number(digits, each) for each in _windows([each.removeprefix("+") for each in _address(call)]))

    return Wish(f"caller:{digits} ", means)


def _without(wish: Wish) -> Wish:
    return Wish(f"-{wish.typed}", lambda call: not wish.means(call), is_unwanted=True)


SIMPLE = st.one_of(
    st.sampled_from(WORDS).map(_word),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(_phrase),
    st.sampled_from(("4155550123", "5550123", "0123", "14155550199", "4155550", "030415")).map(_caller),
)
NUMBERS = st.builds(
    _number, st.sampled_from(("4155550123", "14155550123", "5550123", "415555", "12415")), st.sampled_from(("", "-"))
)
WISHES = st.tuples(
    st.lists(SIMPLE, min_size=1, max_size=2),
    st.lists(SIMPLE.map(_without), max_size=1),
    st.lists(NUMBERS, max_size=1),
    st.lists(st.sampled_from(("ca", "cal", "le", "roo", "th", "art")).map(_beginning), max_size=1),
).map(lambda parts: [each for part in parts for each in part])
"""The beginning of a word comes last, as it does when somebody types."""

TEXTS = st.lists(st.sampled_from(WORDS + GROUPS), max_size=16).map(" ".join)
CALLS = st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(CALLERS), st.integers(0, 3)), min_size=4, max_size=14).map(
    lambda calls: [
        corpus.entry(text, number, answer=answer, caller=caller, started_at=examples.NOON + timedelta(minutes=minute))
        for number, (text, answer, caller, minute) in enumerate(calls, start=1)
    ]
)
MOMENTS = st.none() | st.integers(0, 4).map(lambda minute: examples.NOON + timedelta(minutes=minute))


@given(CALLS, WISHES, st.tuples(MOMENTS, MOMENTS), st.integers(1, 4))
def test_a_search_finds_what_a_scan_finds_newest_first_and_each_once(
    calls: list[IndexEntry],
    wishes: list[Wish],
    moments: tuple[datetime | None, datetime | None],
    limit: int,
) -> None:
    since, until = moments
    if since and until and since >= until:
        since = None
    index = MemorySearch()
    corpus.store(index, *calls)

    text = "".join(wish.typed for wish in wishes)
    found = list(_pages(index, text, Range(since, until), limit))

    scanned = [
        call
        for call in calls
        if all(wish.means(call) for wish in wishes)
        and (since is None or call.started_at >= since)
        and (until is None or call.started_at < until)
    ]
    scanned.sort(key=lambda call: (call.started_at, call.call_sid), reverse=True)
    assert [sid for page in found for sid in page] == [call.call_sid for call in scanned]
    assert all(len(page) == limit for page, _ in pairwise(found))


def _pages(index: MemorySearch, text: str, within: Range, limit: int) -> Iterator[list[CallSid]]:
    rest: Place | None = NEWEST
    while rest is not None:
        search = Search(parse(text, TERMS), TERMS, examples.MAILBOX.id, index, Range(within.since, within.until, rest))
        matches = search.newest(limit)
        yield [CallSid(match.place.partition("#")[2]) for match in matches.matches]
        rest = matches.rest
