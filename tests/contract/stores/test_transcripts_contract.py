"""What every TranscriptStore promises."""

from dataclasses import replace
from datetime import timedelta

from telephony.coverage import Coverage, Interval, Track
from telephony.streams import StreamEnd, StreamSid, StreamState
from telephony.transcripts import Rung, Transcript
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid, any_stream, any_utterance


def test_nothing_was_said_in_a_call_that_nobody_streamed(table: AnyTable) -> None:
    sid = any_call_sid()
    table.transcripts.save([], [])
    assert table.transcripts.transcript(sid) == Transcript(sid)


def test_every_word_comes_back_as_it_was_said(table: AnyTable) -> None:
    sid = any_call_sid()
    inbound = any_utterance(sid, 20, "Grüße aus İstanbul, 日本 🎉 “quoted” <b>&amp;")
    outbound = replace(any_utterance(sid, 20), track=Track.OUTBOUND, rung=Rung.BACKFILLED)
    wordless = replace(any_utterance(sid, 5_000), words=())
    table.transcripts.save([], [outbound, wordless, inbound])
    assert table.transcripts.transcript(sid) == Transcript(sid, (inbound, outbound, wordless))


def test_a_long_call_of_four_hundred_utterances_is_whole_and_in_order(table: AnyTable) -> None:
    sid = any_call_sid()
    said = [any_utterance(sid, start_ms) for start_ms in range(0, 400 * 7_001, 7_001)]
    table.transcripts.save([any_stream(sid)], said[::-1])
    assert table.transcripts.transcript(sid).utterances == tuple(said)
    assert table.calls.facts(sid).transcript.utterances == tuple(said)


def test_an_answer_of_several_pages_is_read_to_its_end(table: AnyTable) -> None:
    sid = any_call_sid()
    said = [any_utterance(sid, start_ms, "w" * 80_000) for start_ms in range(0, 300_000, 10_000)]  # 1 MB a page
    table.transcripts.save([], said)
    assert table.transcripts.transcript(sid).utterances == tuple(said)


def test_an_utterance_that_is_saved_twice_is_there_once_as_it_was_saved_last(table: AnyTable) -> None:
    sid = any_call_sid()
    first, last = any_utterance(sid, 100, "first"), any_utterance(sid, 100, "last")
    table.transcripts.save([], [first, last])
    table.transcripts.save([], [last])
    assert table.transcripts.transcript(sid).utterances == (last,)


def test_utterances_of_several_calls_go_in_one_save(table: AnyTable) -> None:
    one, other = any_call_sid(), any_call_sid()
    said = [any_utterance(sid, start_ms) for start_ms in range(0, 30_000, 1_000) for sid in (one, other)]
    table.transcripts.save([any_stream(one), any_stream(other)], said)
    for sid in (one, other):
        assert table.transcripts.transcript(sid).utterances == tuple(each for each in said if each.call_sid == sid)


def test_the_latest_state_of_an_open_stream_stands(table: AnyTable) -> None:
    sid = any_call_sid()
    stream = any_stream(sid, 1_000)
    further = replace(stream, coverage=(Coverage(Track.INBOUND, 5_000, (), (Interval(0, 4_000),)),))
    table.transcripts.save([stream], [])
    table.transcripts.save([further], [])
    assert table.transcripts.transcript(sid) == Transcript.assemble(sid, [further], [])


def test_an_ended_stream_is_never_opened_again(table: AnyTable) -> None:
    sid = any_call_sid()
    stream = any_stream(sid, 1_000)
    ended = replace(
        stream, state=StreamState.ENDED, end=StreamEnd.LOST, ended_at=NOW + timedelta(seconds=9), trouble="socket gone"
    )
    table.transcripts.save([ended, stream], [])
    table.transcripts.save([stream], [])
    assert table.transcripts.transcript(sid) == Transcript.assemble(sid, [ended], [])


def test_a_stream_that_ends_again_has_the_later_end(table: AnyTable) -> None:
    sid = any_call_sid()
    ended = replace(any_stream(sid), state=StreamState.ENDED, end=StreamEnd.LOST, ended_at=NOW)
    again = replace(ended, end=StreamEnd.STOPPED, ended_at=NOW + timedelta(seconds=1))
    table.transcripts.save([ended], [])
    table.transcripts.save([again], [])
    assert table.transcripts.transcript(sid) == Transcript.assemble(sid, [again], [])


def test_a_stream_that_nobody_ended_is_given_up_with_all_that_is_written_of_it(table: AnyTable) -> None:
    sid = any_call_sid()
    stream, at = any_stream(sid, 1_000), NOW + timedelta(seconds=9)
    table.transcripts.save([stream], [])
    table.transcripts.end_stream(sid, stream.sid, end=StreamEnd.LOST, trouble="gone", at=at)
    lost = replace(stream, state=StreamState.ENDED, end=StreamEnd.LOST, ended_at=at, trouble="gone")
    table.transcripts.save([stream], [])
    assert table.transcripts.transcript(sid) == Transcript.assemble(sid, [lost], [])
    assert table.calls.facts(sid).open_streams == ()


def test_giving_a_stream_up_does_not_undo_its_end(table: AnyTable) -> None:
    sid = any_call_sid()
    ended = replace(any_stream(sid), state=StreamState.ENDED, end=StreamEnd.STOPPED, ended_at=NOW)
    table.transcripts.save([ended], [])
    for stream_sid in (ended.sid, any_stream(sid).sid):
        table.transcripts.end_stream(sid, stream_sid, end=StreamEnd.LOST, trouble="gone", at=NOW)
    assert table.transcripts.transcript(sid) == Transcript.assemble(sid, [ended], [])


def test_two_finals_at_the_same_time_do_not_overwrite_each_other(table: AnyTable) -> None:
    sid, other = any_call_sid(), StreamSid("MZ2")
    first = replace(any_utterance(sid, 1_000, "one"), stream_sid=StreamSid("MZ1"), number=1)
    again = replace(any_utterance(sid, 1_000, "two"), stream_sid=StreamSid("MZ1"), number=2)
    elsewhere = replace(any_utterance(sid, 1_000, "three"), stream_sid=other, number=1)
    table.transcripts.save([], [first, again, elsewhere, first])
    said = table.transcripts.transcript(sid).utterances
    assert sorted(each.text for each in said) == ["one", "three", "two"]


def test_streams_of_a_call_are_told_in_the_order_they_started(table: AnyTable) -> None:
    sid = any_call_sid()
    late = replace(any_stream(sid, 2_000), started_at=NOW + timedelta(seconds=5))
    early = any_stream(sid, 1_000)
    table.transcripts.save([late, early], [])
    assert table.transcripts.transcript(sid).streams == (early, late)
