"""How a job goes from one state to the next."""

from datetime import timedelta

import pytest

from telephony.errors import WireError
from telephony.jobs import BACKOFF, LEASE, LIFETIME, MAX_ATTEMPTS, MAX_LEFT, JobState, Span, parse_job_id, span_of
from tests.contract.stores.backends import NOW, any_job


def test_a_job_is_anybodys_while_it_is_queued_or_its_taker_has_died() -> None:
    job = any_job()
    assert job.may_be_taken(NOW)
    taken = job.taken(NOW, "me")
    assert not taken.may_be_taken(NOW + LEASE - timedelta(seconds=1))
    assert taken.may_be_taken(NOW + LEASE)
    assert not taken.finished(NOW).may_be_taken(NOW + LEASE)
    assert not taken.failed(NOW, "why").may_be_taken(NOW + LEASE)


def test_a_step_that_fails_is_tried_again_later_and_later_and_then_given_up() -> None:
    job = any_job()
    delays = []
    for _ in range(MAX_ATTEMPTS - 1):
        job = job.taken(NOW, "me").stumbled(NOW, "Twilio did not answer.")
        assert (job.state, job.trouble) == (JobState.QUEUED, "Twilio did not answer.")
        assert job.due_at is not None
        delays.append(job.due_at - NOW)
    assert tuple(delays) == BACKOFF
    job = job.taken(NOW, "me").stumbled(NOW, "Twilio did not answer.")
    assert (job.state, job.trouble, job.due_at) == (JobState.FAILED, "Twilio did not answer.", None)


def test_a_step_that_went_well_has_the_attempts_counted_anew() -> None:
    job = any_job().taken(NOW, "me").stumbled(NOW, "why").taken(NOW, "me")
    assert job.attempts == 2
    further = job.advanced(NOW, checkpoint={"after": "a"}, done=1, counts={"items": 2})
    assert (further.attempts, further.done, further.trouble) == (1, 1, "")
    assert further.postponed(NOW).attempts == 0


def test_counts_add_up_and_what_is_left_is_named_once_and_not_without_end() -> None:
    job = any_job().having({"items": 2, "links": 0}, ("one",)).having({"items": 3}, ("one", "two"))
    assert (job.counts, job.left) == ({"items": 5}, ("one", "two"))
    many = job.having({}, tuple(f"thing {number}" for number in range(100)))
    assert len(many.left) == MAX_LEFT


def test_whom_it_was_about_is_forgotten_when_a_job_is_over() -> None:
    job = any_job(request={"caller": "+14155550199", "until": "x"}).taken(NOW, "me")
    assert job.finished(NOW).request == {"until": "x"}
    assert job.failed(NOW, "why").request == {"until": "x"}


def test_a_job_can_be_looked_at_for_a_while() -> None:
    assert any_job().expires_at == NOW + LIFETIME


@pytest.mark.parametrize("text", ["", "0" * 31, "G" * 32, "0" * 33, "\u0660" * 32])
def test_what_is_no_job_id_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        parse_job_id(text)


def test_a_job_id_is_taken() -> None:
    assert parse_job_id("0a" * 16) == "0a" * 16


@pytest.mark.parametrize(
    ("state", "is_over"), [("queued", False), ("running", False), ("done", True), ("failed", True)]
)
def test_a_state_says_whether_more_will_be_done(state: str, *, is_over: bool) -> None:
    assert JobState(state).is_over is is_over


def test_a_span_is_what_was_asked_for() -> None:
    span = Span(NOW, NOW + timedelta(days=1))
    assert span_of(any_job(request=span.as_request())) == span


@pytest.mark.parametrize("request_", [{}, {"since": "x", "until": "y"}, {"since": NOW.isoformat()}])
def test_a_job_of_another_kind_has_no_span(request_: dict[str, str]) -> None:
    with pytest.raises(WireError):
        span_of(any_job(request=request_))
