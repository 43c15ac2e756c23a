"""What the numbers of a stream's messages prove to be lost, and to be a pause."""

import pytest

from streamer.sequence import MAX_UNSEEN, SKEW_MS, Sequence
from telephony.coverage import Interval, Track
from telephony.wire.media_streams import FRAME_MS, Media

INBOUND, OUTBOUND = Track.INBOUND, Track.OUTBOUND
SILENCE = Interval(0, 100)


def media(number: int, at_ms: int, track: Track = INBOUND) -> Media:
    return Media(track, number, at_ms, b"\xff")


def seen(*numbers: int, start: int = 1) -> Sequence:
    """Return a sequence of one track of which the messages of these numbers came, in this order."""
    sequence = Sequence(start)
    for number in numbers:
        sequence.see(media(number, FRAME_MS * number))
    return sequence


def lost_before(sequence: Sequence, before: int) -> tuple[Interval, ...]:
    """Return what is lost of the silence of a tenth of a second before a track's first chunk."""
    return sequence.lost_before(SILENCE, before)


def test_where_no_number_is_left_out_nothing_is_lost() -> None:
    sequence = seen(2, 3, 4)
    assert (lost_before(sequence, 2), sequence.lost_after_ms(5)) == ((), 0)


def test_numbers_that_are_left_out_before_the_first_chunk_and_after_the_last_are_lost_sound() -> None:
    sequence = seen(6, 7)
    assert lost_before(sequence, 6) == (SILENCE,)
    assert sequence.lost_after_ms(11) == 60


def test_the_order_in_which_chunks_come_is_no_matter() -> None:
    sequence = seen(4, 2, 3, 7, 5, 6)
    assert (lost_before(sequence, 2), sequence.lost_after_ms(8)) == ((), 0)


def test_a_repeat_of_an_old_chunk_changes_nothing() -> None:
    sequence = seen(2, 3, 2)
    assert (lost_before(sequence, 2), sequence.lost_after_ms(4)) == ((), 0)


def test_messages_without_sound_have_numbers_too() -> None:
    sequence = seen()
    sequence.see_other(2)
    sequence.see(media(4, 0))
    sequence.see_other(5)
    assert (lost_before(sequence, 4), sequence.lost_after_ms(7)) == ((SILENCE,), 20)


def test_all_sound_may_be_lost() -> None:
    assert seen().lost_after_ms(12) == 200


def test_what_has_no_number_proves_nothing() -> None:
    assert (lost_before(seen(0, 0), 0), seen(0).lost_after_ms(0)) == ((), 0)
    assert (lost_before(seen(5, start=0), 5), seen(5, start=0).lost_after_ms(9)) == ((), 0)
    unnumbered = seen(2)
    unnumbered.see_other(0)
    assert unnumbered.lost_after_ms(3) == 0


def test_sound_from_before_the_start_message_is_not_counted() -> None:
    assert lost_before(seen(2, 3, 7, start=6), 7) == ()


GAP = Interval(1_000, 5_000)


def test_between_two_chunks_nothing_is_lost_if_every_number_between_them_has_come_in_any_order() -> None:
    assert seen(2, 5, 3, 4, 6).lost_in(GAP, 2, 6) == ()


def test_what_was_lost_before_and_after_two_chunks_was_not_lost_between_them() -> None:
    assert seen(4, 5, 6, 9).lost_in(GAP, 4, 6) == ()


def test_a_gap_with_a_number_that_never_came_is_lost_as_far_as_no_other_track_narrows_it() -> None:
    sequence = Sequence(1)
    for number, at_ms, track in ((2, 980, OUTBOUND), (5, 5_000, OUTBOUND)):
        sequence.see(media(number, at_ms, track))
    assert sequence.lost_in(GAP, 2, 5) == (GAP,)


def test_another_tracks_times_tell_where_in_a_gap_it_was_lost() -> None:
    sequence = Sequence(1)
    for number, at_ms in ((2, 980), (3, 3_000), (8, 3_100), (9, 5_000)):
        sequence.see(media(number, at_ms, INBOUND if number in {3, 8} else OUTBOUND))
    assert sequence.lost_in(GAP, 2, 9) == (Interval(3_000 - SKEW_MS, 3_100 + SKEW_MS),)


def test_a_latecomer_is_not_lost_but_its_neighbours_are() -> None:
    sequence = Sequence(1)
    for number, at_ms in ((2, 980), (3, 2_000), (8, 4_000), (6, 3_000), (5, 2_900), (9, 5_000)):
        sequence.see(media(number, at_ms, OUTBOUND if number in {2, 9} else INBOUND))
    assert sequence.lost_in(GAP, 2, 9) == (Interval(2_000 - SKEW_MS, 4_000 + SKEW_MS),)


def test_a_message_that_comes_late_and_has_no_sound_narrows_nothing() -> None:
    sequence = seen(2, 6)
    sequence.see_other(4)
    assert sequence.lost_in(Interval(60, 120), 2, 6) == (Interval(60, 120),)
    assert sequence.lost_after_ms(7) == 0


def test_where_the_tracks_clocks_lie_far_apart_all_of_the_gap_is_lost() -> None:
    sequence = Sequence(1)
    for number, at_ms in ((2, 980), (3, 93_000), (8, 93_100), (9, 5_000)):
        sequence.see(media(number, at_ms, INBOUND if number in {3, 8} else OUTBOUND))
    assert sequence.lost_in(GAP, 2, 9) == (GAP,)


@pytest.mark.parametrize(("after", "before"), [(0, 3), (3, 0), (3, 3), (4, 3), (3, 9)])
def test_numbers_that_make_no_sense_prove_no_pause(after: int, before: int) -> None:
    assert seen(2, 3, 4).lost_in(GAP, after, before) == (GAP,)


def test_what_was_lost_while_a_track_had_not_begun_may_have_been_its_first_words() -> None:
    sequence = Sequence(1)
    for number, at_ms in ((2, 0), (5, 3_000), (6, 9_000)):
        sequence.see(media(number, at_ms))
    sequence.see(media(7, 9_000, OUTBOUND))
    assert sequence.lost_before(Interval(0, 9_000), 7) == (Interval(0, 3_000 + SKEW_MS),)


def test_what_was_lost_since_a_tracks_last_chunk_may_have_been_its_last_words() -> None:
    sequence = Sequence(1)
    for number, at_ms in ((3, 20), (4, 3_000), (7, 3_060), (8, 9_000)):
        sequence.see(media(number, at_ms))
    sequence.see(media(2, 0, OUTBOUND))
    assert sequence.lost_since(2, 20) == (Interval(3_000 - SKEW_MS, 3_060 + SKEW_MS),)
    assert sequence.lost_since(0, 0) == (Interval(3_000 - SKEW_MS, 3_060 + SKEW_MS),)
    assert sequence.lost_since(8, 9_020) == ()
    assert sequence.lost_since(2, 40_000) == (Interval(40_000, 40_040),)


def test_where_no_sound_is_numbered_nothing_is_known_to_be_lost_since() -> None:
    assert seen().lost_since(0, 0) == ()


def test_beyond_a_thousand_losses_the_last_one_grows_and_latecomers_are_lost() -> None:
    numbers = range(2, 2 * MAX_UNSEEN + 20, 2)
    sequence = seen(*numbers, start=1)
    last = numbers[-1]
    assert sequence.lost_in(GAP, last - 2, last) == (GAP,)
    assert sequence.lost_in(GAP, 2 * MAX_UNSEEN + 4, 2 * MAX_UNSEEN + 6) == (GAP,)
    whole = sequence.lost_after_ms(last + 2)
    sequence.see(media(last - 1, 0))
    assert sequence.lost_after_ms(last + 2) == whole
