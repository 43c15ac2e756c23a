"""What all FollowUps promise, and those on SQS."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_sqs import SQSClient

from telephony.aws import followups
from telephony.aws.clients import CONFIG
from telephony.aws.followups import Preparation, SqsFollowUps
from telephony.calls import CallSid
from telephony.errors import UpstreamError, WireError
from telephony.numbers import MailboxId
from telephony.ports.services import FollowUps
from tests.fakes.sending import MemoryFollowUps

CALL_SID = CallSid("CA" + "0a" * 16)


class Sent:
    """A queue that remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def send_message(self, **request: Any) -> None:  # noqa: ANN401 - boto3's own request
        self.requests.append(request)


def _call_named(body: str) -> CallSid:
    named = followups.parse(body)
    assert not isinstance(named, Preparation)
    return named


class SqsSide:
    """FollowUps on SQS."""

    def __init__(self) -> None:
        self._queue = Sent()
        self.follow_ups: FollowUps = SqsFollowUps(cast("SQSClient", self._queue), "https://queue")

    def scheduled(self) -> list[tuple[CallSid, timedelta]]:
        """Return which calls are looked at, and when."""
        return [
            (_call_named(each["MessageBody"]), timedelta(seconds=each["DelaySeconds"])) for each in self._queue.requests
        ]


class MemorySide:
    """The fake."""

    def __init__(self) -> None:
        self._memory = MemoryFollowUps()
        self.follow_ups: FollowUps = self._memory

    def scheduled(self) -> list[tuple[CallSid, timedelta]]:
        """Return which calls are looked at, and when."""
        return self._memory.scheduled


@pytest.mark.parametrize("make", [MemorySide, SqsSide])
@pytest.mark.parametrize(
    ("delay", "waits"),
    [
        (timedelta(seconds=120), timedelta(seconds=120)),
        (timedelta(seconds=7, milliseconds=1), timedelta(seconds=7, milliseconds=1)),
        (timedelta(hours=3), timedelta(minutes=15)),
        (timedelta(), timedelta()),
        (timedelta(seconds=-5), timedelta()),
    ],
)
def test_a_call_is_looked_at_no_sooner_than_asked_unless_the_queue_cannot_wait(
    make: Callable[[], SqsSide | MemorySide], delay: timedelta, waits: timedelta
) -> None:
    side = make()
    side.follow_ups.schedule(CALL_SID, delay)
    ((call_sid, found),) = side.scheduled()
    assert call_sid == CALL_SID
    assert waits <= found < waits + timedelta(seconds=1)


def test_the_message_names_the_call(aws: boto3.Session) -> None:
    sqs = aws.client("sqs", config=CONFIG)
    url = sqs.create_queue(QueueName="followups")["QueueUrl"]
    SqsFollowUps(sqs, url).schedule(CALL_SID, timedelta())
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert followups.parse(message["Body"]) == CALL_SID


def test_a_message_may_name_a_mailbox(aws: boto3.Session) -> None:
    sqs = aws.client("sqs", config=CONFIG)
    url = sqs.create_queue(QueueName="followups")["QueueUrl"]
    SqsFollowUps(sqs, url).prepare(MailboxId("front-desk"))
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert followups.parse(message["Body"]) == Preparation(MailboxId("front-desk"))


def test_a_queue_that_does_not_exist_is_a_failure(aws: boto3.Session) -> None:
    follow_ups = SqsFollowUps(aws.client("sqs", config=CONFIG), "https://sqs.us-east-1.amazonaws.com/123456789012/gone")
    with pytest.raises(UpstreamError) as failure:
        follow_ups.schedule(CALL_SID, timedelta())
    assert (failure.value.service, failure.value.retryable) == ("sqs", False)


@given(
    st.text()
    | st.sampled_from(
        ["[" * 10_000, "{}", '{"call_sid": 3}', '{"call_sid": "CA1"}', "[]", "null", '{"mailbox_id": ""}']
    )
)
def test_nothing_but_a_wire_error_comes_of_a_message_that_is_not_ours(text: str) -> None:
    with pytest.raises(WireError):
        followups.parse(text)
