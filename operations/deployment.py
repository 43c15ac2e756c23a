"""Deployment: what the commands need to know of the running product, from the stack's outputs."""

from dataclasses import dataclass
from typing import Final

from operations.choices import Choices, parse_numbers
from operations.stack import Cloud, Resource, Stack
from telephony.numbers import E164
from telephony.wire.webhooks import WebhookPath

NUMBERS_OUTPUT: Final = "Numbers"
"""The stack's output that lists the numbers it pointed at us."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The running product.

    Attributes:
        media_url: where Twilio opens media streams; None without a streamer.
        numbers: those that are to point at us.
        takes_sms: whether SMS to them come to us also where somebody gets them already.
        alarm_topic_arn: what tells of alarms; blank in a stack from before it said so.
    """

    public_origin: str
    media_url: str | None
    table_name: str
    topic_arn: str
    twilio_secret_arn: str
    deepgram_secret_arn: str
    numbers: tuple[E164, ...]
    alarm_topic_arn: str = ""
    takes_sms: bool = False


def deployment(cloud: Cloud, choices: Choices) -> Deployment:
    """Return what is deployed. Raises: OperationError, also when nothing is."""
    stack = cloud.deployed()
    origin = stack.output("VoiceUrl").removesuffix(WebhookPath.VOICE)
    return Deployment(
        public_origin=origin,
        media_url=_media_url(origin, cloud.resources(stack)),
        table_name=stack.output("TableName"),
        topic_arn=stack.output("TopicArn"),
        twilio_secret_arn=stack.output("TwilioSecret"),
        deepgram_secret_arn=stack.output("DeepgramSecret"),
        numbers=pointed_numbers(stack) or choices.numbers(),
        alarm_topic_arn=stack.outputs.get("AlarmTopicArn", ""),
        takes_sms=choices.takes_sms(),
    )


def pointed_numbers(stack: Stack) -> tuple[E164, ...]:
    """Return the numbers that the stack pointed at us. Raises: OperationError."""
    return parse_numbers(stack.outputs.get(NUMBERS_OUTPUT, ""))


def _media_url(origin: str, resources: list[Resource]) -> str | None:
    has_streamer = any(each.kind == "AWS::ECS::Service" for each in resources)
    return f"{origin.replace('http', 'ws', 1)}/media" if has_streamer else None
