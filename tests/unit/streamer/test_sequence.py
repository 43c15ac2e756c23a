"""What the numbers of a stream's messages prove to be lost."""

from streamer.sequence import Sequence
from telephony.coverage import Track
from telephony.wire.media_streams import Media


def seen(*numbers: int, start: int = 1) -> Sequence:
    sequence = Sequence(start)
    for number in numbers:
        sequence.see(Media(Track.INBOUND, number, 20 * number, b"\xff"))
    return sequence


def test_where_no_number_is_left_out_nothing_is_lost() -> None:
    sequence = seen(2, 3, 4)
    assert (sequence.lost_before_ms, sequence.lost_after_ms(5)) == (0, 0)


def test_numbers_that_are_left_out_before_the_first_chunk_and_after_the_last_are_lost_sound() -> None:
    sequence = seen(6, 7)
    assert (sequence.lost_before_ms, sequence.first_at_ms) == (80, 120)
    assert sequence.lost_after_ms(11) == 60


def test_the_order_in_which_chunks_come_is_no_matter() -> None:
    sequence = seen(4, 2, 3, 7, 5, 6)
    assert (sequence.lost_before_ms, sequence.lost_after_ms(8)) == (0, 0)


def test_a_repeat_of_an_old_chunk_changes_nothing() -> None:
    sequence = seen(2, 3, 2)
    assert (sequence.lost_before_ms, sequence.lost_after_ms(4)) == (0, 0)


def test_messages_without_sound_have_numbers_too() -> None:
    sequence = seen()
    sequence.see_other(2)
    sequence.see(Media(Track.INBOUND, 4, 0, b"\xff"))
    sequence.see_other(5)
    assert (sequence.lost_before_ms, sequence.lost_after_ms(7)) == (20, 20)


def test_all_sound_may_be_lost() -> None:
    assert seen().lost_after_ms(12) == 200


def test_what_has_no_number_proves_nothing() -> None:
    assert (seen(0, 0).lost_before_ms, seen(0).lost_after_ms(0)) == (0, 0)
    assert (seen(5, start=0).lost_before_ms, seen(5, start=0).lost_after_ms(9)) == (0, 0)
    unnumbered = seen(2)
    unnumbered.see_other(0)
    assert unnumbered.lost_after_ms(3) == 0


def test_sound_from_before_the_start_message_is_not_counted() -> None:
    assert seen(2, 3, 7, start=6).lost_before_ms == 0
