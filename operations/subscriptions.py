"""Subscriptions: who is told by e-mail, and who has yet to agree to it."""

from operations.stack import Cloud, plainly


def subscriptions(cloud: Cloud, topic_arn: str) -> dict[str, bool]:
    """Return each address that is told of messages, with whether its owner has confirmed. Raises: OperationError."""
    found: dict[str, bool] = {}
    with plainly("SNS"):
        pages = cloud.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        for page in pages:
            for each in page["Subscriptions"]:
                if each["Protocol"] == "email":
                    address = each["Endpoint"]
                    found[address] = found.get(address, False) or each["SubscriptionArn"].startswith("arn:")
    return found
