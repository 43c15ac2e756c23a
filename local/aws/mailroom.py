"""The mailroom: which e-mails SNS would have sent, for moto sends none."""

import json
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moto.sns.utils import FilterPolicyMatcher

from local.aws.resources import aws_session
from telephony.aws.clients import CONFIG

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_sns import SNSClient

TIMEOUT_S: Final = 5


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to one address."""

    address: str
    subject: str
    body: str


def read_mail(endpoint: str, topic_arn: str) -> list[Mail]:
    """Return what was published so far as each of the topic's addresses would have got it, oldest first."""
    session = aws_session()
    policies = _policies(session.client("sns", endpoint_url=endpoint, config=CONFIG), topic_arn)
    return [
        Mail(address, subject or "", message)
        for _, message, subject, attributes, _ in _published(endpoint, topic_arn)
        for address, policy in policies
        if FilterPolicyMatcher(policy, None).matches(attributes, message)
    ]


def _published(endpoint: str, topic_arn: str) -> list[Any]:
    """Return (id, message, subject, attributes, group) of each message, as moto keeps them."""
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with directly.open(f"{endpoint}/moto-api/data.json", timeout=TIMEOUT_S) as answer:
        topics = json.load(answer)["sns"]["Topic"]
    return next((topic["sent_notifications"] for topic in topics if topic["arn"] == topic_arn), [])


def _policies(client: "SNSClient", topic_arn: str) -> list[tuple[str, dict[str, Any]]]:
    policies = []
    for page in client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
        for each in page["Subscriptions"]:
            if each["Protocol"] == "email":
                attributes = client.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]
                policies.append((each["Endpoint"], json.loads(attributes.get("FilterPolicy", "{}"))))
    return policies
