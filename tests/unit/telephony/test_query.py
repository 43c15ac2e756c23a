"""What somebody types, and what is looked for then."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import WireError
from telephony.postings import Field
from telephony.query import MOST_CHARACTERS, Clause, Phrase, Query, Slot, parse
from telephony.terms import Terms

TERMS = Terms("en")


def _read(text: str, caller: str = "") -> Query:
    return parse(text, TERMS, caller=caller)


def _one(*slots: Slot) -> Clause:
    return Clause((Phrase(slots),))


def _word(word: str) -> Clause:
    return _one(Slot((word,)))


def _exactly(word: str) -> Slot:
    return Slot((word,), (word,))


def _number(digits: str) -> Slot:
    return Slot((digits[-7:],), number=digits)


def test_words_are_wanted_in_any_form() -> None:
    assert _read("Roofs leaking, ").wanted == (_word("roof"), _word("leak"))


def test_words_in_quotation_marks_are_wanted_as_they_are_one_after_the_other() -> None:
    phrase = _one(_exactly("the"), Slot(("roof",), ("roofs",)))
    assert _read('"The roofs"').wanted == (phrase,)
    assert _read("\u201cthe roofs\u201d").wanted == (phrase,)


def test_what_follows_a_minus_is_unwanted_and_a_hyphen_is_no_minus() -> None:
    query = _read('roof -leak -"the end" - a-b ')
    assert query.unwanted == (_word("leak"), _one(_exactly("the"), _exactly("end")))
    assert query.wanted == (
        _word("roof"),
        Clause((Phrase((Slot(("a",)), Slot(("b",)))), Phrase((Slot(("ab",)),)))),
    )


def test_the_last_word_may_go_on_unless_a_space_follows() -> None:
    assert _read("the roo").wanted == (_word("the"), _one(Slot(("roo",), prefixes=("roo",))))
    assert _read("the roo").prefixes == ("roo",)
    assert _read("the roo ").prefixes == ()
    assert _read("roof -le").prefixes == ()
    assert _read('"the roo"').prefixes == ()
    assert _read("r").prefixes == ()


def test_a_phrase_that_is_being_typed_goes_on() -> None:
    assert _read('"the roo').wanted == (_one(_exactly("the"), Slot(("roo",), ("roo",), ("roo",))),)
    assert _read('"the roo ').prefixes == ()


def test_digits_are_one_number_however_they_are_set_apart() -> None:
    for text in ("4155550123 ", "415 555 0123 ", "(415) 555-0123 "):
        assert _read(text).wanted == (_one(_number("4155550123")),)
    assert _read("415 roof 555 ").wanted == (_one(_number("415")), _word("roof"), _one(_number("555")))
    assert _read("5550123 5550124 ").wanted == (_one(_number("5550123")), _one(_number("5550124")))
    assert _read('"roof 12 345"').wanted == (_one(_exactly("roof"), _number("12345")),)
    assert _read("415 5").prefixes == ("4155",)
    assert _read("1 2 ").wanted == (_one(Slot(("1",)), _number("2")),)


def test_two_numbers_are_two_when_one_is_unwanted_or_a_callers() -> None:
    query = _read("415 -555 caller:0199 12 ")
    assert query.wanted == (
        _one(_number("415")),
        Clause((Phrase((_number("0199"),), (Field.CALLER,)),)),
        _one(_number("12")),
    )
    assert query.unwanted == (_one(_number("555")),)


@pytest.mark.parametrize("typed", ["caller:alice ", "CALLER:client:alice ", 'caller:"alice" ', "caller:sip:alice "])
def test_a_caller_is_wanted_by_number_or_address(typed: str) -> None:
    [clause] = _read(typed).wanted
    [phrase] = clause.phrases
    assert phrase.fields == (Field.CALLER,)
    assert phrase.slots[0].stems == TERMS.stems("alice")


def test_a_caller_can_be_named_apart() -> None:
    caller = Clause((Phrase((_number("14155550199"),), (Field.CALLER,)),))
    assert _read("roof ", "+1 (415) 555-0199").wanted == (_word("roof"), caller)
    assert _read("", "+14155550199").wanted == (caller,)


def test_what_an_apostrophe_holds_together_is_found_in_one_or_apart() -> None:
    assert _read("o'brien ").wanted == (
        Clause((Phrase((Slot(("o",)), Slot(("brien",)))), Phrase((Slot(("obrien",)),)))),
    )
    assert _read('"o\'brien"').wanted == (_one(_exactly("obrien")),)
    assert _read("it's").prefixes == ("its",)
    assert _read("follow-u").prefixes == ("u", "followu")[1:]


def test_a_slot_takes_the_words_that_are_meant() -> None:
    going_on = Slot(("roo",), prefixes=("roo",))
    assert going_on.accepts("roof", "roofing")
    assert not going_on.accepts("kangaroo", "kangaroo")
    assert Slot(("call",)).accepts("call", "calling")
    assert not _exactly("call").accepts("call", "calling")
    assert _number("4155550123").accepts("5550123", "5550123")
    assert not _number("4155550123").accepts("5550123", "5105550123")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "q is empty"),
        ('"" - . caller: ', "q is empty"),
        ("-roof ", "only what to leave out"),
        ("a" * (MOST_CHARACTERS + 1), "at most 200 characters"),
        ("a " * 17, "at most 16 words"),
        ("12345 12345 12345 12345 1", "at most 20 digits"),
    ],
)
def test_a_query_that_asks_for_nothing_or_too_much_is_refused(text: str, reason: str) -> None:
    with pytest.raises(WireError, match=reason):
        _read(text)


def test_a_caller_that_is_too_long_is_refused() -> None:
    with pytest.raises(WireError, match="at most 200 characters"):
        _read("roof", "1" * (MOST_CHARACTERS + 1))


@given(st.text(st.sampled_from("ab1 -\"\u201ccaller:'+") | st.characters(), max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(WireError):
        assert _read(text).wanted
