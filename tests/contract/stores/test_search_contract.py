"""What every SearchIndex promises."""

from dataclasses import replace

import pytest

from telephony.calls import CallSid
from telephony.index_entries import IndexEntry
from telephony.numbers import MailboxId
from telephony.places import NEWEST, OLDEST, Place, before, place_of
from telephony.posting_lists import PageOf
from telephony.postings import Field, document_of
from telephony.terms import Span
from tests import corpus
from tests.contract.stores.backends import AnyTable, any_call, any_call_sid, any_mailbox


@pytest.fixture
def mailbox_id() -> MailboxId:
    return any_mailbox().id


def _entry(mailbox_id: MailboxId, text: str, number: int = 1, caller: str = "+14155550199") -> IndexEntry:
    entry = corpus.entry(text, number, mailbox_id=mailbox_id, caller=caller)
    return replace(entry, call_sid=any_call_sid())


def _places(table: AnyTable, mailbox_id: MailboxId, stem: str) -> list[Place]:
    [page] = table.search.postings(mailbox_id, [PageOf(stem, NEWEST, OLDEST, 100)])
    return [posting.place for posting in page]


def _place(entry: IndexEntry) -> Place:
    return place_of(entry.started_at, entry.call_sid)


def test_a_posting_says_where_in_a_call_each_spelling_is(table: AnyTable, mailbox_id: MailboxId) -> None:
    entry = _entry(mailbox_id, "Calling: I called 415 555 0123 about Zoë's roof.")
    document = document_of(entry)
    corpus.store(table.search, entry)
    stems = list(document.postings)
    pages = table.search.postings(mailbox_id, [PageOf(stem, NEWEST, OLDEST, 5) for stem in stems])
    assert pages == [(document.postings[stem],) for stem in stems]
    [[number]] = table.search.postings(mailbox_id, [PageOf("5550123", NEWEST, OLDEST, 5)])
    assert number.spans[Field.SAID] == {"4155550123": (Span(3, 6),), "5550123": (Span(4, 6),)}
    assert (number.call_sid, number.started_at) == (entry.call_sid, entry.started_at)


def test_postings_come_newest_first_a_page_at_a_time_and_within_bounds(table: AnyTable, mailbox_id: MailboxId) -> None:
    entries = [_entry(mailbox_id, "roof", number) for number in range(1, 6)]
    corpus.store(table.search, *entries)
    places = [_place(entry) for entry in reversed(entries)]
    assert _places(table, mailbox_id, "roof") == places

    [first, within] = table.search.postings(
        mailbox_id,
        [PageOf("roof", NEWEST, OLDEST, 2), PageOf("roof", before(places[1]), places[3], 9)],
    )
    assert [each.place for each in first] == places[:2]
    assert [each.place for each in within] == places[2:4]


def test_a_mailbox_is_searched_alone(table: AnyTable, mailbox_id: MailboxId) -> None:
    corpus.store(table.search, _entry(any_mailbox().id, "roof"))
    assert _places(table, mailbox_id, "roof") == []
    assert table.search.completions(mailbox_id, "ro", 5) == ()


def test_indexing_again_changes_nothing(table: AnyTable, mailbox_id: MailboxId) -> None:
    entry = _entry(mailbox_id, "The roof leaks.")
    corpus.store(table.search, entry, entry)
    assert _places(table, mailbox_id, "leak") == [_place(entry)]
    assert table.search.entries([entry.call_sid]) == {entry.call_sid: entry}


def test_a_repaired_transcript_is_found_by_its_new_words_alone(table: AnyTable, mailbox_id: MailboxId) -> None:
    entry = _entry(mailbox_id, "The roof reeks and leaked")
    other = _entry(mailbox_id, "leaking", 2)
    corpus.store(table.search, other, entry)
    repaired = replace(entry, spoken=corpus.entry("The roof leaks badly").spoken)
    corpus.store(table.search, repaired)
    assert _places(table, mailbox_id, "reek") == []
    assert _places(table, mailbox_id, "bad") == [_place(entry)]
    assert _places(table, mailbox_id, "leak") == [_place(other), _place(entry)]
    assert table.search.completions(mailbox_id, "ree", 5) == ()
    assert set(table.search.completions(mailbox_id, "leak", 5)) == {"leaking", "leaks"}
    assert table.search.entries([entry.call_sid]) == {entry.call_sid: repaired}


def test_what_was_forgotten_is_found_by_nothing_and_leaves_no_word(table: AnyTable, mailbox_id: MailboxId) -> None:
    gone, stays = _entry(mailbox_id, "My secret roof", 1, "client:zelda"), _entry(mailbox_id, "roof", 2)
    corpus.store(table.search, gone, stays)
    assert table.search.forget(gone.call_sid) == 4
    assert table.search.forget(gone.call_sid) == 0
    assert _places(table, mailbox_id, "secret") == []
    assert _places(table, mailbox_id, "roof") == [_place(stays)]
    assert [table.search.completions(mailbox_id, each, 5) for each in ("sec", "zel", "roo")] == [(), (), ("roof",)]
    assert table.search.entries([gone.call_sid, stays.call_sid]) == {stays.call_sid: stays}


def test_a_call_can_be_indexed_again_after_it_was_forgotten(table: AnyTable, mailbox_id: MailboxId) -> None:
    entry = _entry(mailbox_id, "roof")
    corpus.store(table.search, entry)
    table.search.forget(entry.call_sid)
    corpus.store(table.search, entry)
    assert _places(table, mailbox_id, "roof") == [_place(entry)]
    assert table.search.completions(mailbox_id, "roo", 5) == ("roof",)


def test_completions_are_the_commonest_spellings(table: AnyTable, mailbox_id: MailboxId) -> None:
    common = [_entry(mailbox_id, "roofing", number) for number in range(1, 40)]
    corpus.store(table.search, _entry(mailbox_id, "roof roofs ruin", 50), *common)
    assert table.search.completions(mailbox_id, "roo", 1) == ("roofing",)
    assert sorted(table.search.completions(mailbox_id, "roo", 5)) == ["roof", "roofing", "roofs"]
    assert table.search.completions(mailbox_id, "roofs", 5) == ("roofs",)
    assert table.search.completions(mailbox_id, "x", 5) == ()


def test_entries_of_more_calls_than_one_request_takes_are_all_given(table: AnyTable, mailbox_id: MailboxId) -> None:
    entries = [_entry(mailbox_id, "roof", number) for number in range(1, 104)]
    corpus.store(table.search, *entries)
    found = table.search.entries([*(entry.call_sid for entry in entries), any_call_sid()])
    assert found == {entry.call_sid: entry for entry in entries}
    assert table.search.entries([]) == {}


def test_the_facts_of_a_call_say_what_it_is_found_by(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    assert table.calls.facts(call.sid).indexed is None
    entry = replace(corpus.entry("roof"), call_sid=call.sid, mailbox_id=call.mailbox_id, started_at=call.started_at)
    corpus.store(table.search, entry)
    assert table.calls.facts(call.sid).indexed == entry.digest
    table.search.forget(call.sid)
    assert table.calls.facts(call.sid).indexed is None


def test_of_a_call_that_nobody_indexed_there_is_nothing_to_forget(table: AnyTable) -> None:
    assert table.search.forget(CallSid("CA" + "0" * 32)) == 0
