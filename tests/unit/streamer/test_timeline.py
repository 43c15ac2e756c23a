"""One track's sound, laid end to end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sequence import SKEW_MS, Sequence
from streamer.timeline import MAX_GAP_MS, MAX_LENGTH_MS, MAX_MISSING, Timeline
from telephony.coverage import Interval, Track
from telephony.errors import WireError
from telephony.wire.media_streams import Media
from tests.unit.streamer.scene import sound

SILENCE = b"\xff"


def chunk(at_ms: int, length_ms: int = 20) -> Media:
    return Media(Track.INBOUND, 0, at_ms, sound(at_ms, length_ms))


def test_chunks_that_follow_each_other_are_laid_as_they_are() -> None:
    timeline = Timeline()
    assert timeline.lay(chunk(0)) + timeline.lay(chunk(20)) == sound(0, 40)
    assert (timeline.received_ms, timeline.missing, timeline.repeated) == (40, (), 0)


def test_only_a_chunk_that_begins_where_the_sound_ended_follows() -> None:
    timeline = Timeline()
    assert timeline.follow(chunk(0))
    assert not any(timeline.follow(each) for each in (chunk(0), chunk(10), chunk(40), chunk(20, 0)))
    timeline.lay(chunk(40))  # held back, and what follows now must be laid before it
    assert not timeline.follow(chunk(20))
    assert timeline.lay(chunk(20)) == sound(20, 40)
    assert timeline.follow(chunk(60))
    assert (timeline.chunks, timeline.received_ms) == (4, 80)


def test_what_was_lost_is_laid_as_silence_and_counted() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert timeline.lay(chunk(100, 120)) == SILENCE * 640 + sound(100, 120)
    assert (timeline.missing, timeline.silenced_ms) == ((Interval(20, 100),), 80)


def test_an_early_chunk_is_held_back_for_a_tenth_of_a_second_of_newer_sound() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert [timeline.lay(chunk(at_ms)) for at_ms in range(40, 120, 20)] == [b""] * 4
    assert timeline.received_ms == 20
    assert timeline.lay(chunk(120)) == SILENCE * 160 + sound(40, 100)
    assert (timeline.missing, timeline.silenced_ms, timeline.reordered) == ((), 20, 0)


def test_chunks_that_changed_places_are_put_in_order() -> None:
    timeline = Timeline()
    laid = [timeline.lay(chunk(at_ms)) for at_ms in (20, 0, 60, 80, 40, 100)]
    assert laid == [b"", sound(0, 40), b"", b"", sound(40, 60), sound(100, 20)]
    assert (timeline.reordered, timeline.repeated, timeline.silenced_ms, timeline.chunks) == (2, 0, 0, 6)


def test_an_early_chunk_that_comes_twice_is_a_repeat() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert timeline.lay(chunk(60)) + timeline.lay(chunk(60)) == b""
    assert timeline.repeated == 1
    assert timeline.flush() == SILENCE * 320 + sound(60, 20)


def test_at_the_end_what_is_held_back_is_laid() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    timeline.lay(chunk(40))
    timeline.lay(chunk(80))
    assert timeline.flush() == SILENCE * 160 + sound(40, 20) + SILENCE * 160 + sound(80, 20)
    assert timeline.flush() == b""


def test_an_early_chunk_that_was_overtaken_by_a_longer_one_brings_only_its_rest() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    timeline.lay(chunk(60))
    timeline.lay(chunk(40, 30))
    assert timeline.lay(chunk(20)) == sound(20, 60)


def test_an_empty_chunk_brings_nothing() -> None:
    timeline = Timeline()
    assert timeline.lay(chunk(0, 0)) + timeline.lay(chunk(500, 0)) == b""
    assert (timeline.chunks, timeline.repeated, timeline.received_ms) == (2, 2, 0)


def test_a_repeat_brings_nothing() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert timeline.lay(chunk(0)) == b""
    assert (timeline.received_ms, timeline.repeated) == (20, 1)


def test_a_latecomer_does_not_undo_the_silence_laid_for_it() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    timeline.lay(chunk(100, 100))
    assert timeline.lay(chunk(20)) == b""
    assert (timeline.missing, timeline.repeated) == ((Interval(20, 100),), 1)


def test_of_a_chunk_that_overlaps_only_the_new_part_is_laid() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert timeline.lay(chunk(15)) == sound(20, 15)
    assert timeline.repeated == 0


def test_before_the_first_chunk_nothing_is_missing() -> None:
    timeline = Timeline()
    assert timeline.lay(chunk(500, 100)) == SILENCE * 4_000 + sound(500, 100)
    assert (timeline.missing, timeline.silenced_ms) == ((), 0)


def numbered(at_ms: int, number: int, track: Track = Track.INBOUND) -> Media:
    return Media(track, number, at_ms, sound(at_ms, 100))


def test_before_the_first_chunk_all_may_be_missing_if_a_number_is() -> None:
    sequence = Sequence(start=1)
    timeline = Timeline(sequence)
    sequence.see(numbered(500, 6))
    timeline.lay(numbered(500, 6))
    assert (timeline.missing, timeline.silenced_ms) == ((Interval(0, 500),), 500)


def test_what_was_lost_before_the_first_chunks_may_have_been_of_a_track_that_begins_later() -> None:
    sequence = Sequence(start=1)
    both = Timeline(sequence), Timeline(sequence)
    chunks = [numbered(500, 10), numbered(9_000, 11, Track.OUTBOUND)]
    for timeline, media in zip(both, chunks, strict=True):
        sequence.see(media)
        timeline.lay(media)
    assert [each.missing for each in both] == [(Interval(0, 500),), (Interval(0, 500 + SKEW_MS),)]


def test_what_was_lost_after_the_last_chunk_is_missing_and_not_laid() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0, 100))
    timeline.lose_after(400)
    assert (timeline.missing, timeline.received_ms, timeline.spanned_ms) == ((Interval(100, 500),), 100, 500)


@pytest.mark.parametrize(("until_ms", "end_ms"), [(0, 500), (599, 500), (600, 600), (9_000, 9_000)])
def test_what_was_lost_after_a_pause_may_lie_anywhere_until_the_end(until_ms: int, end_ms: int) -> None:
    timeline = Timeline()
    timeline.lay(chunk(0, 100))
    timeline.lose_after(400, until_ms)
    assert timeline.missing == (Interval(100, end_ms),)


def test_all_of_a_track_may_be_lost_but_a_liars_loss_is_bounded() -> None:
    timeline = Timeline()
    timeline.lose_after(10**9)
    assert timeline.missing == (Interval(0, MAX_GAP_MS),)


def test_a_long_pause_while_the_call_goes_on_is_passed_over() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert timeline.leaps(40_000, reached_ms=10_000)
    assert not timeline.leaps(40_001, reached_ms=10_000)
    assert not timeline.leaps(30_020, reached_ms=40_000)
    assert timeline.leap(chunk(40_000)) == 8 * 39_000
    assert timeline.lay(chunk(40_000, 100)) == SILENCE * 8_000 + sound(40_000, 100)
    assert timeline.missing == (Interval(20, 40_000),)


def test_a_pause_before_a_tracks_first_chunk_is_not_missing() -> None:
    timeline = Timeline()
    timeline.leap(chunk(40_000))
    timeline.lay(chunk(40_000, 100))
    assert (timeline.missing, timeline.received_ms) == ((), 40_100)


def test_less_than_a_chunk_is_a_rounding_error_and_not_waited_for() -> None:
    timeline = Timeline()
    timeline.lay(chunk(0))
    assert timeline.lay(chunk(39)) == SILENCE * 152 + sound(39, 20)
    assert (timeline.missing, timeline.silenced_ms) == ((), 19)


@pytest.mark.parametrize("at_ms", [MAX_GAP_MS + 1, 365 * 24 * 3600 * 1000, 2**53 - 1])
def test_a_chunk_from_the_far_future_is_refused_and_nothing_is_laid(at_ms: int) -> None:
    timeline = Timeline()
    with pytest.raises(WireError, match="ahead"):
        timeline.lay(Media(Track.INBOUND, 0, at_ms, b"\x00"))
    assert timeline.received_ms == 0


def test_a_stream_is_no_longer_than_a_call_can_be() -> None:
    timeline = Timeline()
    for at_ms in range(0, MAX_LENGTH_MS + 1, MAX_GAP_MS):
        timeline.lay(Media(Track.INBOUND, 0, at_ms, bytes(800)))
    with pytest.raises(WireError, match="longer"):
        timeline.lay(chunk(MAX_LENGTH_MS + 1))


def test_beyond_a_thousand_losses_the_last_one_grows() -> None:
    timeline = Timeline()
    for at_ms in range(0, 200 * (MAX_MISSING + 2), 200):
        timeline.lay(chunk(at_ms, 100))
    assert len(timeline.missing) == MAX_MISSING
    assert timeline.missing[-1] == Interval(200 * MAX_MISSING - 100, 200 * (MAX_MISSING + 1))


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 60)), max_size=30))
def test_laid_bytes_are_call_time_whatever_is_lost_late_or_repeated(chunks: list[tuple[int, int]]) -> None:
    timeline = Timeline()
    laid = b""
    for number, (at_ms, length_ms) in enumerate(chunks):
        laid += timeline.lay(Media(Track.INBOUND, number, at_ms, bytes([number]) * (8 * length_ms)))
        assert len(laid) == 8 * timeline.received_ms
    laid += timeline.flush()
    assert len(laid) == 8 * max((at_ms + length_ms for at_ms, length_ms in chunks if length_ms), default=0)
    # Whatever lies at a place was brought for that place; what nobody brought in time is silence.
    for at, code in enumerate(laid):
        if code != SILENCE[0]:
            at_ms, length_ms = chunks[code]
            assert 8 * at_ms <= at < 8 * (at_ms + length_ms)
    for lost in timeline.missing:
        assert set(laid[8 * lost.start_ms : 8 * lost.end_ms]) == set(SILENCE)


@given(st.permutations(range(5)), st.integers(0, 40))
def test_five_chunks_in_any_order_lose_nothing(order: list[int], before: int) -> None:
    timeline = Timeline()
    arrivals = [*range(before), *(before + number for number in order), before + 5]
    laid = b"".join(timeline.lay(chunk(20 * number)) for number in arrivals) + timeline.flush()
    assert laid == sound(0, 20 * (before + 6))
    assert (timeline.missing, timeline.silenced_ms, timeline.repeated) == ((), 0, 0)
