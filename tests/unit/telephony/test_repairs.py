"""A repair counts its attempts, and says when the next one is due."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.coverage import Interval
from telephony.repairs import BACKOFF, LAST_REQUEST, LEASE, MAX_ATTEMPTS, Repair, RepairState, next_attempt
from tests import examples

NOW = examples.NOON
FIRST = next_attempt(examples.CALL_SID, examples.RECORDING_SID, None, NOW)


def test_the_first_attempt_holds_a_lease() -> None:
    assert (FIRST.state, FIRST.attempts, FIRST.retry_at) == (RepairState.TRYING, 1, NOW + LEASE)


def test_each_attempt_has_a_mark_of_its_own() -> None:
    second = next_attempt(examples.CALL_SID, examples.RECORDING_SID, FIRST, NOW)

    assert second.attempts == 2
    assert second.mark != FIRST.mark


@pytest.mark.parametrize(("attempt", "wait"), list(enumerate(BACKOFF, start=1)))
def test_a_passing_failure_is_tried_again_ever_later(attempt: int, wait: timedelta) -> None:
    failed = replace(FIRST, attempts=attempt).failed("deepgram 503", NOW, is_passing=True)

    assert (failed.state, failed.retry_at, failed.trouble) == (RepairState.WAITING, NOW + wait, "deepgram 503")
    assert not failed.is_over(NOW + timedelta(days=1))


@pytest.mark.parametrize(("attempt", "is_passing"), [(MAX_ATTEMPTS, True), (1, False)])
def test_a_failure_for_good_or_the_last_one_ends_it(attempt: int, *, is_passing: bool) -> None:
    failed = replace(FIRST, attempts=attempt).failed("deepgram 503", NOW, is_passing=is_passing)

    assert (failed.state, failed.retry_at) == (RepairState.FAILED, None)
    assert failed.is_over(NOW)


def test_a_last_attempt_that_died_ends_it_with_its_lease() -> None:
    last = replace(FIRST, attempts=MAX_ATTEMPTS)

    assert not last.is_over(NOW + LEASE - timedelta(microseconds=1))
    assert last.is_over(NOW + LEASE)
    assert not FIRST.is_over(NOW + LEASE)


@pytest.mark.parametrize(
    ("offset_ms", "span"), [(None, None), (2_000, Interval(2_000, 11_000)), (-500, Interval(0, 8_500)), (-9_001, None)]
)
def test_what_of_call_time_a_recording_spans(offset_ms: int | None, span: Interval | None) -> None:
    repair = Repair(
        examples.RECORDING_SID, examples.CALL_SID, RepairState.DONE, 1, offset_ms=offset_ms, recording_ms=9_000
    )

    assert repair.span == span


def test_an_attempts_time_counts_from_when_it_begins_and_leaves_room_for_its_last_request() -> None:
    later = NOW + timedelta(seconds=90)
    attempt = FIRST.begun(later)
    assert attempt.retry_at == later + LEASE
    assert attempt.may_ask(later + LEASE - LAST_REQUEST)
    assert not attempt.may_ask(later + LEASE - LAST_REQUEST + timedelta(microseconds=1))
    assert not replace(attempt, retry_at=None).may_ask(later)
