"""Where an export's files lie."""

from telephony import exports
from tests.contract.stores.backends import any_job


def test_each_part_has_two_files_below_the_jobs_own_place() -> None:
    job = any_job("praxis", checkpoint={"parts": "2"})
    assert exports.files(job) == ("calls-0001.jsonl", "audio-0001.jsonl", "calls-0002.jsonl", "audio-0002.jsonl")
    assert exports.prefix(job) == f"exports/praxis/{job.id}/"
    assert exports.files(any_job()) == ()
