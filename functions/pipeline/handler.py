"""The pipeline as Lambda functions: on the table's stream, on the queue of calls to look at again, on a schedule."""

import sys
import time
from dataclasses import dataclass
from datetime import timedelta

import boto3

from functions.pipeline.follow import Follower
from functions.pipeline.opting_out import ConsentingTexter
from functions.pipeline.ports import PipelinePorts
from functions.pipeline.speaking import Speaker
from functions.pipeline.sweeping import Sweeper, Sweeps
from functions.pipeline.wakes import BatchResult, Mailboxes, Waker
from telephony import log
from telephony.aws.audio import S3Audio
from telephony.aws.bulletin import SnsBulletin
from telephony.aws.clients import AUDIO_CONFIG, CONFIG, ONCE_CONFIG
from telephony.aws.followups import SqsFollowUps
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.aws.stores import Stores
from telephony.clock import SystemClock
from telephony.metrics import EmbeddedMeter
from telephony.rest.calls import TwilioCalls
from telephony.rest.deepgram_batch import DeepgramBatch
from telephony.rest.deepgram_speech import DeepgramSpeech
from telephony.rest.hook_poster import HttpHookPoster
from telephony.rest.recordings import TwilioRecordings
from telephony.rest.texter import TwilioTexter
from telephony.settings import PipelineSettings, read


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What the functions do their work with."""

    waker: Waker
    sweeper: Sweeper


def build() -> Pipeline:
    """Read the settings and put the functions together. Nothing is asked of the network yet.

    Raises: ConfigurationError.
    """
    log.configure()
    settings = read(PipelineSettings)
    session = boto3.session.Session()
    stores = Stores.of(session.client("dynamodb", config=CONFIG), settings.table_name)
    secrets = SecretsManagerSecrets(
        session.client("secretsmanager", config=CONFIG),
        twilio_arn=settings.twilio_secret_arn,
        deepgram_arn=settings.deepgram_secret_arn,
    )
    clock = SystemClock()
    ports = PipelinePorts(
        directory=stores.directory,
        calls=stores.calls,
        recordings=stores.recordings,
        repairs=stores.repairs,
        transcripts=stores.transcripts,
        deliveries=stores.deliveries,
        digests=stores.digests,
        links=stores.links,
        usage=stores.usage,
        search=stores.search,
        audio=S3Audio(session.client("s3", config=AUDIO_CONFIG), settings.recordings_bucket),
        source=TwilioRecordings(secrets, settings.twilio_api_origin),
        transcriber=DeepgramBatch(secrets, settings.deepgram_api_origin),
        speech=DeepgramSpeech(secrets, settings.deepgram_api_origin),
        twilio_calls=TwilioCalls(secrets, settings.twilio_api_origin),
        texter=ConsentingTexter(TwilioTexter(secrets, settings.twilio_api_origin), stores.opt_outs, clock),
        bulletin=SnsBulletin(session.client("sns", config=ONCE_CONFIG), settings.topic_arn),
        hook_secrets=stores.hook_secrets,
        hook_poster=HttpHookPoster(may_be_local=settings.webhooks_may_be_local),
        follow_ups=SqsFollowUps(session.client("sqs", config=CONFIG), settings.followups_queue_url),
        clock=clock,
        meter=EmbeddedMeter("pipeline", sys.stdout, clock.now),
        public_origin=settings.public_origin,
        sleep=time.sleep,
    )
    follower = Follower(ports, timedelta(seconds=settings.patience_s), is_searched=settings.is_searched)
    sweeps = Sweeps(timedelta(seconds=settings.sweep_age_s), timedelta(seconds=settings.lost_stream_s))
    mailboxes = Mailboxes(prepare=Speaker(ports).prepare, queue=ports.follow_ups.prepare)
    return Pipeline(Waker(follower.follow, mailboxes=mailboxes), Sweeper(ports, follower, sweeps))


_PIPELINE = build()


def on_table_change(event: object, _context: object) -> BatchResult:
    """Follow the calls whose items changed, and have mailboxes prepared that did. *event* is of a DynamoDB stream."""
    return _PIPELINE.waker.on_table_change(event)


def on_follow_up(event: object, _context: object) -> BatchResult:
    """Follow the calls that were to be looked at again, and prepare mailboxes. *event* is of an SQS queue."""
    return _PIPELINE.waker.on_follow_up(event)


def on_schedule(_event: object, _context: object) -> None:
    """Look after calls that have been open for long. Whatever is wrong with one is logged; the next run tries again."""
    _PIPELINE.sweeper.sweep()
