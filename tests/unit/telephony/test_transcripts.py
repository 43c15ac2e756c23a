"""A transcript is put together from what the streams of a call left behind, and says how good it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.coverage import Interval, Track
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.transcripts import Rung, Transcript
from tests import examples

ENDED = examples.ended_stream()
OPEN = replace(ENDED, sid=StreamSid("MZ" + "5" * 32), state=StreamState.OPEN, end=None, ended_at=None)


def _of(*streams: MediaStream, **kinds: Rung) -> Transcript:
    said = [examples.utterance(text, at * 1_000, rung=rung) for at, (text, rung) in enumerate(kinds.items())]
    return Transcript.assemble(examples.CALL_SID, streams, said)


def test_utterances_are_in_order_of_time_whatever_their_track() -> None:
    said = [
        examples.utterance("three", 2_000),
        examples.utterance("two", 1_000, track=Track.OUTBOUND),
        examples.utterance("one", 1_000),
    ]

    transcript = Transcript.assemble(examples.CALL_SID, [ENDED], said)

    assert transcript.text == "one two three"


def test_a_call_without_a_stream_has_no_transcript_that_could_end() -> None:
    transcript = _of()

    assert not transcript.is_ended
    assert not transcript.is_complete
    assert transcript.ended_at is None
    assert transcript.rung is Rung.PLACEHOLDER


def test_it_has_ended_when_every_stream_has() -> None:
    later = replace(ENDED, sid=OPEN.sid, ended_at=examples.ENDED_AT + timedelta(seconds=5))

    assert not _of(ENDED, OPEN).is_ended
    assert _of(ENDED, OPEN).ended_at is None
    assert _of(ENDED, later).is_ended
    assert _of(ENDED, later).ended_at == examples.ENDED_AT + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("end", "is_cut_short"), [(StreamEnd.STOPPED, False), (StreamEnd.LOST, True), (StreamEnd.REFUSED, True)]
)
def test_it_is_cut_short_when_a_stream_went_away_before_its_stop(end: StreamEnd, *, is_cut_short: bool) -> None:
    transcript = _of(replace(ENDED, end=end), hello=Rung.LIVE)

    assert transcript.is_cut_short is is_cut_short
    assert transcript.is_complete is not is_cut_short


def test_it_is_complete_when_all_sound_came_back_final() -> None:
    holed = examples.ended_stream(examples.coverage(holes=(Interval(1_000, 2_000),)))

    assert _of(ENDED, hello=Rung.LIVE).is_complete
    assert not _of(holed, hello=Rung.LIVE).is_complete
    assert not _of(OPEN, hello=Rung.LIVE).is_complete


def test_its_rung_is_the_worst_that_any_of_it_needed() -> None:
    assert _of(ENDED).rung is Rung.LIVE, "silence that was listened to needed no other"
    assert _of(ENDED, a=Rung.LIVE, b=Rung.REPLAYED).rung is Rung.REPLAYED
    assert _of(ENDED, a=Rung.BACKFILLED, b=Rung.LIVE).rung is Rung.BACKFILLED
    assert _of(examples.ended_stream(examples.coverage(holes=(Interval(0, 12_000),)))).rung is Rung.PLACEHOLDER
