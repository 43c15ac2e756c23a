"""Which e-mails SNS would have sent."""

import boto3

from local.aws.mailroom import Mail, read_mail
from telephony.aws.bulletin import SnsBulletin
from telephony.aws.clients import CONFIG
from telephony.notifications import Email
from telephony.numbers import MailboxId

PRAXIS, SHOP = MailboxId("praxis"), MailboxId("shop")


def test_each_address_gets_the_mail_of_its_mailboxes_and_no_other(session: boto3.Session, endpoint: str) -> None:
    sns = session.client("sns", endpoint_url=endpoint, config=CONFIG)
    topic_arn = sns.create_topic(Name="mailroom")["TopicArn"]
    bulletin = SnsBulletin(sns, topic_arn)
    bulletin.subscribe(PRAXIS, "doctor@example.org")
    bulletin.subscribe(SHOP, "clerk@example.org")
    bulletin.subscribe(SHOP, "doctor@example.org")
    assert read_mail(endpoint, topic_arn) == []
    bulletin.publish(PRAXIS, Email("Voicemail", "Grüße 日本\n"))
    assert read_mail(endpoint, topic_arn) == [Mail("doctor@example.org", "Voicemail", "Grüße 日本\n")]
    bulletin.publish(SHOP, Email("Missed call", "Nothing.\n"))
    latest = read_mail(endpoint, topic_arn)[1:]
    assert {mail.address for mail in latest} == {"doctor@example.org", "clerk@example.org"}
    assert {mail.subject for mail in latest} == {"Missed call"}
