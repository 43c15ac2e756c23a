"""What every SecretStore promises, and the one on Secrets Manager."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_secretsmanager import SecretsManagerClient

from telephony.aws.clients import CONFIG
from telephony.aws.secrets import FRESH_EVERY_S, KEPT_S, SecretsManagerSecrets
from telephony.credentials import DeepgramCredentials, parse_twilio
from telephony.errors import ConfigurationError, UpstreamError
from telephony.ports.services import SecretStore
from tests.fakes.secrets import FixedSecrets

NAME = "ringscribe/twilio"


class Watch:
    """Counts the seconds it is told."""

    def __init__(self) -> None:
        self.at_s = 1_000.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def client(aws: boto3.Session) -> SecretsManagerClient:
    return aws.client("secretsmanager", config=CONFIG)


def _twilio(token: str) -> str:
    return json.dumps({"account_sid": "AC1", "auth_token": token})


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def secrets(client: SecretsManagerClient, watch: Watch) -> SecretsManagerSecrets:
    arn = client.create_secret(Name=NAME, SecretString=_twilio("old"))["ARN"]
    return SecretsManagerSecrets(client, twilio_arn=arn, monotonic_s=watch)


@dataclass(frozen=True, slots=True)
class Side:
    """A SecretStore, and what rotates Twilio's token in it from "old" to "new"."""

    secrets: SecretStore
    rotate: Callable[[], None]


@pytest.fixture(params=["memory", "secretsmanager"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "memory":
        memory = FixedSecrets(parse_twilio(_twilio("old")), DeepgramCredentials("dg"))

        def rotate_memory() -> None:
            memory.next_twilio = parse_twilio(_twilio("new"))

        return Side(memory, rotate_memory)
    client, watch = request.getfixturevalue("client"), request.getfixturevalue("watch")
    twilio = client.create_secret(Name=NAME, SecretString=_twilio("old"))["ARN"]
    deepgram = client.create_secret(Name="deepgram", SecretString=json.dumps({"api_key": "dg"}))["ARN"]

    def rotate() -> None:
        client.put_secret_value(SecretId=NAME, SecretString=_twilio("new"))
        watch.at_s += FRESH_EVERY_S

    return Side(SecretsManagerSecrets(client, twilio_arn=twilio, deepgram_arn=deepgram, monotonic_s=watch), rotate)


def test_a_rotation_is_seen_by_a_fresh_reading_and_by_those_after_it(side: Side) -> None:
    assert side.secrets.twilio() == parse_twilio(_twilio("old"))
    side.rotate()
    assert side.secrets.twilio().auth_tokens == ("old",)
    assert side.secrets.twilio(fresh=True) == parse_twilio(_twilio("new"))
    assert side.secrets.twilio() == parse_twilio(_twilio("new"))
    assert side.secrets.deepgram() == DeepgramCredentials("dg")


def test_a_rotation_is_seen_after_the_kept_time_and_not_before(
    client: SecretsManagerClient, watch: Watch, secrets: SecretsManagerSecrets
) -> None:
    assert secrets.twilio().auth_tokens == ("old",)
    client.put_secret_value(SecretId=NAME, SecretString=_twilio("new"))
    watch.at_s += KEPT_S - 1
    assert secrets.twilio().auth_tokens == ("old",)
    watch.at_s += 1
    assert secrets.twilio().auth_tokens == ("new",)


def test_a_fresh_reading_is_granted_every_few_seconds(
    client: SecretsManagerClient, watch: Watch, secrets: SecretsManagerSecrets
) -> None:
    secrets.twilio()
    client.put_secret_value(SecretId=NAME, SecretString=_twilio("new"))
    watch.at_s += FRESH_EVERY_S - 1
    assert secrets.twilio(fresh=True).auth_tokens == ("old",)
    watch.at_s += 1
    assert secrets.twilio(fresh=True).auth_tokens == ("new",)
    assert secrets.twilio().auth_tokens == ("new",)


def test_what_was_read_stays_in_use_while_the_secret_cannot_be_read(
    client: SecretsManagerClient, watch: Watch, secrets: SecretsManagerSecrets
) -> None:
    secrets.twilio()
    client.meta.events.register("before-send.secretsmanager", _unreachable)
    watch.at_s += KEPT_S
    assert secrets.twilio().auth_tokens == ("old",)


def test_a_secret_that_was_never_read_is_a_failure_while_it_cannot_be(
    client: SecretsManagerClient, secrets: SecretsManagerSecrets
) -> None:
    client.meta.events.register("before-send.secretsmanager", _unreachable)
    with pytest.raises(UpstreamError) as failure:
        secrets.twilio()
    assert (failure.value.service, failure.value.retryable) == ("secretsmanager", True)


def test_a_service_that_refuses_for_now_is_a_failure_that_may_pass(client: SecretsManagerClient) -> None:
    client.meta.events.register("before-send.secretsmanager", _throttled)
    with pytest.raises(UpstreamError, match="ThrottlingException") as failure:
        SecretsManagerSecrets(client, twilio_arn=NAME).twilio()
    assert failure.value.retryable


def _throttled(**_: object) -> None:
    error = {"Error": {"Code": "ThrottlingException", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    raise ClientError(cast("Any", error), "GetSecretValue")


def _unreachable(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://secrets")


def test_deepgrams_key_is_read_from_its_own_secret(client: SecretsManagerClient) -> None:
    arn = client.create_secret(Name="deepgram", SecretString=json.dumps({"api_key": "dg"}))["ARN"]
    assert SecretsManagerSecrets(client, deepgram_arn=arn).deepgram().api_key == "dg"


def test_a_secret_that_is_not_there_or_not_named_or_not_text_is_a_wrong_configuration(
    client: SecretsManagerClient,
) -> None:
    binary = client.create_secret(Name="binary", SecretBinary=b"\x00")["ARN"]
    for secrets in (
        SecretsManagerSecrets(client),
        SecretsManagerSecrets(client, twilio_arn="no-such-secret"),
        SecretsManagerSecrets(client, twilio_arn=binary),
    ):
        with pytest.raises(ConfigurationError):
            secrets.twilio()
