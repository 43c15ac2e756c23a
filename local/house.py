r"""The whole product on loopback: local AWS, the recogniser, the Lambdas, the streamer, and the simulated Twilio.

    simulated Twilio --- webhooks ---> gateway -> Lambdas ---+
          |   \__ media stream __> streamer <-> recogniser   +--> table, bucket, topic, queue (moto)
          |<--- recordings, SMS ----- Lambdas <- table's stream

Everything but the simulated Twilio runs as a process of its own, with the settings it has in the cloud.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from local.aws import resources as local_aws
from local.aws.gate import Gate
from local.aws.resources import Resources
from local.deepgram.control import ServerControl
from local.lambdas.issuer import AUDIENCE, JWKS_PATH, SUBJECT
from local.processes import Part
from local.twilio.account import Account
from local.twilio.clock import Clock
from local.twilio.faults import Faults
from local.twilio.quirks import Quirks
from local.twilio.server import SimulatedTwilio
from telephony.aws.bulletin import SnsBulletin
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.wire.webhooks import WebhookPath

OUR_NUMBER = E164("+15005550006")
OWNER_PHONE = E164("+15005550100")
OWNER_EMAIL = "owner@example.com"

MAILBOX = Mailbox(
    id=MailboxId("reception"),
    name="Reception",
    sms_recipients=(OWNER_PHONE,),
    email_recipients=(OWNER_EMAIL,),
    readers=(SUBJECT,),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the house is set up.

    Attributes:
        recogniser: "moonshine" listens; "stamped" reads the words stamped into a test's sound.
        speed: how many seconds of a call pass in one.
        with_pipeline: whether anything follows what is stored.
        settings: what the parts find in their environment beside, or instead of, what the house tells them.
        dynamodb: the endpoint at which the table is to be, where that is not the local AWS.
    """

    recogniser: str = "moonshine"
    speed: float = 1.0
    mailbox: Mailbox = MAILBOX
    number: Number = field(default_factory=lambda: Number(OUR_NUMBER, MAILBOX.id))
    quirks: Quirks = field(default_factory=lambda: Quirks(allow_insecure_streams=True))
    faults: Faults = field(default_factory=Faults)
    with_streamer: bool = True
    with_pipeline: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    dynamodb: str | None = None


@dataclass(frozen=True, slots=True)
class House:
    """The running product.

    Attributes:
        origin: where the webhooks and the API are reached.
        token: a JWT that may read the mailbox.
        table, topic: before DynamoDB and SNS, for all but the caller of this.
        streamer: None when there is none.
        environment: what the parts found in theirs.
    """

    twilio: SimulatedTwilio
    origin: str
    token: str
    aws_endpoint: str
    resources: Resources
    plan: Plan
    deepgram: ServerControl
    table: Gate
    topic: Gate
    aws: Part
    recogniser: Part
    lambdas: Part
    streamer: Part | None
    environment: Mapping[str, str]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that runs as a process of its own."""
        return (self.aws, self.recogniser, self.lambdas, *(() if self.streamer is None else (self.streamer,)))


@contextlib.asynccontextmanager
async def open_house(plan: Plan) -> AsyncIterator[House]:
    """Run everything until the block ends. Raises: StartError when a part does not start."""
    account, deepgram_key = _new_account(), secrets.token_hex(20)
    async with contextlib.AsyncExitStack() as stack:
        simulator = SimulatedTwilio(account=account, clock=Clock(plan.speed), quirks=plan.quirks, faults=plan.faults)
        twilio = await stack.enter_async_context(simulator)
        base = _base_environment()
        listening = ("--recogniser", plan.recogniser, "--api-key", deepgram_key)
        aws = Part("local.aws", ready="endpoint", environment=base)
        deepgram = Part("local.deepgram", *listening, ready="url", environment=base)
        await _together(stack, aws, deepgram)
        endpoint, deepgram_url = str(aws.said["endpoint"]), str(deepgram.said["url"])
        table = await stack.enter_async_context(Gate(plan.dynamodb or endpoint))
        topic = await stack.enter_async_context(Gate(endpoint))
        resources = await asyncio.to_thread(_furnish, endpoint, account, deepgram_key, plan)
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        places = _Places(
            origin=f"http://127.0.0.1:{door.getsockname()[1]}",
            streamer_port=_free_port(),
            deepgram_url=deepgram_url,
            twilio_url=twilio.base_url,
            aws_url=endpoint,
            table_url=table.endpoint,
            topic_url=topic.endpoint,
        )
        environment = {**base, **_settings(places, resources, plan), **plan.settings}
        fd = door.fileno()
        lambdas = Part("local.lambdas", "--fd", str(fd), ready="token", environment=environment, pass_fds=(fd,))
        streamer = Part("streamer", ready="port", environment=environment)
        await _together(stack, *([lambdas, streamer] if plan.with_streamer else [lambdas]))
        _point(twilio, plan.number, places.origin)
        yield House(
            twilio=twilio,
            origin=places.origin,
            token=str(lambdas.said["token"]),
            aws_endpoint=endpoint,
            resources=resources,
            plan=plan,
            deepgram=ServerControl(deepgram_url),
            table=table,
            topic=topic,
            aws=aws,
            recogniser=deepgram,
            lambdas=lambdas,
            streamer=streamer if plan.with_streamer else None,
            environment=environment,
        )


@dataclass(frozen=True, slots=True)
class _Places:
    origin: str
    streamer_port: int
    deepgram_url: str
    twilio_url: str
    aws_url: str
    table_url: str
    topic_url: str


def _settings(places: _Places, resources: Resources, plan: Plan) -> dict[str, str]:
    """Return the environment that the cloud would give to the Lambdas and the streamer, all in one."""
    streamer = f"ws://127.0.0.1:{places.streamer_port}"
    return {
        "AWS_ENDPOINT_URL": places.aws_url,
        "AWS_ENDPOINT_URL_DYNAMODB": places.table_url,
        "AWS_ENDPOINT_URL_SNS": places.topic_url,
        "TABLE_NAME": resources.table_name,
        "RECORDINGS_BUCKET": resources.bucket_name,
        "TOPIC_ARN": resources.topic_arn,
        "FOLLOWUPS_QUEUE_URL": resources.followups_queue_url,
        "JOBS_QUEUE_URL": resources.jobs_queue_url,
        "TWILIO_SECRET_ARN": resources.twilio_secret_arn,
        "DEEPGRAM_SECRET_ARN": resources.deepgram_secret_arn,
        "PUBLIC_ORIGIN": places.origin,
        "TWILIO_API_ORIGIN": places.twilio_url,
        "JWT_ISSUER": f"{places.origin}/local",
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS_URL": f"{places.origin}{JWKS_PATH}",
        "MEDIA_URL": f"{streamer}/media",
        "CAPTIONS_URL": f"{streamer}/captions",
        "HAS_STREAMER": str(plan.with_streamer),
        "WEBHOOKS_MAY_BE_LOCAL": "true",
        "RUNS_PIPELINE": str(plan.with_pipeline),
        "DEEPGRAM_URL": places.deepgram_url.replace("http", "ws", 1) + "/v1/listen",
        "DEEPGRAM_API_ORIGIN": places.deepgram_url,
        "HOST": "127.0.0.1",
        "PORT": str(places.streamer_port),
        "MAX_RATE": str(1.25 * plan.speed),  # a faster clock makes real time faster
    }


def _new_account() -> Account:
    return Account(
        sid="AC" + secrets.token_hex(16),
        auth_token=secrets.token_hex(16),
        api_key="SK" + secrets.token_hex(16),
        api_secret=secrets.token_hex(16),
    )


async def _together(stack: contextlib.AsyncExitStack, *parts: Part) -> None:
    """Start *parts* at once, so that none waits for another's imports."""
    async with asyncio.TaskGroup() as tasks:
        for part in parts:
            tasks.create_task(stack.enter_async_context(part))


def _point(twilio: SimulatedTwilio, number: Number, origin: str) -> None:
    """Have Twilio ask the webhooks about calls to *number*."""
    twilio.own_number(
        number.number,
        voice_url=f"{origin}{WebhookPath.VOICE}",
        voice_fallback_url=f"{origin}{WebhookPath.FALLBACK}",
        sms_url=f"{origin}{WebhookPath.SMS}",
        status_callback=f"{origin}{WebhookPath.STATUS}",
    )


def twilio_secret(account: Account) -> dict[str, str]:
    """Return what Secrets Manager is to hold of the simulated Twilio's account."""
    return {
        "account_sid": account.sid,
        "auth_token": account.auth_token,
        "api_key": account.api_key,
        "api_secret": account.api_secret,
    }


def _furnish(endpoint: str, account: Account, deepgram_key: str, plan: Plan) -> Resources:
    session = local_aws.aws_session()
    resources = local_aws.make_resources(
        session,
        endpoint,
        twilio_secret=twilio_secret(account),
        deepgram_secret={"api_key": deepgram_key},
        dynamodb_endpoint=plan.dynamodb,
    )
    dynamodb = session.client("dynamodb", endpoint_url=plan.dynamodb or endpoint, config=CONFIG)
    Stores.of(dynamodb, resources.table_name).directory.put(plan.mailbox, [plan.number])
    bulletin = SnsBulletin(session.client("sns", endpoint_url=endpoint, config=CONFIG), resources.topic_arn)
    for address in plan.mailbox.email_recipients:
        bulletin.subscribe(plan.mailbox.id, address)
    return resources


def _base_environment() -> dict[str, str]:
    inherited = os.environ  # noqa: TID251 - handed on to children, not read as settings
    kept = {name: inherited[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in inherited}
    return kept | {
        "AWS_ACCESS_KEY_ID": local_aws.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": local_aws.SECRET_KEY,
        "AWS_DEFAULT_REGION": local_aws.REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
