"""The webhooks as a Lambda function behind an HTTP API."""

import secrets
import sys
from typing import Final

import boto3
from botocore.config import Config
from mangum import Mangum

from functions.webhooks.app import create_app
from functions.webhooks.ports import WebhookPorts
from telephony import log
from telephony.aws.audio import S3Audio
from telephony.aws.calls import DynamoCalls
from telephony.aws.clients import AUDIO_CONFIG, CONFIG, UNCHECKED
from telephony.aws.consents import DynamoConsents
from telephony.aws.directory import DynamoDirectory
from telephony.aws.dynamodb import Table
from telephony.aws.opt_outs import DynamoOptOuts
from telephony.aws.recordings import DynamoRecordings
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.clock import SystemClock
from telephony.metrics import EmbeddedMeter
from telephony.settings import WebhookSettings, read

# A caller listens to silence meanwhile: a table that is out of reach must be given up in seconds, so that the message
# is taken without it well before Twilio gives up on us. A read and a write take some 10 ms.
_HASTE: Final = CONFIG.merge(UNCHECKED).merge(
    Config(read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"})
)

_HASTE_WITH_SOUND: Final = AUDIO_CONFIG.merge(_HASTE)

_ID_BYTES: Final = 24


def build() -> Mangum:
    """Read the settings and put the function together. Nothing is asked of the network yet.

    Raises: ConfigurationError.
    """
    log.configure()
    settings = read(WebhookSettings)
    session = boto3.session.Session()
    # Not all the stores there are: what is imported here, the first caller waits for.
    table = Table(session.client("dynamodb", config=_HASTE), settings.table_name)
    clock = SystemClock()
    ports = WebhookPorts(
        directory=DynamoDirectory(table),
        calls=DynamoCalls(table),
        recordings=DynamoRecordings(table),
        opt_outs=DynamoOptOuts(table),
        consents=DynamoConsents(table),
        open_audio=lambda: S3Audio(session.client("s3", config=_HASTE_WITH_SOUND), settings.recordings_bucket),
        secrets=SecretsManagerSecrets(
            session.client("secretsmanager", config=_HASTE), twilio_arn=settings.twilio_secret_arn
        ),
        meter=EmbeddedMeter("webhooks", sys.stdout, clock.now),
        clock=clock,
        new_id=lambda: secrets.token_urlsafe(_ID_BYTES),
    )
    app = create_app(settings, ports)
    # No stage in the path: the API has only its default stage. TwiML is text, so that it is not base64-encoded.
    return Mangum(app, lifespan="off", api_gateway_base_path="/", text_mime_types=["text/"])


handler = build()
