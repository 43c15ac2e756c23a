"""Subscribers on SNS, with the rights to list and to subscribe alone.

To have an address that has agreed told of a second mailbox takes a change of its subscription, and that right SNS gives
for every subscription of the account or for none. Source: Service Authorization Reference, "Amazon SNS".
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from telephony.aws.bulletin import FILTER, filter_policy
from telephony.aws.clients import translated
from telephony.numbers import MailboxId
from telephony.subscriptions import SubscriptionState

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_sns import SNSClient

MOST_SUBSCRIPTIONS: Final = 5_000
"""How many of the topic's subscriptions are looked through, a hundred a request."""


class SnsSubscribers:
    """The addresses of one topic; see `telephony.ports.Subscribers`."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def states(self, addresses: Sequence[str]) -> Mapping[str, SubscriptionState]:
        """Return how far each of *addresses* is."""
        states = dict.fromkeys(addresses, SubscriptionState.ABSENT)
        if not states:
            return states
        pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(
            TopicArn=self._topic_arn, PaginationConfig={"MaxItems": MOST_SUBSCRIPTIONS}
        )
        with translated("sns"):
            for each in (subscription for page in pages for subscription in page["Subscriptions"]):
                if each["Protocol"] == "email" and each["Endpoint"] in states:
                    is_confirmed = each["SubscriptionArn"].startswith("arn:")  # else "PendingConfirmation"
                    states[each["Endpoint"]] = (
                        SubscriptionState.CONFIRMED if is_confirmed else SubscriptionState.PENDING
                    )
        return states

    def invite(self, mailbox_id: MailboxId, address: str) -> None:
        """Subscribe *address* to the mailbox's messages; SNS asks its owner. Raises: UpstreamError."""
        with translated("sns"):
            self._client.subscribe(
                TopicArn=self._topic_arn,
                Protocol="email",
                Endpoint=address,
                Attributes={FILTER: filter_policy([mailbox_id])},
            )
