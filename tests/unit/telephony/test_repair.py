"""What a live transcript lacks is filled from the recording: every word once, at its time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import repair
from telephony.coverage import Coverage, Interval, Track, merged
from telephony.recordings import RecordedWord
from telephony.repair import MARGIN_MS, MAX_PARTS, PAUSE_MS
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.streams import MediaStream, StreamEnd
from telephony.transcripts import Rung, Transcript, Utterance, Word
from tests import examples

MARK = f"{examples.RECORDING_SID}.1"


def _covered(received_ms: int, *holes: Interval, missing: tuple[Interval, ...] = ()) -> Coverage:
    return replace(examples.coverage(received_ms, holes=holes), missing=missing)


def _stamped(first: int, last: int, offset_ms: int = 0) -> list[Word]:
    """Return a word for every 100 ms, from number *first* to before *last*."""
    return [Word(f"w{at}", 100 * at + offset_ms, 100 * at + 100 + offset_ms, 1.0) for at in range(first, last)]


def _texts(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def test_holes_and_missing_sound_need_repair() -> None:
    covered = _covered(9_000, Interval(1_000, 2_000), missing=(Interval(1_500, 2_500), Interval(4_000, 4_020)))

    gaps = repair.gaps(covered, is_cut_short=False, end_ms=12_000)

    assert gaps == (Interval(1_000, 2_500), Interval(4_000, 4_020))


def test_what_followed_a_stream_that_was_cut_short_needs_repair() -> None:
    assert repair.gaps(_covered(9_000), is_cut_short=True, end_ms=12_000) == (Interval(9_000, 12_000),)
    assert repair.gaps(_covered(9_000), is_cut_short=True, end_ms=8_000) == ()


def test_without_a_stream_everything_needs_repair() -> None:
    assert repair.gaps(None, is_cut_short=False, end_ms=12_000) == (Interval(0, 12_000),)


def test_the_parts_to_transcribe_have_a_margin_and_stay_in_the_recording() -> None:
    gaps = (Interval(0, 5_500), Interval(12_000, 13_000), Interval(24_900, 25_000), Interval(30_000, 31_000))

    assert repair.parts(gaps, offset_ms=5_000, recording_ms=20_000) == (
        Interval(0, 500 + MARGIN_MS),
        Interval(7_000 - MARGIN_MS, 8_000 + MARGIN_MS),
        Interval(19_900 - MARGIN_MS, 20_000),
    )


def test_parts_that_are_near_are_one() -> None:
    gaps = (Interval(10_000, 11_000), Interval(14_500, 15_000))

    assert repair.parts(gaps, 0, 60_000) == (Interval(10_000 - MARGIN_MS, 15_000 + MARGIN_MS),)


@given(st.lists(st.integers(0, 600_000), max_size=60), st.integers(0, 30_000), st.integers(1, 600_000))
def test_parts_are_few_apart_and_hold_every_gap_that_the_recording_has(
    starts: list[int], offset_ms: int, recording_ms: int
) -> None:
    gaps = merged(Interval(start, start + 700) for start in starts)

    parts = repair.parts(gaps, offset_ms, recording_ms)

    assert len(parts) <= MAX_PARTS
    assert parts == merged(parts)
    for gap in gaps:
        start_ms, end_ms = max(gap.start_ms - offset_ms, 0), min(gap.end_ms - offset_ms, recording_ms)
        if start_ms < end_ms:
            assert any(part.start_ms <= start_ms and end_ms <= part.end_ms for part in parts)


def test_a_window_takes_in_the_words_that_its_gap_may_have_cut() -> None:
    live = [Word("da", 3_000, 3_050, 0.2), Word("maged", 3_450, 3_500, 0.2), Word("whole", 3_600, 3_900, 0.9)]

    assert repair.windows([Interval(3_050, 3_450)], live, Interval(0, 9_000)) == (Interval(3_000, 3_500),)


def test_a_window_ends_where_the_recording_does() -> None:
    span = Interval(5_000, 9_000)

    assert repair.windows([Interval(0, 5_200), Interval(8_000, 9_500)], [], span) == (
        Interval(5_000, 5_200),
        Interval(8_000, 9_000),
    )
    assert repair.windows([Interval(0, 4_000)], [], span) == ()


def _heard(text: str, *starts: int) -> list[RecordedWord]:
    return [RecordedWord(word, at, at + 300, 0.9) for word, at in zip(text.split(), starts, strict=True)]


def test_a_word_at_the_edge_that_is_there_already_is_left_out() -> None:
    live = [Word("call", 3_650, 3_950, 0.9)]

    assert _texts(repair.spliced(_heard("Call me back", 3_870, 4_300, 4_700), live, [Interval(4_000, 6_000)], 0)) == [
        "me",
        "back",
    ]


def test_a_word_that_is_said_twice_is_taken_once_more() -> None:
    live = [Word("no", 3_600, 3_900, 0.9)]

    assert _texts(repair.spliced(_heard("no no", 3_610, 4_010), live, [Interval(4_000, 6_000)], 0)) == ["no"]


def test_a_word_that_is_repeated_at_once_stands_for_itself() -> None:
    live = [Word("no", 3_600, 3_900, 0.9)]

    assert _texts(repair.spliced(_heard("no no", 3_610, 3_840), live, [Interval(3_900, 6_000)], 0)) == ["no"]


def test_a_cut_word_that_was_heard_just_outside_its_window_is_not_lost() -> None:
    live = [Word("call", 3_300, 3_600, 0.9), Word("m", 3_700, 4_000, 0.3)]
    window = Interval(3_700, 6_000)  # which took in "m"

    assert _texts(repair.spliced(_heard("call me", 3_250, 3_520), live, [window], 0)) == ["me"]


def test_another_reading_of_a_word_that_stands_is_left_out() -> None:
    live = [Word("Jon", 3_600, 3_900, 0.9)]

    assert _texts(repair.spliced(_heard("John called", 3_600, 4_100), live, [Interval(4_000, 6_000)], 0)) == ["called"]


def test_words_are_moved_to_call_time() -> None:
    (word,) = repair.spliced(_heard("hello", 1_000), [], [Interval(5_000, 9_000)], 5_000)

    assert (word.start_ms, word.end_ms) == (6_000, 6_300)


def test_utterances_end_at_pauses_and_where_a_live_word_stands() -> None:
    filled = [Interval(0, 3_000), Interval(3_500, 9_000)]
    words = [
        Word("one", 100, 400, 0.9),
        Word("two", 400 + PAUSE_MS, 1_500, 0.9),
        Word("three", 1_501 + PAUSE_MS, 2_900, 0.9),
        Word("five", 3_550, 3_900, 0.9),
    ]
    live = [Word("overwritten", 1_500, 1_600, 0.9), Word("four", 3_000, 3_400, 0.9)]

    said = repair.utterances(words, live, filled, call_sid=examples.CALL_SID, track=Track.INBOUND, mark=MARK)

    assert [each.text for each in said] == ["one two", "three", "five"]
    assert {(each.rung, each.repaired_by) for each in said} == {(Rung.BACKFILLED, MARK)}
    assert (said[0].start_ms, said[0].end_ms) == (100, 1_500)
    assert repair.utterances([], live, filled, call_sid=examples.CALL_SID, track=Track.INBOUND, mark=MARK) == ()


def _mended(
    stream: MediaStream | None, live: list[Word], heard: list[RecordedWord], offset_ms: int, recording_ms: int
) -> Transcript:
    """Return the transcript after a repair, as it is put together from what was stored."""
    coverage = stream.coverage[0] if stream is not None else None
    is_cut_short = stream is not None and stream.end is not StreamEnd.STOPPED
    done = Repair(
        examples.RECORDING_SID,
        examples.CALL_SID,
        RepairState.DONE,
        1,
        stream_sid=stream.sid if stream is not None else None,
        offset_ms=offset_ms,
        offset_found_by=OffsetSource.WORDS,
        recording_ms=recording_ms,
    )
    assert done.span is not None
    gaps = repair.gaps(coverage, is_cut_short=is_cut_short, end_ms=done.span.end_ms)
    filled = repair.windows(gaps, live, done.span)
    words = repair.spliced(heard, live, filled, offset_ms)
    said = repair.utterances(words, live, filled, call_sid=examples.CALL_SID, track=Track.INBOUND, mark=done.mark)
    before = Utterance(examples.CALL_SID, Track.INBOUND, 0, live[-1].end_ms, tuple(live)) if live else None
    utterances = [*([before] if before else []), *said]
    streams = [stream] if stream is not None else []
    return Transcript.assemble(examples.CALL_SID, streams, utterances, [replace(done, windows=filled)])


def _is_whole(word: Word, gaps: list[Interval]) -> bool:
    return not any(gap.start_ms < word.end_ms and word.start_ms < gap.end_ms for gap in gaps)


GAPS = st.lists(st.tuples(st.integers(0, 11_900), st.integers(21, 3_000)), max_size=5)


@given(GAPS, GAPS, st.integers(0, 4_000), st.none() | st.integers(1_000, 12_000), st.integers(0, 5_000))
@pytest.mark.parametrize("drift_ms", [0, 30])
def test_any_set_of_holes_is_filled_exactly_with_no_word_twice_and_none_lost(
    drift_ms: int,
    holes: list[tuple[int, int]],
    missing: list[tuple[int, int]],
    offset_ms: int,
    cut_at_ms: int | None,
    first_said_ms: int,
) -> None:
    """A word every 100 ms from the tone on, or some time after; of a cut word live text has the damaged rest."""
    end_ms = 12_000
    received_ms = min(cut_at_ms or end_ms, end_ms)
    begin = -(-(offset_ms + first_said_ms) // 100)
    truth = _stamped(begin, end_ms // 100)
    clipped = [
        merged(Interval(min(at, received_ms), min(at + length, received_ms)) for at, length in some)
        for some in (holes, missing)
    ]
    lost_holes, lost_sound = (tuple(gap for gap in each if gap.length_ms > 20) for each in clipped)
    gaps = [*lost_holes, *lost_sound]
    live = [word for word in truth if word.end_ms <= received_ms and _is_whole(word, gaps)]
    live += [
        part
        for word in truth
        if word.start_ms < received_ms and word not in live
        for part in _rest(word, [*gaps, Interval(received_ms, max(end_ms, received_ms) + 100)])
    ]
    live.sort(key=lambda word: word.start_ms)
    heard = [
        RecordedWord(word.text, word.start_ms - offset_ms + drift_ms, word.end_ms - offset_ms + drift_ms, 1.0)
        for word in truth
    ]
    covered = replace(examples.coverage(received_ms, holes=lost_holes), missing=lost_sound)
    stream = examples.ended_stream(covered, end=StreamEnd.STOPPED if cut_at_ms is None else StreamEnd.LOST)

    mended = _mended(stream, live, heard, offset_ms, end_ms - offset_ms)

    assert mended.text.split() == [word.text for word in truth]
    words = [word for said in mended.utterances for word in said.words]
    assert all(abs(word.start_ms - wanted.start_ms) <= drift_ms for word, wanted in zip(words, truth, strict=True))
    assert not mended.is_cut_short
    assert not any(gap.end_ms > offset_ms for gap in mended.gaps)


def _rest(word: Word, gaps: list[Interval]) -> list[Word]:
    """Return what a recogniser makes of a word that was cut: a damaged word for each part that is left."""
    parts, at = [], word.start_ms
    for gap in merged(gaps):
        if at < min(gap.start_ms, word.end_ms):
            parts.append(Word("damaged", at, min(gap.start_ms, word.end_ms), 0.0))
        at = max(at, gap.end_ms)
    return parts if at >= word.end_ms else [*parts, Word("damaged", at, word.end_ms, 0.0)]


def test_without_a_stream_all_words_are_the_recordings() -> None:
    heard = [RecordedWord(word.text, word.start_ms, word.end_ms, 1.0) for word in _stamped(0, 50)]

    mended = _mended(None, [], heard, 0, 5_100)

    assert mended.text.split() == [f"w{at}" for at in range(50)]
    assert mended.is_complete
    assert mended.is_ended
    assert mended.rung is Rung.BACKFILLED
    assert mended.coverage == (Coverage(Track.INBOUND, 5_100, transcribed=(Interval(0, 5_100),)),)


def test_silence_in_a_recording_was_got_from_it_too() -> None:
    mended = _mended(None, [], [], 0, 5_100)

    assert mended.is_complete
    assert mended.rung is Rung.BACKFILLED


def test_the_text_stays_in_order_where_a_window_lies_in_an_utterance() -> None:
    live = [*_stamped(0, 20), *_stamped(30, 50)]
    heard = [RecordedWord(word.text, word.start_ms, word.end_ms, 1.0) for word in _stamped(0, 50)]
    stream = examples.ended_stream(_covered(5_000, missing=(Interval(2_000, 3_000),)))

    mended = _mended(stream, live, heard, 0, 5_000)

    assert mended.text.split() == [f"w{at}" for at in range(50)]
    assert [each.rung for each in mended.utterances] == [Rung.LIVE, Rung.BACKFILLED, Rung.LIVE]
    assert mended.is_complete


def test_words_of_an_attempt_that_is_not_the_one_that_stands_are_not_shown() -> None:
    stream = examples.ended_stream()
    done = Repair(examples.RECORDING_SID, examples.CALL_SID, RepairState.DONE, 2, stream_sid=stream.sid)
    stale, standing = (
        replace(examples.utterance(text, 500), rung=Rung.BACKFILLED, repaired_by=f"{examples.RECORDING_SID}.{attempt}")
        for text, attempt in (("stale", 1), ("standing", 2))
    )

    shown = Transcript.assemble(examples.CALL_SID, [stream], [stale, standing], [done])
    failed = Transcript.assemble(
        examples.CALL_SID, [stream], [stale, standing], [replace(done, state=RepairState.FAILED)]
    )

    assert shown.text == "standing"
    assert failed.text == ""


def test_a_repair_without_a_stream_does_not_stand_once_a_stream_is_known() -> None:
    done = Repair(examples.RECORDING_SID, examples.CALL_SID, RepairState.DONE, 1, windows=(Interval(0, 12_000),))
    said = replace(examples.utterance("backfilled"), repaired_by=done.mark)
    live = examples.utterance("live")

    transcript = Transcript.assemble(examples.CALL_SID, [examples.ended_stream()], [said, live], [done])

    assert transcript.text == "live"
    assert transcript.repair_from(examples.RECORDING_SID) is None


def test_a_repair_of_one_track_leaves_the_other_as_it_is() -> None:
    hole = Interval(2_000, 3_000)
    inbound = _covered(6_000, hole)
    outbound = replace(inbound, track=Track.OUTBOUND)
    stream = replace(examples.ended_stream(), coverage=(inbound, outbound))
    done = Repair(
        examples.RECORDING_SID, examples.CALL_SID, RepairState.DONE, 1, stream_sid=stream.sid, windows=(hole,)
    )

    transcript = Transcript.assemble(examples.CALL_SID, [stream], [], [done])

    assert [each.holes for each in transcript.coverage] == [(), (hole,)]
