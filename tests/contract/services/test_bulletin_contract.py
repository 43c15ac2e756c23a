"""What the Bulletin on SNS promises."""

import json

import boto3
import pytest
from mypy_boto3_sns import SNSClient
from mypy_boto3_sqs import SQSClient

from telephony.aws.bulletin import SnsBulletin
from telephony.aws.clients import CONFIG
from telephony.errors import UpstreamError
from telephony.notifications import Email
from telephony.numbers import MailboxId

PRAXIS, SHOP = MailboxId("praxis"), MailboxId("shop")
EMAIL = Email("Voicemail from +14155550199", "Grüße, 日本 🎉\n\nListen: https://x.example/l/abc\n")


@pytest.fixture
def sns(aws: boto3.Session) -> SNSClient:
    return aws.client("sns", config=CONFIG)


@pytest.fixture
def topic_arn(sns: SNSClient) -> str:
    return sns.create_topic(Name="voicemail")["TopicArn"]


def _filters(sns: SNSClient, topic_arn: str) -> dict[str, object]:
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    attributes = [
        sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"] for each in subscriptions
    ]
    return {each["Endpoint"]: json.loads(each["FilterPolicy"]) for each in attributes}


def _queue(aws: boto3.Session, sns: SNSClient, topic_arn: str, mailbox_id: str) -> tuple[SQSClient, str]:
    sqs = aws.client("sqs", config=CONFIG)
    url = sqs.create_queue(QueueName=mailbox_id)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"mailbox": [mailbox_id]})
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": policy})
    return sqs, url


def test_a_mailboxs_subscribers_are_told_and_no_others(aws: boto3.Session, sns: SNSClient, topic_arn: str) -> None:
    sqs, praxis = _queue(aws, sns, topic_arn, PRAXIS)
    _, shop = _queue(aws, sns, topic_arn, SHOP)
    reference = SnsBulletin(sns, topic_arn).publish(PRAXIS, EMAIL)
    (message,) = sqs.receive_message(QueueUrl=praxis)["Messages"]
    envelope = json.loads(message["Body"])
    assert (envelope["MessageId"], envelope["Subject"], envelope["Message"]) == (reference, EMAIL.subject, EMAIL.body)
    assert "Messages" not in sqs.receive_message(QueueUrl=shop)


def test_an_address_that_subscribes_again_is_subscribed_once(sns: SNSClient, topic_arn: str) -> None:
    bulletin = SnsBulletin(sns, topic_arn)
    for _ in range(3):
        bulletin.subscribe(PRAXIS, "owner@example.org")
    assert _filters(sns, topic_arn) == {"owner@example.org": {"mailbox": ["praxis"]}}


def test_an_address_is_told_of_each_mailbox_it_subscribed_to(sns: SNSClient, topic_arn: str) -> None:
    bulletin = SnsBulletin(sns, topic_arn)
    bulletin.subscribe(PRAXIS, "owner@example.org")
    bulletin.subscribe(SHOP, "owner@example.org")
    bulletin.subscribe(SHOP, "clerk@example.org")
    assert _filters(sns, topic_arn) == {
        "owner@example.org": {"mailbox": ["praxis", "shop"]},
        "clerk@example.org": {"mailbox": ["shop"]},
    }


def test_a_topic_that_does_not_exist_is_a_failure(sns: SNSClient, topic_arn: str) -> None:
    with pytest.raises(UpstreamError) as failure:
        SnsBulletin(sns, topic_arn + "-gone").publish(PRAXIS, EMAIL)
    assert (failure.value.service, failure.value.retryable) == ("sns", False)
