"""Where in call time a recording begins is found and checked, not assumed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.alignment import Alignment, by_end, from_parts, from_whole, plainly
from telephony.recordings import RecordedWord
from telephony.repairs import OffsetSource
from telephony.transcripts import Word

RECORDING_MS = 20_000


def recorded(text: str, start_ms: int = 0, jitter: tuple[int, ...] = (0,)) -> list[RecordedWord]:
    """Return *text* as heard in a recording, a word every 400 ms, each off by what *jitter* says in turn."""
    words = text.split()
    starts = [start_ms + 400 * at + jitter[at % len(jitter)] for at in range(len(words))]
    return [RecordedWord(word, at, at + 350, 0.9) for word, at in zip(words, starts, strict=True)]


def live(text: str, start_ms: int = 0) -> list[Word]:
    """Return *text* as heard live, a word every 400 ms."""
    return [Word(word, start_ms + 400 * at, start_ms + 400 * at + 350, 0.9) for at, word in enumerate(text.split())]


def test_a_recording_that_ends_with_its_stream_begins_as_much_later_as_it_is_shorter() -> None:
    assert by_end(25_000, 20_000) == 5_000
    assert by_end(19_000, 20_000) is None


def test_words_of_the_parts_put_a_guess_right_and_check_it() -> None:
    heard = recorded("please call me back", 1_000, jitter=(0, 40, -40, 20))

    assert from_parts(5_000, heard, live("Please call me back.", 6_100), RECORDING_MS) == Alignment(
        5_090, OffsetSource.WORDS
    )


def test_a_guess_that_the_words_contradict_is_not_taken() -> None:
    assert from_parts(5_000, recorded("please call me back"), live("Please call me back.", 3_000), RECORDING_MS) is None


def test_a_guess_that_no_live_word_can_check_stands() -> None:
    spoken_before_the_tone = live("hello hello", 1_000)

    for words in ([], spoken_before_the_tone):
        assert from_parts(5_000, recorded("call me"), words, RECORDING_MS) == Alignment(5_000, OffsetSource.END)


def test_a_guess_is_not_taken_while_live_words_before_it_may_be_in_the_rest_of_the_recording() -> None:
    assert from_parts(5_000, recorded("call me"), live("hello is ada", 1_000), RECORDING_MS) is None


def test_a_guess_is_not_taken_while_there_are_live_words_that_the_parts_do_not_have() -> None:
    assert from_parts(5_000, recorded("call me"), live("one two three four", 9_000), RECORDING_MS) is None


def test_all_words_of_a_recording_align_it_without_a_guess() -> None:
    heard = recorded("hi this is ada please call me back thanks bye")

    assert from_whole(None, heard, live("This is Ada.", 7_300), RECORDING_MS) == Alignment(6_900, OffsetSource.WORDS)


def test_one_word_aligns_a_recording_that_has_it_only_once() -> None:
    heard = recorded("hi this is ada is that you")

    assert from_whole(None, heard, live("Ada,", 6_200), RECORDING_MS) == Alignment(5_000, OffsetSource.WORDS)
    assert from_whole(None, heard, live("is", 6_200), RECORDING_MS) == Alignment(6_550, OffsetSource.ASSUMED)


def test_a_recording_none_of_whose_words_was_heard_live_follows_those_that_were() -> None:
    heard = recorded("please call me back")

    assert from_whole(None, heard, [], RECORDING_MS) == Alignment(0, OffsetSource.ASSUMED)
    assert from_whole(None, heard, live("hello is anybody there"), RECORDING_MS) == Alignment(
        1_550, OffsetSource.ASSUMED
    )


def test_a_guess_stands_when_the_whole_recording_has_too_few_live_words_to_check_it() -> None:
    assert from_whole(5_000, recorded("call me"), live("Ada", 9_000), RECORDING_MS) == Alignment(
        5_000, OffsetSource.END
    )


def test_words_that_are_others_than_the_live_ones_align_nothing() -> None:
    assert from_whole(5_000, recorded("call me back"), live("one two three four", 9_000), RECORDING_MS) is None


@pytest.mark.parametrize("guess_ms", [None, 5_000])
def test_words_that_contradict_each_other_align_nothing(guess_ms: int | None) -> None:
    heard = [RecordedWord(word, at, at + 100, 0.9) for word, at in zip("abcd", (0, 100, 9_000, 17_000), strict=True)]
    said = [Word(word, at, at + 100, 0.9) for word, at in zip("abcd", (6_000, 9_000, 14_000, 23_900), strict=True)]

    assert from_whole(guess_ms, heard, said, RECORDING_MS) is None


def test_a_few_wrong_matches_do_not_move_the_offset() -> None:
    heard = [*recorded("the cat sat on the mat and purred"), RecordedWord("the", 15_000, 15_100, 0.9)]
    said = [*live("the cat sat on the mat and purred", 5_000), Word("the", 29_000, 29_100, 0.9)]

    assert from_whole(None, heard, said, RECORDING_MS) == Alignment(5_000, OffsetSource.WORDS)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Hello,", "hello"), ("it's", "its"), ("STRASSE", "strasse"), ("Straße.", "strasse"), ("?", "?")],
)
def test_case_and_punctuation_make_no_other_word(text: str, plain: str) -> None:
    assert plainly(text) == plain


@given(
    st.integers(-5_000, 60_000),
    st.lists(st.sampled_from("abcdefghij"), min_size=4, max_size=40),
    st.lists(st.integers(-60, 60), min_size=7, max_size=7),
)
def test_any_offset_is_found_by_words_within_what_recognisers_differ(
    offset_ms: int, words: list[str], jitter: list[int]
) -> None:
    text = " ".join(f"{word}{at}" for at, word in enumerate(words))
    said = [word for word in live(text, offset_ms) if word.start_ms >= 0]

    found = from_whole(None, recorded(text, jitter=tuple(jitter)), said, 400 * len(words))

    if len(said) >= 3:
        assert found is not None
        assert found.found_by is OffsetSource.WORDS
        assert abs(found.offset_ms - offset_ms) <= 60
