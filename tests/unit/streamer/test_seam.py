"""Where two hearings of the same sound meet."""

import pytest

from streamer.seam import Seam
from telephony.transcripts import Word

ME = Word("me", 2_700, 2_990, 0.9)


def split(seam: Seam, *heard: tuple[str, int, int]) -> list[str]:
    return [word.text for word in seam.split([Word(text, start, end, 0.9) for text, start, end in heard])[0]]


def seam(*known: Word) -> Seam:
    return Seam(3_000, known, whole_from_ms=2_500)


def test_a_word_that_is_heard_again_somewhat_later_is_the_same_word() -> None:
    assert split(seam(ME), ("Me,", 2_730, 3_290)) == []


def test_the_next_word_is_new_though_it_seems_to_begin_before_the_seam() -> None:
    assert split(seam(ME), ("me", 2_700, 2_940), ("too", 2_940, 3_050)) == ["too"]


def test_the_next_word_is_new_though_it_seems_to_end_before_the_seam() -> None:
    assert split(seam(ME), ("me", 2_600, 2_840), ("too", 2_860, 2_960)) == ["too"]


def test_a_word_that_is_said_twice_is_written_twice_also_when_its_second_time_comes_in_another_window() -> None:
    no = (Word("no", 2_600, 2_800, 0.9), Word("no", 2_850, 2_990, 0.9))
    first, rest = seam(*no).split([Word("no", 2_610, 2_810, 0.9), Word("no", 2_860, 3_000, 0.9)])
    assert first == ()
    assert split(rest, ("no", 3_050, 3_200)) == ["no"]


@pytest.mark.parametrize("text", ["knee", "be"])
def test_a_word_that_is_read_otherwise_the_second_time_is_the_same_word(text: str) -> None:
    assert split(seam(ME), (text, 2_760, 3_040), ("too", 3_040, 3_200)) == ["too"]


def test_a_word_that_was_cut_by_where_the_second_hearing_begins_is_no_new_one() -> None:
    long = Word("immediately", 2_100, 2_980, 0.9)
    assert split(seam(long), ("ately", 2_500, 2_980), ("yes", 3_000, 3_200)) == ["yes"]


def test_what_ends_well_before_the_seam_is_not_new() -> None:
    assert split(seam(ME), ("uh", 2_510, 2_600), ("me", 2_700, 2_990)) == []


def test_after_a_hole_a_word_is_new_if_any_of_it_lies_behind_what_is_only_listened_to() -> None:
    after = Seam(5_500, slack_ms=0)
    assert split(after, ("cut", 5_000, 5_500), ("whole", 5_400, 5_600), ("next", 5_600, 5_900)) == ["whole", "next"]
