"""What an export is asked for, and where its files lie."""

from datetime import timedelta

import pytest

from telephony import exports
from telephony.errors import WireError
from tests.contract.stores.backends import NOW, any_job


def test_a_span_is_what_was_asked_for() -> None:
    job = any_job(request={"since": NOW.isoformat(), "until": (NOW + timedelta(days=1)).isoformat()})
    assert exports.span_of(job) == exports.Span(NOW, NOW + timedelta(days=1))


@pytest.mark.parametrize("request_", [{}, {"since": "x", "until": "y"}, {"since": NOW.isoformat()}])
def test_what_is_no_export_has_no_span(request_: dict[str, str]) -> None:
    with pytest.raises(WireError):
        exports.span_of(any_job(request=request_))


def test_each_part_has_two_files_below_the_jobs_own_place() -> None:
    job = any_job("praxis", checkpoint={"parts": "2"})
    assert exports.files(job) == ("calls-0001.jsonl", "audio-0001.jsonl", "calls-0002.jsonl", "audio-0002.jsonl")
    assert exports.prefix(job) == f"exports/praxis/{job.id}/"
    assert exports.files(any_job()) == ()
