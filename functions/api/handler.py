"""The api as a Lambda function behind an HTTP API."""

import secrets
from typing import Final

import boto3
from mangum import Mangum

from functions.api.app import create_app, gateway
from functions.api.auth import JwksKeys, TokenVerifier
from functions.api.ports import ApiPorts
from telephony import log
from telephony.aws.audio import S3Audio
from telephony.aws.clients import AUDIO_CONFIG, CONFIG
from telephony.aws.jobs import SqsJobQueue
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.aws.stores import Stores
from telephony.aws.subscribers import SnsSubscribers
from telephony.clock import SystemClock
from telephony.rest.call_control import TwilioCallControl
from telephony.settings import ApiSettings, read
from telephony.wire.control import Places

_ID_BYTES: Final = 24


def build() -> Mangum:
    """Read the settings and put the function together. Nothing is asked of the network yet.

    Raises: ConfigurationError.
    """
    log.configure()
    settings = read(ApiSettings)
    session = boto3.session.Session()
    stores = Stores.of(session.client("dynamodb", config=CONFIG), settings.table_name)
    audio = S3Audio(session.client("s3", config=AUDIO_CONFIG), settings.recordings_bucket)
    ports = ApiPorts(
        directory=stores.directory,
        calls=stores.calls,
        tickets=stores.tickets,
        links=stores.links,
        usage=stores.usage,
        deliveries=stores.deliveries,
        idempotency=stores.idempotency,
        subscribers=SnsSubscribers(session.client("sns", config=CONFIG), settings.topic_arn),
        opt_outs=stores.opt_outs,
        search=stores.search,
        audio=audio,
        uploads=audio,
        erasure=stores.erasure,
        jobs=stores.jobs,
        queue=SqsJobQueue(session.client("sqs", config=CONFIG), settings.jobs_queue_url),
        pauses=stores.pauses,
        outgoing=stores.outgoing,
        hook_secrets=stores.hook_secrets,
        control=TwilioCallControl(
            SecretsManagerSecrets(
                session.client("secretsmanager", config=CONFIG), twilio_arn=settings.twilio_secret_arn
            ),
            settings.twilio_api_origin,
            Places(settings.public_origin, settings.media_url),
        ),
        tokens=TokenVerifier(JwksKeys(settings.jwks_url), settings.jwt_issuer, settings.jwt_audience),
        clock=SystemClock(),
        captions_url=settings.captions_url,
        has_streamer=settings.has_streamer,
        new_id=lambda: secrets.token_urlsafe(_ID_BYTES),
    )
    return gateway(create_app(ports))


handler = build()
