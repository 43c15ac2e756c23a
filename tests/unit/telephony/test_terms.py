"""Under which words a piece of text is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.stems import ALGORITHMS, stemmer
from telephony.terms import MOST_CHARACTERS, Occurrence, Span, Terms, is_same_number, position_count, read_word

ENGLISH = Terms("en-GB")


def _spellings(text: str, language: str = "en") -> set[str]:
    return {each.spelling for each in Terms(language).occurrences(text.split())}


def _found(query: str, text: str, language: str = "en") -> bool:
    """Tell whether a word that somebody types finds a word that somebody said."""
    terms = Terms(language)
    [part] = read_word(query).parts
    return not set(terms.stems(part)).isdisjoint(each.stem for each in terms.occurrences(text.split()))


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [
        ("en-US", "appointments", "Appointment,"),
        ("en", "calling", "called"),
        ("de", "termin", "Termine"),
        ("de-CH", "strasse", "Straße"),
        ("de", "mueller", "Müller"),
        ("de", "muller", "Müller"),
        ("de", "Müller", "Mueller"),
        ("es", "informacion", "información"),
        ("es-MX", "informaciones", "Información."),
        ("fr", "rappeler", "rappelez"),
        ("fr", "eleve", "élève"),
        ("it", "appuntamenti", "appuntamento"),
        ("pt-BR", "ligações", "ligacoes"),
        ("nl", "boeken", "boek"),
        ("ru", "ещё", "еще"),
        ("tr", "evler", "ev"),
        ("hi", "किताब", "किताब"),
        ("multi", "zoe", "Zoë"),
        ("ja", "東", "東京"),
        ("xx", "\uff11\uff12\uff13", "123"),
        ("ar", "٤٢", "42"),
    ],
)
def test_a_word_is_found_in_its_other_forms_and_however_it_is_typed(language: str, typed: str, said: str) -> None:
    assert _found(typed, said, language)


def test_a_language_that_has_no_stemmer_finds_words_as_they_are() -> None:
    assert not _found("calling", "called", "multi")
    assert not _found("calling", "called", "xx-YY")


@pytest.mark.parametrize("language", sorted(ALGORITHMS))
def test_every_language_of_the_list_has_its_stemmer(language: str) -> None:
    assert stemmer(language)("roof")


@pytest.mark.parametrize(
    ("text", "spellings"),
    [
        ("It's", {"it", "its"}),
        ("O\u2019Brien's", {"o", "brien", "obriens"}),
        ("d'accord", {"d", "accord", "daccord"}),
        ("follow-up", {"follow", "up", "followup"}),
        ("covid-19", {"covid", "19", "covid19"}),
        ("jane@example.com", {"jane", "example", "com"}),
        ("rock-'n'-roll", {"rock", "n", "roll"}),
        ("-- & ...", set()),
        ("mp3", {"mp3"}),
        ("日本", {"日", "本"}),
    ],
)
def test_a_word_is_found_by_its_parts_and_in_one(text: str, spellings: set[str]) -> None:
    assert _spellings(text) == spellings


def test_groups_of_digits_are_found_one_by_one_joined_and_by_their_end() -> None:
    assert _spellings("Call 415-555 0123 now") == {
        "call",
        "415",
        "555",
        "0123",
        "415555",
        "5550123",
        "4155550123",
        "now",
    }


def test_a_number_in_one_group_is_found_without_a_countrys_code_and_by_its_end() -> None:
    assert _spellings("14155550123") == {"14155550123", "4155550123", "155550123", "55550123", "0123"}
    assert _spellings("5550123") == {"5550123", "0123"}


def test_small_numbers_that_follow_each_other_stay_apart_and_large_ones_end() -> None:
    assert _spellings("1 2") == {"1", "2"}
    assert max(map(len, _spellings("12345 " * 6))) == 20
    assert max(map(len, _spellings("1" * 70))) == 20


def test_a_word_takes_as_many_positions_as_it_has_parts() -> None:
    occurrences = list(ENGLISH.occurrences(["A", "follow-up", "&", "call"], first=5))
    assert Occurrence("follow", "follow", Span(6, 7), 1) in occurrences
    assert Occurrence("followup", "followup", Span(6, 8), 1) in occurrences
    assert Occurrence("call", "call", Span(8, 9), 3) in occurrences
    assert [position_count(each) for each in ("A", "follow-up", "&", "it's")] == [1, 2, 0, 1]


def test_a_word_of_a_thousand_letters_is_found_by_its_beginning() -> None:
    assert _spellings("x" * 1_000) == {"x" * MOST_CHARACTERS}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("4155550123", "4155550123", True),
        ("14155550123", "4155550123", True),
        ("5550123", "14155550123", True),
        ("0301234567", "49301234567", True),
        ("00493012345678", "03012345678", True),
        ("0001234", "1234", False),
        ("550123", "4155550123", False),
        ("0123", "4155550123", False),
        ("4155550123", "5105550123", False),
        ("12", "12", True),
    ],
)
def test_numbers_are_compared_from_their_ends(one: str, other: str, *, same: bool) -> None:
    assert is_same_number(one, other) is same
    assert is_same_number(other, one) is same


@given(st.text())
def test_whatever_is_said_has_terms_of_letters_and_digits_alone(text: str) -> None:
    for language in ("en", "de", "multi"):
        for occurrence in Terms(language).occurrences(text.split()):
            assert occurrence.stem
            assert occurrence.spelling
            assert not {" ", "#", "\n"} & set(occurrence.stem + occurrence.spelling)
            assert 0 <= occurrence.span.start < occurrence.span.end


@given(st.text(max_size=20))
def test_a_word_is_found_by_itself(text: str) -> None:
    word = read_word(text)
    spelled = {each.spelling for each in ENGLISH.occurrences([text])}
    assert all(set(ENGLISH.spellings(part)) <= spelled for part in word.parts if not part.isdigit())
