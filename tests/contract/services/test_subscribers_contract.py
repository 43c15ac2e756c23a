"""What every Subscribers promises; what SNS itself promises of addresses that have not agreed, moto does not have."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from mypy_boto3_sns import SNSClient

from telephony.aws.clients import CONFIG
from telephony.aws.subscribers import SnsSubscribers
from telephony.errors import UpstreamError
from telephony.numbers import MailboxId
from telephony.ports.subscribers import Subscribers
from telephony.subscriptions import SubscriptionState
from tests.fakes.subscribers import MemorySubscribers

PRAXIS = MailboxId("praxis")
ARN = "arn:aws:sns:us-east-1:123456789012:voicemail"


@pytest.fixture
def sns(aws: boto3.Session) -> SNSClient:
    return aws.client("sns", config=CONFIG)


@pytest.fixture(params=["memory", "sns"])
def subscribers(request: pytest.FixtureRequest, sns: SNSClient) -> Subscribers:
    if request.param == "memory":
        return MemorySubscribers()
    return SnsSubscribers(sns, sns.create_topic(Name="voicemail")["TopicArn"])


def test_an_address_that_was_not_invited_is_absent(subscribers: Subscribers) -> None:
    subscribers.invite(PRAXIS, "grün@example.org")
    states = subscribers.states(["grün@example.org", "clerk@example.org"])
    assert states["grün@example.org"] is not SubscriptionState.ABSENT
    assert states["clerk@example.org"] is SubscriptionState.ABSENT
    assert subscribers.states([]) == {}


def test_an_address_can_be_invited_again(subscribers: Subscribers) -> None:
    for _ in range(3):
        subscribers.invite(PRAXIS, "owner@example.org")
    assert set(subscribers.states(["owner@example.org"])) == {"owner@example.org"}


def test_an_invited_address_is_told_of_this_mailbox_and_no_other(sns: SNSClient) -> None:
    topic_arn = sns.create_topic(Name="voicemail")["TopicArn"]
    SnsSubscribers(sns, topic_arn).invite(PRAXIS, "owner@example.org")
    (one,) = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"]
    assert json.loads(attributes["FilterPolicy"]) == {"mailbox": ["praxis"]}


def _listed(protocol: str, endpoint: str, arn: str) -> dict[str, Any]:
    return {"Protocol": protocol, "Endpoint": endpoint, "SubscriptionArn": arn, "Owner": "1", "TopicArn": ARN}


def test_sns_says_who_has_agreed_and_who_has_yet_to() -> None:
    client = boto3.client("sns", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    listed = [
        _listed("email", "a@example.org", f"{ARN}:1"),
        _listed("sqs", "b@example.org", f"{ARN}:2"),
        _listed("email", "stranger@example.org", f"{ARN}:3"),
    ]
    with Stubber(client) as sns:
        sns.add_response(
            "list_subscriptions_by_topic", {"Subscriptions": listed, "NextToken": "more"}, {"TopicArn": ARN}
        )
        sns.add_response(
            "list_subscriptions_by_topic",
            {"Subscriptions": [_listed("email", "c@example.org", "PendingConfirmation")]},
            {"TopicArn": ARN, "NextToken": "more"},
        )
        states = SnsSubscribers(client, ARN).states(["a@example.org", "b@example.org", "c@example.org"])
    client.close()
    assert states == {
        "a@example.org": SubscriptionState.CONFIRMED,
        "b@example.org": SubscriptionState.ABSENT,
        "c@example.org": SubscriptionState.PENDING,
    }


def test_a_topic_that_does_not_exist_is_a_failure(sns: SNSClient) -> None:
    subscribers = SnsSubscribers(sns, ARN + "-gone")
    with pytest.raises(UpstreamError):
        subscribers.states(["a@example.org"])
    with pytest.raises(UpstreamError):
        subscribers.invite(PRAXIS, "a@example.org")
