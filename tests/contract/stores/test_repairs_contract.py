"""What every RepairStore promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from telephony.calls import CallSid
from telephony.coverage import Interval
from telephony.errors import ConflictError
from telephony.recordings import RecordingSid
from telephony.repairs import OffsetSource, Repair, RepairState, next_attempt
from telephony.transcripts import Rung, Utterance
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid, any_stream, any_utterance

RACERS = 8
RECORDING_SID = RecordingSid("RE" + "3" * 32)


def _attempt(call_sid: CallSid, before: Repair | None = None) -> Repair:
    return next_attempt(call_sid, RECORDING_SID, before, NOW)


def _done(attempt: Repair) -> Repair:
    return replace(
        attempt,
        state=RepairState.DONE,
        retry_at=None,
        offset_ms=0,
        offset_found_by=OffsetSource.ASSUMED,
        recording_ms=9_000,
        windows=(Interval(0, 9_000),),
    )


def _said(attempt: Repair, start_ms: int, text: str = "Grüße, 日本 🎉") -> Utterance:
    return replace(any_utterance(attempt.call_sid, start_ms, text), rung=Rung.BACKFILLED, repaired_by=attempt.mark)


def _stored(table: AnyTable, call_sid: CallSid) -> tuple[Repair, ...]:
    repairs = table.transcripts.transcript(call_sid).repairs
    assert table.calls.facts(call_sid).transcript.repairs == repairs
    return repairs


def test_an_attempt_is_begun_once_and_the_next_one_after_it(table: AnyTable) -> None:
    call_sid = any_call_sid()
    first = _attempt(call_sid)
    second = _attempt(call_sid, first)
    table.repairs.begin(first)
    with pytest.raises(ConflictError):
        table.repairs.begin(first)
    table.repairs.finish(first.failed("deepgram 503", NOW, is_passing=True), [])
    assert _stored(table, call_sid) == (first.failed("deepgram 503", NOW, is_passing=True),)
    with pytest.raises(ConflictError):
        table.repairs.begin(first)
    table.repairs.begin(second)
    assert _stored(table, call_sid) == (second,)


def test_of_eight_who_begin_an_attempt_at_once_one_does(shared_table: AnyTable) -> None:
    attempt = _attempt(any_call_sid())
    start = Barrier(RACERS)

    def is_ours() -> bool:
        start.wait(timeout=10)
        try:
            shared_table.repairs.begin(attempt)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = [racer.result(timeout=30) for racer in [pool.submit(is_ours) for _ in range(RACERS)]]
    assert outcomes.count(True) == 1


def test_a_repair_and_its_words_are_kept_however_many_they_are(table: AnyTable) -> None:
    attempt = _attempt(any_call_sid())
    said = [_said(attempt, start_ms) for start_ms in range(0, 130 * 7_001, 7_001)]
    table.repairs.begin(attempt)
    table.repairs.finish(_done(attempt), said)
    table.repairs.finish(_done(attempt), said)
    assert _stored(table, attempt.call_sid) == (_done(attempt),)
    assert table.transcripts.transcript(attempt.call_sid).utterances == tuple(said)


def test_repaired_words_overwrite_no_live_ones_that_begin_at_the_same_time(table: AnyTable) -> None:
    attempt = _attempt(any_call_sid())
    stream = any_stream(attempt.call_sid, 9_000)
    live = any_utterance(attempt.call_sid, 0, "live")
    repaired = _said(attempt, 0, "repaired")
    done = replace(_done(attempt), stream_sid=stream.sid, windows=(Interval(5_000, 9_000),))
    table.transcripts.save([stream], [live])
    table.repairs.begin(attempt)
    table.repairs.finish(done, [repaired])
    assert {said.text for said in table.transcripts.transcript(attempt.call_sid).utterances} == {"live", "repaired"}


def test_an_attempt_that_was_overtaken_cannot_be_finished_and_its_words_are_not_shown(table: AnyTable) -> None:
    first = _attempt(any_call_sid())
    second = _attempt(first.call_sid, first)
    table.repairs.begin(first)
    table.repairs.begin(second)
    with pytest.raises(ConflictError):
        table.repairs.finish(_done(first), [_said(first, 0, "overtaken")])
    table.repairs.finish(_done(second), [_said(second, 0, "standing")])
    assert table.transcripts.transcript(first.call_sid).text == "standing"
    assert _stored(table, first.call_sid) == (_done(second),)


def test_what_was_not_begun_cannot_be_finished(table: AnyTable) -> None:
    attempt = _attempt(any_call_sid())
    with pytest.raises(ConflictError):
        table.repairs.finish(_done(attempt), [])
    assert _stored(table, attempt.call_sid) == ()


def test_repairs_of_two_recordings_are_kept_apart(table: AnyTable) -> None:
    call_sid = any_call_sid()
    one = _attempt(call_sid)
    other = replace(one, recording_sid=RecordingSid("RE" + "4" * 32), retry_at=NOW + timedelta(seconds=1))
    for attempt in (one, other):
        table.repairs.begin(attempt)
    assert _stored(table, call_sid) == (one, other)
