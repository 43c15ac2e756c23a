"""Several streams of one call, put into its time."""

from datetime import UTC, datetime, timedelta

from telephony.calls import CallSid
from telephony.coverage import Coverage, Interval, Track
from telephony.ledger import Ledger
from telephony.placing import joined, offsets_ms
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.transcripts import Transcript, Utterance, Word

CALL = CallSid("CA" + "0" * 31 + "1")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INBOUND, OUTBOUND = Track.INBOUND, Track.OUTBOUND


def heard(track: Track, received_ms: int, *missing: tuple[int, int]) -> Coverage:
    lost = tuple(Interval(*each) for each in missing)
    return Coverage(track, received_ms, lost, (Interval(0, received_ms),))


def stream(sid: str, after_ms: int, *coverage: Coverage, end: StreamEnd = StreamEnd.STOPPED) -> MediaStream:
    started_at = NOON + timedelta(milliseconds=after_ms)
    ledger = tuple(Ledger(each.track, chunks=1) for each in coverage)
    return MediaStream(StreamSid(sid), CALL, started_at, coverage, StreamState.ENDED, end, started_at, ledger=ledger)


def said(sid: str, at_ms: int, *words: str, number: int = 1) -> Utterance:
    spoken = tuple(Word(word, at_ms + 100 * at, at_ms + 100 * at + 100, 1.0) for at, word in enumerate(words))
    return Utterance(CALL, INBOUND, at_ms, spoken[-1].end_ms, spoken, stream_sid=StreamSid(sid), number=number)


def timed(transcript: Transcript) -> list[tuple[str, int]]:
    return [(word.text, word.start_ms) for each in transcript.utterances for word in each.words]


def test_streams_are_placed_from_the_start_of_the_first() -> None:
    assert offsets_ms([stream("MZ2", 5_250), stream("MZ1", 0)]) == {"MZ2": 5_250, "MZ1": 0}
    assert offsets_ms([]) == {}


def test_the_words_of_a_second_stream_follow_those_of_the_first() -> None:
    streams = [stream("MZ1", 0, heard(INBOUND, 4_000)), stream("MZ2", 5_000, heard(INBOUND, 3_000))]
    transcript = Transcript.assemble(CALL, streams, [said("MZ2", 200, "two"), said("MZ1", 200, "one")])
    assert timed(transcript) == [("one", 200), ("two", 5_200)]
    assert [each.start_ms for each in transcript.utterances] == [200, 5_200]
    assert len(transcript.ledger) == 2


def test_what_was_said_between_two_streams_is_missing_and_is_told() -> None:
    streams = [
        stream("MZ1", 0, heard(INBOUND, 4_000, (1_000, 1_400)), end=StreamEnd.LOST),
        stream("MZ2", 5_000, heard(INBOUND, 3_000, (500, 600))),
    ]
    (coverage,) = Transcript.assemble(CALL, streams, []).coverage
    assert coverage.received_ms == 8_000
    assert coverage.missing == (Interval(1_000, 1_400), Interval(4_000, 5_000), Interval(5_500, 5_600))
    assert coverage.holes == (Interval(4_000, 5_000),)
    assert not coverage.is_complete


def test_of_two_streams_at_the_same_time_no_word_is_told_twice() -> None:
    streams = [stream("MZ1", 0, heard(INBOUND, 4_000)), stream("MZ2", 2_000, heard(INBOUND, 4_000))]
    words = [said("MZ1", 3_800, "both"), said("MZ2", 1_800, "both", "new"), said("MZ2", 2_500, "later", number=2)]
    transcript = Transcript.assemble(CALL, streams, words)
    assert timed(transcript) == [("both", 3_800), ("later", 4_500)]


def test_a_word_that_only_the_second_stream_has_heard_stays() -> None:
    first = Coverage(INBOUND, 4_000, transcribed=(Interval(0, 3_000),))
    streams = [stream("MZ1", 0, first), stream("MZ2", 2_000, heard(INBOUND, 4_000))]
    transcript = Transcript.assemble(CALL, streams, [said("MZ2", 900, "old", "new")])
    assert timed(transcript) == [("new", 3_000)]
    assert transcript.coverage[0].is_complete


def test_each_track_has_one_coverage_whatever_stream_brought_it() -> None:
    parts = [(0, heard(INBOUND, 1_000)), (1_000, heard(INBOUND, 1_000)), (1_000, heard(OUTBOUND, 500))]
    assert joined(parts) == (
        Coverage(INBOUND, 2_000, transcribed=(Interval(0, 2_000),)),
        Coverage(OUTBOUND, 1_500, (Interval(0, 1_000),), (Interval(1_000, 1_500),)),
    )


def test_a_single_streams_coverage_is_the_calls() -> None:
    coverage = heard(INBOUND, 1_000, (20, 400))
    assert joined([(0, coverage)]) == (coverage,)
