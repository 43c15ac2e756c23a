"""What every Bulletin promises, and the one on SNS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import boto3
import pytest
from mypy_boto3_sns import SNSClient
from mypy_boto3_sqs import SQSClient

from telephony.aws.bulletin import SnsBulletin
from telephony.aws.clients import CONFIG, ONCE_CONFIG
from telephony.errors import UpstreamError
from telephony.notifications import Email
from telephony.numbers import MailboxId
from telephony.ports.services import Bulletin
from tests.contract.rest import server as servers
from tests.contract.rest.server import Reply, Server
from tests.fakes.sending import MemoryBulletin

PRAXIS, SHOP = MailboxId("praxis"), MailboxId("shop")
EMAIL = Email("Voicemail from +14155550199", "Grüße, 日本 🎉\n\nListen: https://x.example/l/abc\n")


@pytest.fixture
def sns(aws: boto3.Session) -> SNSClient:
    return aws.client("sns", config=ONCE_CONFIG)


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


@dataclass(frozen=True, slots=True)
class Side:
    """A Bulletin, and what tells of which mailboxes each address is told."""

    bulletin: Bulletin
    told_of: Callable[[], dict[str, object]]


@pytest.fixture(params=["memory", "sns"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "memory":
        memory = MemoryBulletin()

        def told_of() -> dict[str, object]:
            addresses = {address for _, address in memory.subscribed}
            return {
                each: {"mailbox": [mailbox for mailbox, address in memory.subscribed if address == each]}
                for each in addresses
            }

        return Side(memory, told_of)
    sns, topic_arn = request.getfixturevalue("sns"), request.getfixturevalue("topic_arn")
    return Side(SnsBulletin(sns, topic_arn), lambda: _filters(sns, topic_arn))


def test_an_address_that_subscribes_again_is_subscribed_once(side: Side) -> None:
    for _ in range(3):
        side.bulletin.subscribe(PRAXIS, "owner@example.org")
    assert side.told_of() == {"owner@example.org": {"mailbox": ["praxis"]}}


def test_an_address_is_told_of_each_mailbox_it_subscribed_to(side: Side) -> None:
    side.bulletin.subscribe(PRAXIS, "owner@example.org")
    side.bulletin.subscribe(SHOP, "owner@example.org")
    side.bulletin.subscribe(SHOP, "clerk@example.org")
    assert side.told_of() == {
        "owner@example.org": {"mailbox": ["praxis", "shop"]},
        "clerk@example.org": {"mailbox": ["shop"]},
    }


def test_each_email_has_a_reference_of_its_own(side: Side) -> None:
    references = {side.bulletin.publish(PRAXIS, EMAIL) for _ in range(3)}
    assert len(references) == 3
    assert all(references)


def test_a_topic_that_does_not_exist_is_a_failure(sns: SNSClient, topic_arn: str) -> None:
    with pytest.raises(UpstreamError) as failure:
        SnsBulletin(sns, topic_arn + "-gone").publish(PRAXIS, EMAIL)
    assert (failure.value.service, failure.value.retryable) == ("sns", False)


TOPIC = "arn:aws:sns:us-east-1:123456789012:voicemail"
PUBLISHED = Reply(200, b"<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>")


def _refusal(status: int, code: str) -> Reply:
    return Reply(status, f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with servers.running() as server:
        yield server


def _bulletin(origin: str) -> SnsBulletin:
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    return SnsBulletin(session.client("sns", endpoint_url=origin, config=ONCE_CONFIG), TOPIC)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(is_lost=True), "ConnectionClosedError"),
        (_refusal(500, "InternalError"), "InternalError"),
        (_refusal(503, "ServiceUnavailable"), "ServiceUnavailable"),
    ],
)
def test_an_email_of_which_it_is_not_known_whether_it_was_taken_is_asked_for_once(
    server: Server, reply: Reply, code: str
) -> None:
    server.replies["/"] = [reply]
    with pytest.raises(UpstreamError) as failure:
        _bulletin(server.origin).publish(PRAXIS, EMAIL)
    assert (failure.value.code, failure.value.retryable, failure.value.is_uncertain) == (code, False, True)
    assert len(server.asked) == 1


def test_an_email_that_was_refused_for_now_or_never_left_may_be_sent_again_at_once(server: Server) -> None:
    server.replies["/"] = [_refusal(400, "Throttled")]
    for origin in (server.origin, "http://127.0.0.1:9"):
        with pytest.raises(UpstreamError) as failure:
            _bulletin(origin).publish(PRAXIS, EMAIL)
        assert (failure.value.retryable, failure.value.is_uncertain) == (True, False)
    assert len(server.asked) == 1


def test_rights_that_are_refused_are_the_owners_to_mend(server: Server) -> None:
    server.replies["/"] = [_refusal(403, "AuthorizationError")]
    with pytest.raises(UpstreamError) as failure:
        _bulletin(server.origin).publish(PRAXIS, EMAIL)
    assert (failure.value.retryable, failure.value.is_uncertain, failure.value.is_denied) == (False, False, True)


def test_every_email_goes_its_own_way(server: Server) -> None:
    server.replies["/"] = [PUBLISHED]
    bulletin = _bulletin(server.origin)
    assert [bulletin.publish(PRAXIS, EMAIL) for _ in range(2)] == ["m-1", "m-1"]
    assert len({asked.port for asked in server.asked}) == 2
