"""Posting lists are read no further than somebody looks, and no more is read than an answer may take."""

from itertools import pairwise

import pytest

from telephony.places import NEWEST, OLDEST, Place, before, call_at, place_of
from telephony.posting_lists import FIRST_PAGE, LAST_PAGE, ExhaustedError, PageOf, PostingList, Reader
from telephony.postings import Posting
from telephony.query import parse
from telephony.search import Match, Matches, Range, Search
from telephony.terms import Terms
from tests import corpus, examples
from tests.fakes.search import MemorySearch

TERMS = Terms("en")
MAILBOX_ID = examples.MAILBOX.id


def _search(index: MemorySearch, text: str, limit: int, within: Range = Range()) -> Matches:  # noqa: B008 - frozen
    return Search(parse(text, TERMS), TERMS, MAILBOX_ID, index, within).newest(limit)


def _numbers(matches: tuple[Match, ...]) -> list[int]:
    return [int(call_at(match.place)[1].removeprefix("CA"), 16) for match in matches]


def test_a_place_stands_just_before_another() -> None:
    calls = [place_of(examples.NOON, corpus.entry("", number).call_sid) for number in (0, 9, 10, 16)]
    for older, newer in pairwise(calls):
        assert OLDEST < older < before(newer) < newer < NEWEST
    assert call_at(calls[0]) == (examples.NOON, corpus.entry("", 0).call_sid)


def test_a_list_that_is_used_up_is_read_in_ever_larger_pages_and_one_that_is_dipped_into_in_small_ones() -> None:
    index = MemorySearch()
    corpus.store(index, *(corpus.entry("common" + " rare" * (number % 100 == 0), number) for number in range(1, 1_001)))

    assert len(_search(index, "common ", 600).matches) == 600
    assert [page.limit for page in index.pages] == [FIRST_PAGE, 50, 100, LAST_PAGE, LAST_PAGE, LAST_PAGE]

    index.pages.clear()
    assert _numbers(_search(index, "common rare ", 10).matches) == list(range(1_000, 0, -100))
    commons = [page.limit for page in index.pages if page.stem == "common"]
    assert commons == [FIRST_PAGE] * 10


def test_what_is_read_does_not_grow_with_the_archive() -> None:
    read = []
    for size in (100, 1_000):
        index = MemorySearch()
        corpus.store(index, *(corpus.entry("roof leak" + " here" * (number % 3), number) for number in range(size)))
        for text in ("roof ", "roof leak ", '"leak here" ', "roof -here ", "le"):
            assert len(_search(index, text, 10).matches) == 10
        read.append(sum(page.limit for page in index.pages))
    assert read[0] == read[1]


@pytest.mark.parametrize("text", ["left right ", '"right left" ', "left -right "])
def test_words_that_never_meet_end_an_answer_that_can_be_gone_on_with(text: str) -> None:
    index = MemorySearch()
    said = ("left", "right") if text.startswith("left r") else ("left right",)
    corpus.store(index, *(corpus.entry(said[number % len(said)], number) for number in range(1, 1_000)))
    corpus.store(index, corpus.entry("right left" if '"' in text else text.replace("-", "not "), 0))
    answers: list[Matches] = []
    rest: Place | None = NEWEST
    while rest is not None:
        index.pages.clear()
        search = Search(parse(text, TERMS), TERMS, MAILBOX_ID, index, Range(newest=rest), most_pages=5)
        answers.append(search.newest(5))
        assert len(index.pages) <= 5
        assert answers[-1].rest is None or answers[-1].rest < rest
        rest = answers[-1].rest
    found = [number for answer in answers for number in _numbers(answer.matches)]
    assert found == ([] if "-" in text else [0])
    assert len(answers) > 1


def test_no_more_is_read_than_may_be() -> None:
    index = MemorySearch()
    corpus.store(index, *(corpus.entry("left right", number) for number in range(100)))
    reader = Reader(lambda pages: index.postings(MAILBOX_ID, pages), most_pages=3)
    lists = [PostingList("left", OLDEST), PostingList("right", OLDEST)]
    reader.fill(lists, NEWEST)
    reader.fill(lists, NEWEST)
    with pytest.raises(ExhaustedError):
        reader.fill(lists, Place("2026-03-02T12:30"))
    assert len(index.pages) == 2


def test_a_list_that_was_read_to_its_end_is_not_asked_again() -> None:
    posting = Posting("roof", place_of(examples.NOON, examples.CALL_SID))
    roof = PostingList("roof", OLDEST)
    asked = roof.lacks(NEWEST)
    assert asked == PageOf("roof", NEWEST, OLDEST, FIRST_PAGE)
    roof.take(asked, [posting])
    assert roof.at(NEWEST) == posting
    assert roof.lacks(before(posting.place)) is None
    assert roof.at(before(posting.place)) is None


def test_before_the_range_there_is_nothing_to_be_read() -> None:
    index = MemorySearch()
    corpus.store(index, corpus.entry("roof", 5))
    answer = _search(index, "roof ", 10, Range(since=examples.NOON, newest=Place("2026-03-01")))
    assert answer == Matches((), None)
    assert index.pages == []


def test_a_range_bounds_what_is_read() -> None:
    index = MemorySearch()
    entries = [corpus.entry("roof", number) for number in range(10)]
    corpus.store(index, *entries)
    within = Range(entries[2].started_at, entries[5].started_at)
    assert _numbers(_search(index, "roof ", 10, within).matches) == [4, 3, 2]
    assert all(within.last <= page.newest <= within.first for page in index.pages)


def test_a_beginning_of_very_many_words_is_taken_for_the_commonest() -> None:
    index = MemorySearch()
    rare = [corpus.entry(f"ab{number}x", number) for number in range(100)]
    corpus.store(index, *rare, *(corpus.entry("abc", number) for number in range(100, 103)))
    answer = _search(index, "ab", 50)
    assert answer.completions[0] == "abc"
    assert len(answer.completions) == 24
    assert _numbers(answer.matches)[:3] == [102, 101, 100]
    assert len(answer.matches) == 26
