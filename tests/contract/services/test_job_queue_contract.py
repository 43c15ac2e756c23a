"""What the JobQueue on SQS promises."""

from datetime import timedelta

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.aws import jobs
from telephony.aws.clients import CONFIG
from telephony.aws.jobs import SqsJobQueue
from telephony.errors import UpstreamError, WireError
from telephony.jobs import JobId

JOB_ID = JobId("0a" * 16)


def test_the_message_names_the_job(aws: boto3.Session) -> None:
    sqs = aws.client("sqs", config=CONFIG)
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    SqsJobQueue(sqs, url).wake(JOB_ID, timedelta(seconds=-1))
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert jobs.parse(message["Body"]) == JOB_ID


def test_a_job_that_is_to_wait_cannot_be_seen_yet(aws: boto3.Session) -> None:
    sqs = aws.client("sqs", config=CONFIG)
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    SqsJobQueue(sqs, url).wake(JOB_ID, timedelta(hours=3))
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_queue_that_does_not_exist_is_a_failure(aws: boto3.Session) -> None:
    queue = SqsJobQueue(aws.client("sqs", config=CONFIG), "https://sqs.us-east-1.amazonaws.com/123456789012/gone")
    with pytest.raises(UpstreamError) as failure:
        queue.wake(JOB_ID, timedelta())
    assert (failure.value.service, failure.value.retryable) == ("sqs", False)


@given(st.text() | st.sampled_from(["[" * 10_000, "{}", '{"job_id": 3}', '{"job_id": "J1"}', "[]", "null"]))
def test_nothing_but_a_wire_error_comes_of_a_message_that_is_not_ours(text: str) -> None:
    with pytest.raises(WireError):
        jobs.parse(text)
