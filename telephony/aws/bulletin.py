"""Bulletin on SNS: one topic, each address with a filter on the mailboxes it is told of."""

import json
from typing import TYPE_CHECKING, Final

from telephony.aws.clients import translated
from telephony.notifications import Email
from telephony.numbers import MailboxId

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_sns import SNSClient

MAILBOX_ATTRIBUTE: Final = "mailbox"
FILTER: Final = "FilterPolicy"


class SnsBulletin:
    """Tells everyone who subscribed to a mailbox; see `telephony.ports.Bulletin`. Its client is `ONCE_CONFIG`'s."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, mailbox_id: MailboxId, email: Email) -> str:
        """Publish to the mailbox's subscribers, and return SNS's message id.

        Raises: UpstreamError; it is uncertain, and not retryable, when no answer came, or a 5xx: the e-mail may be
        under way, and SNS can't be asked.
        """
        # A function may be frozen for minutes: a connection that was kept is gone by then, and what is sent on it
        # has an unknown fate. The client opens a new one.
        self._client.close()
        with translated("sns", is_repeatable=False):
            answer = self._client.publish(
                TopicArn=self._topic_arn,
                Subject=email.subject,
                Message=email.body,
                MessageAttributes={MAILBOX_ATTRIBUTE: {"DataType": "String", "StringValue": mailbox_id}},
            )
        return answer["MessageId"]

    def subscribe(self, mailbox_id: MailboxId, address: str) -> None:
        """Have *address* told of this mailbox, beside those it is told of already, once its owner has confirmed.

        SNS keeps one subscription an address, and refuses to change one that is not confirmed yet: then this raises
        UpstreamError.
        """
        with translated("sns"):
            arn = self._confirmed(address)
            if arn is not None:
                self._widen(arn, mailbox_id)
                return
            self._client.subscribe(
                TopicArn=self._topic_arn,
                Protocol="email",
                Endpoint=address,
                Attributes={FILTER: filter_policy([mailbox_id])},
            )

    def _confirmed(self, address: str) -> str | None:
        pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic_arn)
        for page in pages:
            for each in page["Subscriptions"]:
                is_it = each["Protocol"] == "email" and each["Endpoint"] == address
                if is_it and each["SubscriptionArn"].startswith("arn:"):  # else "PendingConfirmation"
                    return each["SubscriptionArn"]
        return None

    def _widen(self, arn: str, mailbox_id: MailboxId) -> None:
        attributes = self._client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        told_of = json.loads(attributes.get(FILTER, "{}")).get(MAILBOX_ATTRIBUTE, [])
        if mailbox_id not in told_of:
            self._client.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName=FILTER, AttributeValue=filter_policy([*told_of, mailbox_id])
            )


def filter_policy(mailbox_ids: list[str]) -> str:
    """Return the filter of a subscription that is told of these mailboxes."""
    return json.dumps({MAILBOX_ATTRIBUTE: mailbox_ids})
