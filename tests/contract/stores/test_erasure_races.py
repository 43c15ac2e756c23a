"""What jobs and erasures on DynamoDB come to when answers are lost, or somebody comes in between."""

from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from telephony.aws.calls import DynamoCalls
from telephony.aws.dynamodb import Table
from telephony.aws.erasure import DynamoErasure
from telephony.aws.jobs import DynamoJobs
from telephony.erasure import buried
from telephony.errors import ConflictError, HeldError
from telephony.jobs import JobState
from tests.contract.stores.backends import NOW, any_call, any_job
from tests.contract.stores.test_dynamodb_faults import Answer, Faulty, Forward, _answers_the_second_time, _table


def test_a_job_whose_takings_answer_was_lost_is_still_ours(moto_client: DynamoDBClient) -> None:
    job = any_job()
    DynamoJobs(Table(moto_client, "calls")).submit(job)
    jobs = DynamoJobs(_table(Faulty(moto_client, "put_item", _answers_the_second_time)))
    taken = jobs.take(job.id, NOW)
    assert taken.state is JobState.RUNNING
    with pytest.raises(ConflictError):
        jobs.take(job.id, NOW)


def test_a_job_that_somebody_takes_between_our_reading_and_our_taking_is_theirs(moto_client: DynamoDBClient) -> None:
    job = any_job()
    rival = DynamoJobs(Table(moto_client, "calls"))
    rival.submit(job)

    def fault(real: Forward, request: Answer) -> Answer:
        rival.take(job.id, NOW)
        return real(**request)

    with pytest.raises(ConflictError):
        DynamoJobs(_table(Faulty(moto_client, "put_item", fault))).take(job.id, NOW)


def test_a_job_that_somebody_starts_at_the_same_time_is_started_once(moto_client: DynamoDBClient) -> None:
    job = any_job(state=JobState.WAITING)
    rival = DynamoJobs(Table(moto_client, "calls"))
    rival.submit(job)

    def fault(real: Forward, request: Answer) -> Answer:
        rival.start(job.id, NOW)
        return real(**request)

    started = DynamoJobs(_table(Faulty(moto_client, "put_item", fault))).start(job.id, NOW)
    assert started.state is JobState.QUEUED


def _interrupted(client: DynamoDBClient, meanwhile: Any) -> DynamoErasure:  # noqa: ANN401 - of no arguments
    """Return what erases, with something happening just before each transaction."""

    def fault(real: Forward, request: Answer) -> Answer:
        meanwhile()
        return real(**request)

    return DynamoErasure(_table(Faulty(client, "transact_write_items", fault)))


def test_a_hold_that_comes_just_before_the_burial_keeps_the_call(moto_client: DynamoDBClient) -> None:
    call = any_call()
    DynamoCalls(Table(moto_client, "calls")).begin(call, None)
    rival = DynamoErasure(Table(moto_client, "calls"))
    erasure = _interrupted(moto_client, lambda: rival.hold(call.sid, NOW))
    with pytest.raises(HeldError):
        erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    assert DynamoCalls(Table(moto_client, "calls")).get(call.sid).held_at == NOW


def test_two_who_bury_a_call_at_once_bury_it(moto_client: DynamoDBClient) -> None:
    call = any_call()
    DynamoCalls(Table(moto_client, "calls")).begin(call, None)
    rival = DynamoErasure(Table(moto_client, "calls"))

    def meanwhile() -> None:
        rival.bury(buried(call.sid, call.mailbox_id, NOW))
        rival.remove(call.sid, is_all=True)

    _interrupted(moto_client, meanwhile).bury(buried(call.sid, call.mailbox_id, NOW))
    assert DynamoCalls(Table(moto_client, "calls")).facts(call.sid).is_erased
    assert rival.remains(call.sid) == 0


def test_a_tombstone_that_comes_just_before_ours_is_enough(moto_client: DynamoDBClient) -> None:
    call = any_call()
    DynamoCalls(Table(moto_client, "calls")).begin(call, None)
    rival = DynamoErasure(Table(moto_client, "calls"))
    _interrupted(moto_client, lambda: rival.bury(buried(call.sid, call.mailbox_id, NOW))).bury(
        buried(call.sid, call.mailbox_id, NOW)
    )
    assert DynamoCalls(Table(moto_client, "calls")).facts(call.sid).is_erased
