"""The custom resource as a Lambda function: whatever happens, CloudFormation is answered."""

from typing import Any

import boto3
import msgspec

from functions.provision.answer import Answer, deliver
from functions.provision.event import Envelope, RequestType, Wanted, parse_envelope
from functions.provision.resource import Connect, RemainingMs, fulfil
from telephony import log
from telephony.aws.clients import CONFIG
from telephony.aws.dynamodb import Table
from telephony.aws.number_memory import DynamoNumberMemory
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.pointing import Pointer
from telephony.rest.numbers import TwilioNumbers
from telephony.settings import Origin, read


class ProvisionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the function finds in its environment; all else comes with each request."""

    twilio_api_origin: Origin = Origin("https://api.twilio.com")


def connect(wanted: Wanted) -> Pointer:
    """Return what points the numbers that are wanted. Nothing is asked of the network yet."""
    session = boto3.session.Session()
    secrets = SecretsManagerSecrets(
        session.client("secretsmanager", config=CONFIG), twilio_arn=wanted.twilio_secret_arn
    )
    table = Table(session.client("dynamodb", config=CONFIG), wanted.table_name)
    return Pointer(
        numbers=TwilioNumbers(secrets, read(ProvisionSettings).twilio_api_origin),
        memory=DynamoNumberMemory(table),
        public_origin=wanted.public_origin,
        takes_sms=wanted.takes_sms,
    )


def serve(event: object, connect: Connect, remaining_ms: RemainingMs) -> None:
    """Do what CloudFormation asks, and tell it how that went.

    Raises: WireError if it was not CloudFormation that asked; UpstreamError if it could not be told.
    """
    envelope = parse_envelope(event)
    deliver(envelope, _attempt(event, envelope, connect, remaining_ms))


def _attempt(event: object, envelope: Envelope, connect: Connect, remaining_ms: RemainingMs) -> Answer:
    try:
        return fulfil(event, envelope, connect, remaining_ms)
    except Exception as exc:  # noqa: BLE001 - the outermost edge: without an answer the stack waits for an hour
        log.logger().error("provision-failed", exc_info=exc)
        if envelope.kind is RequestType.DELETE:
            return Answer()
        return Answer(f"{type(exc).__name__}, which should not happen: the function's log has more")


def on_event(event: object, context: Any) -> None:  # noqa: ANN401 - Lambda's context has no type of its own
    """Answer one request of CloudFormation's."""
    log.configure()
    serve(event, connect, context.get_remaining_time_in_millis)
