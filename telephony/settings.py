"""Settings: one frozen class per deployable, read from the environment once, at the entry.

Secrets are not settings: the environment holds the names under which Secrets Manager keeps them.
"""

from typing import Annotated, TypeVar

from pydantic import AnyHttpUrl, AnyWebsocketUrl, Field, TypeAdapter, ValidationError
from pydantic.functional_validators import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from telephony.errors import ConfigurationError


def _origin(text: str) -> str:
    url = TypeAdapter(AnyHttpUrl).validate_python(text)
    if url.path not in {None, "/"} or url.query or url.fragment:
        raise ValueError("an origin is scheme, host and port, with nothing after them")
    return text.rstrip("/")


def _socket_url(text: str) -> str:
    url = TypeAdapter(AnyWebsocketUrl).validate_python(text)
    if url.query or url.fragment:
        raise ValueError("Twilio refuses a stream address with a query string")
    return text


Origin = Annotated[str, AfterValidator(_origin)]
"""Scheme, host and port at which the world reaches us, such as "https://d111.cloudfront.net"."""

SocketUrl = Annotated[str, AfterValidator(_socket_url)]

S = TypeVar("S", bound="Settings")


class Settings(BaseSettings):
    """What every deployable needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    table_name: str = Field(min_length=1)


class WebhookSettings(Settings):
    """What the webhooks Lambda needs."""

    public_origin: Origin
    media_url: SocketUrl
    """Where Twilio opens media streams; the signature is made over exactly this text."""
    twilio_secret_arn: str
    recordings_bucket: str
    """Where the sound of phrases is, too."""
    has_streamer: bool = True
    """False leaves live text out: recordings only."""


class ApiSettings(Settings):
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
    twilio_api_origin: Origin = "https://api.twilio.com"
    has_streamer: bool = True


class PipelineSettings(Settings):
    """What the pipeline Lambdas need."""

    public_origin: Origin
    recordings_bucket: str
    topic_arn: str
    followups_queue_url: str
    twilio_secret_arn: str
    twilio_api_origin: Origin = "https://api.twilio.com"
    deepgram_secret_arn: str
    deepgram_api_origin: Origin = "https://api.deepgram.com"
    webhooks_may_be_local: bool = False
    """Whether programs may be told in private networks and without TLS: on one machine, never in the cloud."""
    is_searched: bool = True
    """False leaves calls out of the index: none is found by its words, and each costs some ninety writes less."""
    patience_s: float = Field(default=120, gt=0)
    """How long after the hang-up people are told what there is, however little."""
    sweep_age_s: float = Field(default=180, gt=0)
    """How long a call may go on, or wait, before Twilio is asked what became of it; and before it is asked again."""
    lost_stream_s: float = Field(default=120, gt=0)
    """How long after the end of its call a stream that nobody ended is given up: its streamer died. Longer than a
    streamer may take for the last words."""


class JobsSettings(Settings):
    """What the jobs Lambdas need."""

    recordings_bucket: str
    jobs_queue_url: str
    twilio_secret_arn: str
    twilio_api_origin: Origin = "https://api.twilio.com"
    work_s: float = Field(default=120, gt=0)
    """How long one run works on a job before it puts it back, so that others have their turn."""
    retention_day_s: float = Field(default=86_400, gt=0)
    """How long a day of a mailbox's term is; anything but a day is for trying it out."""
    stale_after_s: float = Field(default=900, gt=0)
    """How long a job may stand still before it is woken again; longer than its lease."""


class StreamerSettings(Settings):
    """What the streamer container needs."""

    media_url: SocketUrl
    twilio_secret_arn: str
    deepgram_secret_arn: str
    deepgram_url: SocketUrl = "wss://api.deepgram.com/v1/listen"
    host: str = "0.0.0.0"  # noqa: S104 - the container's security group admits the load balancer alone
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes any free port; the streamer's first log line names it."""
    max_streams: int = Field(default=400, ge=1)
    """More are turned away, and their recordings take over: a full task must not spoil the calls it has."""
    max_rate: float = Field(default=1.25, gt=0)
    """How much faster than real time sound that had to wait is sent; Deepgram allows 1.25."""
    chunk_ms: int = Field(default=100, ge=20, le=250)
    """How much sound is sent to Deepgram at a time, within what it takes. Smaller chunks bring live text sooner and
    cost more; for messages 100 is best."""
    beat_s: float = Field(default=60, gt=0)
    """How often each socket gets a ping, and the number of streams is told. CloudFront closes a socket on which it had
    nothing from us for ten minutes, and Twilio's stream needs no answer from us."""
    drain_s: float = Field(default=100, gt=0)
    """How long calls may go on after SIGTERM; Fargate kills the task after 120 seconds at the most."""
    open_within_s: float = Field(default=12, gt=0)
    """How long one connection to Deepgram may take to open."""
    stall_s: float = Field(default=8, gt=0)
    """How long Deepgram may say nothing of the sound it is sent; then it is sent to another connection."""
    backoff_s: float = Field(default=0.5, gt=0)
    """The longest wait before the first try to connect again; doubled for each in vain, up to sixteen times that."""
    finish_within_s: float = Field(default=10, gt=0)
    """How long after a call the last words may make no progress before what is missing is left to its recording."""
    ecs_agent_uri: str = ""
    """Where ECS lets the task protect itself while it has calls; ECS sets it. Empty, the task is not protected."""


def read(kind: type[S]) -> S:
    """Read the settings from the environment.

    Raises: ConfigurationError, naming every variable that is missing or wrong, and no value.
    """
    try:
        return kind()  # type: ignore[call-arg] # the fields come from the environment
    except ValidationError as exc:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in exc.errors())
        raise ConfigurationError(f"settings: {wrong}") from None
