"""What a hit shows of a call that was found."""

from dataclasses import replace

from telephony.coverage import Track
from telephony.hits import WORDS_AFTER, WORDS_BEFORE, Hit, Mark, hits_of
from telephony.index_entries import MOST_WORDS, IndexEntry, entry_of
from telephony.postings import MOST_TERMS, document_of
from telephony.query import parse
from telephony.search import Range, Search
from telephony.terms import Terms
from telephony.transcripts import Transcript, Word
from tests import corpus, examples
from tests.fakes.search import MemorySearch

TERMS = Terms("en")


def _hit(entry: IndexEntry, text: str) -> Hit:
    index = MemorySearch()
    corpus.store(index, entry)
    matches = Search(parse(text, TERMS), TERMS, entry.mailbox_id, index, Range()).newest(5)
    [hit] = hits_of(matches.matches, index.entries([entry.call_sid]))
    return hit


def _marked(hit: Hit) -> list[str]:
    return [hit.snippet[mark.start : mark.end] for mark in hit.marks]


def test_what_was_found_is_marked_and_its_first_word_is_where_to_listen() -> None:
    hit = _hit(corpus.entry("Hello. The roof leaks, the ROOF!"), "roof leaking ")
    assert hit.snippet == "Hello. The roof leaks, the ROOF!"
    assert _marked(hit) == ["roof", "leaks,", "ROOF!"]
    assert (hit.track, hit.start_ms) == (Track.INBOUND, 2 * corpus.WORD_MS)
    assert (hit.has_more_before, hit.has_more_after) == (False, False)


def test_a_long_message_is_shown_around_what_was_found() -> None:
    text = " ".join(f"a{number}" for number in range(100))
    hit = _hit(corpus.entry(text), "a50 ")
    assert hit.snippet.split() == [f"a{number}" for number in range(50 - WORDS_BEFORE, 50 + WORDS_AFTER)]
    assert (hit.has_more_before, hit.has_more_after) == (True, True)


def test_every_word_of_a_number_is_marked() -> None:
    hit = _hit(corpus.entry("Call 415 555-0123 soon & now"), "4155550123 ")
    assert _marked(hit) == ["415", "555-0123"]
    assert _marked(_hit(corpus.entry("A follow-up call & now"), "now ")) == ["now"]


def test_what_the_other_side_said_is_shown_as_theirs() -> None:
    hit = _hit(corpus.entry("Hello there.", answer="Your roof is fine."), '"your roof"')
    assert (hit.track, hit.start_ms, hit.snippet) == (Track.OUTBOUND, 0, "Your roof is fine.")
    assert hit.marks == (Mark(0, 4), Mark(5, 9))


def test_a_phrase_does_not_go_on_from_one_side_to_the_other() -> None:
    index = MemorySearch()
    entry = corpus.entry("my roof", answer="leaks badly")
    corpus.store(index, entry)
    query = parse('"roof leaks"', TERMS)
    assert Search(query, TERMS, entry.mailbox_id, index, Range()).newest(5).matches == ()


def test_a_call_found_by_its_caller_shows_its_beginning() -> None:
    hit = _hit(corpus.entry("Hello there."), "caller:0001 ")
    assert (hit.snippet, hit.start_ms, hit.marks, hit.caller) == ("Hello there.", 0, (), examples.CALLER)


def test_a_call_in_which_nothing_was_said_shows_its_caller() -> None:
    hit = _hit(corpus.entry(""), "caller:0001 ")
    assert (hit.snippet, hit.track, hit.caller) == ("", None, examples.CALLER)


def test_an_entry_has_the_words_of_each_track_and_no_withheld_caller() -> None:
    inbound = examples.utterance("My roof", 1_000)
    odd = replace(inbound, words=(Word("line\nbreak", 5, 9, 1.0),), track=Track.OUTBOUND)
    transcript = Transcript(examples.CALL_SID, (inbound, odd))
    entry = entry_of(replace(examples.CALL, caller="anonymous"), "en", transcript)
    assert [(each.track, each.words, each.starts_ms) for each in entry.spoken] == [
        (Track.INBOUND, ("My", "roof"), (1_000, 1_400)),
        (Track.OUTBOUND, ("line break",), (5,)),
    ]
    assert entry.caller == ""


def test_of_a_call_of_many_hours_the_beginning_is_found() -> None:
    word = Word("roof", 0, 1, 1.0)
    said = replace(examples.utterance("roof"), words=(word,) * (MOST_WORDS + 1))
    transcript = Transcript(examples.CALL_SID, (said, replace(said, track=Track.OUTBOUND)))
    [spoken] = entry_of(examples.CALL, "en", transcript).spoken
    assert len(spoken.words) == MOST_WORDS


def test_a_call_has_so_many_terms_and_no_more() -> None:
    document = document_of(corpus.entry(" ".join(f"w{number}" for number in range(MOST_TERMS + 50))))
    assert len(document.postings) == MOST_TERMS


def test_a_digest_changes_with_everything_that_is_found_or_shown() -> None:
    entry = corpus.entry("My roof leaks.")
    others = [
        corpus.entry("My roof leaked."),
        corpus.entry("My roof leaks.", 2),
        corpus.entry("My roof leaks.", caller="client:art"),
        corpus.entry("My roof leaks.", language="de"),
        replace(entry, spoken=(replace(entry.spoken[0], starts_ms=(0, 1, 2)),)),
    ]
    assert len({entry.digest, *(other.digest for other in others)}) == 6
    assert corpus.entry("My roof leaks.").digest == entry.digest
