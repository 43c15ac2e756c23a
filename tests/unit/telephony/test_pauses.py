"""What lies in a pause is nowhere in the transcript, and is no hole."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from telephony.coverage import Coverage, Interval, Track
from telephony.pauses import LONGEST_MS, Pause, Paused, open_pause
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.subtitles import plain, srt, webvtt
from telephony.transcripts import Transcript
from tests import examples

AT = examples.NOON
SECOND = timedelta(seconds=1)
FIRST, NEXT = StreamSid("MZ" + "1" * 32), StreamSid("MZ" + "2" * 32)


def _stream(sid: StreamSid, start_s: float, length_s: float, *, is_open: bool = False) -> MediaStream:
    length_ms = int(length_s * 1_000)
    return MediaStream(
        sid=sid,
        call_sid=examples.CALL_SID,
        started_at=AT + start_s * SECOND,
        coverage=(Coverage(Track.INBOUND, length_ms, transcribed=(Interval(0, length_ms),)),),
        state=StreamState.OPEN if is_open else StreamState.ENDED,
        end=None if is_open else StreamEnd.STOPPED,
        ended_at=None if is_open else AT + (start_s + length_s) * SECOND,
    )


def _pause(start_s: float, end_s: float | None, number: int = 1) -> Pause:
    ended_at = None if end_s is None else AT + end_s * SECOND
    return Pause(examples.CALL_SID, number, AT + start_s * SECOND, "ada", ended_at, is_recording_paused=True)


STREAMS = (_stream(FIRST, 0, 10.3), _stream(NEXT, 20.4, 9.6))
PAUSE = _pause(10, 20)
SAID = (
    replace(examples.utterance("before", 9_000), stream_sid=FIRST, number=1),
    replace(examples.utterance("four one one", 9_900), stream_sid=FIRST, number=2),
    replace(examples.utterance("after", 1_000), stream_sid=NEXT, number=1),
)


def _assembled(*pauses: Pause, streams: tuple[MediaStream, ...] = STREAMS, is_over: bool = False) -> Transcript:
    over_at = AT + 30 * SECOND if is_over else None
    said = [each for each in SAID if any(each.stream_sid == stream.sid for stream in streams)]
    return Transcript.assemble(examples.CALL_SID, streams, said, pauses=pauses, over_at=over_at)


def test_words_in_a_pause_are_left_out_and_the_rest_stands() -> None:
    transcript = _assembled(PAUSE)
    assert transcript.text == "before after"
    assert transcript.paused == (Paused(Interval(10_000, 20_400), is_over=True),)


def test_a_pause_is_no_hole_and_not_counted_as_text() -> None:
    transcript = _assembled(PAUSE)
    (coverage,) = transcript.coverage
    assert coverage.received_ms == 30_000
    assert coverage.transcribed_ms == 30_000 - 10_400
    assert coverage.paused == (Interval(10_000, 20_400),)
    assert coverage.holes == coverage.missing == ()
    assert transcript.gaps == ()
    assert transcript.is_complete


def test_without_the_pause_the_same_call_has_a_hole() -> None:
    assert not _assembled().is_complete


def test_what_comes_long_after_a_pause_is_missing() -> None:
    transcript = _assembled(PAUSE, streams=(STREAMS[0], _stream(NEXT, 27, 3)))
    assert transcript.paused[0].window == Interval(10_000, 20_000)
    assert transcript.gaps == (Interval(20_000, 27_000),)


def test_a_paused_call_has_not_ended_though_its_stream_has() -> None:
    transcript = _assembled(_pause(10, None), streams=STREAMS[:1])
    assert not transcript.is_ended
    assert transcript.ended_at is None
    assert transcript.paused == (Paused(Interval(10_000, 10_000 + LONGEST_MS), is_over=False),)


def test_a_call_goes_on_until_the_next_stream_is_there() -> None:
    assert not _assembled(PAUSE, streams=STREAMS[:1]).is_ended
    assert not _assembled(PAUSE, streams=(STREAMS[0], _stream(NEXT, 20.4, 1, is_open=True))).is_ended
    assert _assembled(PAUSE).is_ended


def test_a_call_that_ended_in_a_pause_has_ended() -> None:
    transcript = _assembled(_pause(10, None), streams=STREAMS[:1], is_over=True)
    assert transcript.is_complete
    assert transcript.paused == (Paused(Interval(10_000, 30_000), is_over=True),)
    assert transcript.text == "before"


def test_without_a_stream_a_pause_has_no_place() -> None:
    transcript = _assembled(PAUSE, streams=())
    assert transcript.paused == ()
    assert transcript.pauses == (PAUSE,)
    assert transcript.paused_of(None) == ()


def test_a_pause_before_the_first_stream_takes_none_of_it() -> None:
    transcript = _assembled(_pause(-20, -10), streams=STREAMS[1:])
    assert transcript.paused[0].window.length_ms == 0
    assert transcript.is_complete


def test_a_pause_lies_in_each_streams_own_time() -> None:
    transcript = _assembled(_pause(10, 21))
    assert transcript.paused_of(STREAMS[0]) == (Interval(10_000, 21_000),)
    assert transcript.paused_of(STREAMS[1]) == (Interval(0, 600),)
    assert _assembled(_pause(1, 2)).paused_of(STREAMS[1]) == ()


def test_the_pause_that_goes_on_is_found() -> None:
    assert open_pause((PAUSE, _pause(22, None, 2))) == _pause(22, None, 2)
    assert open_pause((PAUSE,)) is None


def test_texts_say_where_it_was_paused() -> None:
    transcript = _assembled(PAUSE)
    assert plain(transcript) == (
        "[00:00:09.000] Caller: before\n[00:00:10.000] (paused by request)\n[00:00:21.400] Caller: after\n"
    )
    assert "2\n00:00:10,000 --> 00:00:20,400\n(paused by request)\n" in srt(transcript)
    assert "00:00:10.000 --> 00:00:20.400\n(paused by request)\n" in webvtt(transcript)


def test_a_pause_that_goes_on_is_a_moment_in_subtitles() -> None:
    transcript = _assembled(_pause(10, None), streams=STREAMS[:1])
    assert "00:00:10.000 --> 00:00:10.001\n(paused by request)" in webvtt(transcript)


@given(st.lists(st.tuples(st.integers(0, 29_000), st.integers(0, 5_000)), max_size=5))
def test_no_word_that_is_left_lies_in_any_pause(spans: list[tuple[int, int]]) -> None:
    pauses = [
        _pause(start_ms / 1_000, (start_ms + length_ms) / 1_000, number)
        for number, (start_ms, length_ms) in enumerate(spans, start=1)
    ]
    transcript = _assembled(*pauses)
    for said in transcript.utterances:
        for word in said.words:
            at_ms = (word.start_ms + word.end_ms) // 2
            assert not any(each.window.start_ms <= at_ms < each.window.end_ms for each in transcript.paused)
    for coverage in transcript.coverage:
        assert 0 <= coverage.transcribed_ms <= coverage.received_ms
