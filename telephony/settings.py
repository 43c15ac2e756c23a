"""Settings: one frozen class per deployable, read from the environment once, at the entry.

Secrets are not settings: the environment holds the names under which Secrets Manager keeps them.
"""

import os
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from telephony.errors import ConfigurationError


class Origin(str):
    """Scheme, host and port at which something is reached, such as "https://d111.cloudfront.net"; with no slash."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Raises: ValueError, which does not show *text*."""
        url = urlsplit(text)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError("an origin begins with https:// and a host")
        if url.path not in {"", "/"} or url.query or url.fragment:
            raise ValueError("an origin is scheme, host and port, with nothing after them")
        return super().__new__(cls, text.rstrip("/"))


class SocketUrl(str):
    """The address of a WebSocket, without a query string."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Raises: ValueError, which does not show *text*."""
        url = urlsplit(text)
        if url.scheme not in {"ws", "wss"} or not url.hostname:
            raise ValueError("a socket's address begins with wss:// and a host")
        if url.query or url.fragment:
            raise ValueError("Twilio refuses a stream address with a query string")
        return super().__new__(cls, text)


Name = Annotated[str, msgspec.Meta(min_length=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]

S = TypeVar("S", bound=msgspec.Struct)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What every deployable needs."""

    table_name: Name


class WebhookSettings(Settings, frozen=True, kw_only=True):
    """What the webhooks Lambda needs."""

    public_origin: Origin
    media_url: SocketUrl
    """Where Twilio opens media streams; the signature is made over exactly this text."""
    twilio_secret_arn: str
    recordings_bucket: str
    """Where the sound of phrases is, too."""
    has_streamer: bool = True
    """False leaves live text out: recordings only."""


class ApiSettings(Settings, frozen=True, kw_only=True):
    """What the api Lambda needs."""

    recordings_bucket: str
    topic_arn: str
    jobs_queue_url: str
    jwt_issuer: str
    jwt_audience: str
    """Whom tokens are meant for: one or several, with spaces between."""
    jwks_url: str
    captions_url: SocketUrl
    public_origin: Origin
    media_url: SocketUrl
    twilio_secret_arn: str
    """For what is done to calls as they go on, and for calls that we make."""
    twilio_api_origin: Origin = Origin("https://api.twilio.com")
    has_streamer: bool = True


class PipelineSettings(Settings, frozen=True, kw_only=True):
    """What the pipeline Lambdas need."""

    public_origin: Origin
    recordings_bucket: str
    topic_arn: str
    followups_queue_url: str
    twilio_secret_arn: str
    twilio_api_origin: Origin = Origin("https://api.twilio.com")
    deepgram_secret_arn: str
    deepgram_api_origin: Origin = Origin("https://api.deepgram.com")
    webhooks_may_be_local: bool = False
    """Whether programs may be told in private networks and without TLS: on one machine, never in the cloud."""
    is_searched: bool = True
    """False leaves calls out of the index: none is found by its words, and each costs some ninety writes less."""
    patience_s: Seconds = 120
    """How long after the hang-up people are told what there is, however little."""
    sweep_age_s: Seconds = 180
    """How long a call may go on, or wait, before Twilio is asked what became of it; and before it is asked again."""
    lost_stream_s: Seconds = 120
    """How long after the end of its call a stream that nobody ended is given up: its streamer died. Longer than a
    streamer may take for the last words."""


class JobsSettings(Settings, frozen=True, kw_only=True):
    """What the jobs Lambdas need."""

    recordings_bucket: str
    jobs_queue_url: str
    twilio_secret_arn: str
    twilio_api_origin: Origin = Origin("https://api.twilio.com")
    work_s: Seconds = 120
    """How long one run works on a job before it puts it back, so that others have their turn."""
    retention_day_s: Seconds = 86_400
    """How long a day of a mailbox's term is; anything but a day is for trying it out."""
    stale_after_s: Seconds = 900
    """How long a job may stand still before it is woken again; longer than its lease."""


class StreamerSettings(Settings, frozen=True, kw_only=True):
    """What the streamer container needs."""

    media_url: SocketUrl
    twilio_secret_arn: str
    deepgram_secret_arn: str
    deepgram_url: SocketUrl = SocketUrl("wss://api.deepgram.com/v1/listen")
    host: str = "0.0.0.0"  # noqa: S104 - the container's security group admits the load balancer alone
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    """0 takes any free port; the streamer's first log line names it."""
    max_streams: Annotated[int, msgspec.Meta(ge=1)] = 400
    """More are turned away, and their recordings take over: a full task must not spoil the calls it has."""
    max_rate: Annotated[float, msgspec.Meta(gt=0)] = 1.25
    """How much faster than real time sound that had to wait is sent; Deepgram allows 1.25."""
    chunk_ms: Annotated[int, msgspec.Meta(ge=20, le=250)] = 100
    """How much sound is sent to Deepgram at a time, within what it takes. Smaller chunks bring live text sooner and
    cost more; for messages 100 is best."""
    beat_s: Seconds = 60
    """How often each socket gets a ping, and the number of streams is told. CloudFront closes a socket on which it had
    nothing from us for ten minutes, and Twilio's stream needs no answer from us."""
    drain_s: Seconds = 100
    """How long calls may go on after SIGTERM; Fargate kills the task after 120 seconds at the most."""
    open_within_s: Seconds = 12
    """How long one connection to Deepgram may take to open."""
    stall_s: Seconds = 8
    """How long Deepgram may say nothing of the sound it is sent; then it is sent to another connection."""
    backoff_s: Seconds = 0.5
    """The longest wait before the first try to connect again; doubled for each in vain, up to sixteen times that."""
    finish_within_s: Seconds = 10
    """How long after a call the last words may make no progress before what is missing is left to its recording."""
    gather_s: Seconds = 1
    """How long words wait for those of other calls, to be written to the table with them; a call's last do not wait."""
    ecs_agent_uri: str = ""
    """Where ECS lets the task protect itself while it has calls; ECS sets it. Empty, the task is not protected."""


def read(kind: type[S]) -> S:
    """Read the settings from the environment.

    Raises: ConfigurationError, naming every variable that is missing or wrong, and no value.
    """
    environment = os.environ  # noqa: TID251 - this is where settings come from
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for field in msgspec.structs.fields(kind):
        name = field.name.upper()
        if name not in environment:
            if field.required:
                wrong.append(f"{name}: it is not set")
            continue
        try:
            found[field.name] = msgspec.convert(environment[name], field.type, strict=False, dec_hook=_parse)
        except msgspec.ValidationError as exc:
            wrong.append(f"{name}: {exc}")
    if wrong:
        raise ConfigurationError(f"settings: {'; '.join(wrong)}")
    return kind(**found)


def _parse(kind: type[str], text: str) -> str:
    """Return *text* as one of the types of text above. Raises: ValueError."""
    return kind(text)
