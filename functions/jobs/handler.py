"""The jobs as Lambda functions: on the queue of jobs, and on a schedule."""

import sys
from dataclasses import dataclass
from datetime import timedelta

import boto3

from functions.jobs.erasing import Eraser
from functions.jobs.erasures import EraseCall, EraseMany
from functions.jobs.exporting import Export
from functions.jobs.importing import Import
from functions.jobs.messages import BatchResult, on_messages
from functions.jobs.ports import JobsPorts
from functions.jobs.reindexing import Reindex
from functions.jobs.rounds import Rounds
from functions.jobs.working import Work, Worker
from telephony import log
from telephony.aws.audio import S3Audio
from telephony.aws.clients import AUDIO_CONFIG, CONFIG
from telephony.aws.jobs import SqsJobQueue
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.aws.sound_eraser import S3SoundEraser
from telephony.aws.stores import Stores
from telephony.clock import SystemClock
from telephony.jobs import JobKind
from telephony.metrics import EmbeddedMeter
from telephony.rest.calls import TwilioCalls
from telephony.rest.copies import TwilioRestCopies
from telephony.settings import JobsSettings, read


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the functions do their work with."""

    worker: Worker
    rounds: Rounds


def _ports(settings: JobsSettings) -> JobsPorts:
    session = boto3.session.Session()
    stores = Stores.of(session.client("dynamodb", config=CONFIG), settings.table_name)
    secrets = SecretsManagerSecrets(
        session.client("secretsmanager", config=CONFIG), twilio_arn=settings.twilio_secret_arn
    )
    s3 = session.client("s3", config=AUDIO_CONFIG)
    clock = SystemClock()
    return JobsPorts(
        jobs=stores.jobs,
        queue=SqsJobQueue(session.client("sqs", config=CONFIG), settings.jobs_queue_url),
        directory=stores.directory,
        calls=stores.calls,
        scan=stores.scan,
        recordings=stores.recordings,
        erasure=stores.erasure,
        expiry=stores.expiry,
        audio=S3Audio(s3, settings.recordings_bucket),
        sound=S3SoundEraser(s3, settings.recordings_bucket),
        twilio_calls=TwilioCalls(secrets, settings.twilio_api_origin),
        twilio_copies=TwilioRestCopies(secrets, settings.twilio_api_origin),
        index=stores.search,
        clock=clock,
        meter=EmbeddedMeter("jobs", sys.stdout, clock.now),
    )


def build() -> Jobs:
    """Read the settings and put the functions together. Nothing is asked of the network yet.

    Raises: ConfigurationError.
    """
    log.configure()
    settings = read(JobsSettings)
    ports = _ports(settings)
    day = timedelta(seconds=settings.retention_day_s)
    eraser = Eraser(ports)
    many = EraseMany(ports, eraser, day)
    works: dict[JobKind, Work] = {
        JobKind.ERASE_CALL: EraseCall(ports, eraser),
        JobKind.ERASE_CALLER: many,
        JobKind.EXPIRE: many,
        JobKind.EXPORT: Export(ports),
        JobKind.IMPORT: Import(ports),
        JobKind.REINDEX: Reindex(ports),
    }
    worker = Worker(ports, works, timedelta(seconds=settings.work_s))
    return Jobs(worker, Rounds(ports, eraser, timedelta(seconds=settings.stale_after_s), day))


_JOBS = build()


def on_job(event: object, _context: object) -> BatchResult:
    """Go on with the jobs that an SQS queue names."""
    return on_messages(event, _JOBS.worker.work)


def on_schedule(_event: object, _context: object) -> None:
    """Wake jobs that stand still, look after erased calls, and begin to erase what is kept no longer."""
    _JOBS.rounds.go()
