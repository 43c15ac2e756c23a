"""The pipeline's functions and the API, run by Lambda's own runtime client."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette

from local.aws import resources
from local.lambdas.issuer import AUDIENCE, JWKS_PATH, SUBJECT, Issuer
from telephony.aws import table
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from telephony.calls import CallSid, CallStatus
from telephony.deliveries import Channel, DeliveryState
from tests import examples
from tests.contract.rest import server as servers
from tests.contract.rest.server import Reply, Server
from tests.e2e.runtime_api import InvocationError, function
from tests.fakes.secrets import ACCOUNT_SID

CALL_SID = f"CA{7:032x}"
BY_TABLE, BY_QUEUE, BY_SCHEDULE = (CallSid(f"CA{number:032x}") for number in range(11, 14))
TWILIO = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
TOLD = {(Channel.SMS, DeliveryState.SENT), (Channel.EMAIL, DeliveryState.SENT)}


@pytest.fixture(scope="module")
def far_ends() -> Iterator[Server]:
    """Give a server that stands for Twilio's REST API, which takes every SMS, and for the issuer of tokens."""
    with servers.running() as server:
        server.replies[f"{TWILIO}/Messages.json"] = [Reply(201, json.dumps({"sid": "SM" + "1" * 32}).encode())]
        yield server


@pytest.fixture(scope="module")
def issuer(far_ends: Server) -> Issuer:
    """Give an issuer whose key is published."""
    issuer = Issuer(far_ends.origin)

    async def keys() -> bytes:
        transport = httpx.ASGITransport(Starlette(routes=[issuer.route]))
        async with httpx.AsyncClient(transport=transport, base_url="http://issuer") as client:
            return (await client.get(JWKS_PATH)).content

    far_ends.replies[JWKS_PATH] = [Reply(200, asyncio.run(keys()))]
    return issuer


@dataclass(frozen=True, slots=True)
class Seeded:
    """The table, and calls put into it."""

    stores: Stores

    def has_call(self, sid: CallSid, *, is_over: bool) -> None:
        """Let a call come in an hour ago; one that is over left a message of which every word is there."""
        before = datetime.now(UTC) - timedelta(hours=1)
        self.stores.directory.put(replace(examples.MAILBOX, readers=(SUBJECT,)), ())
        self.stores.calls.begin(replace(examples.CALL, sid=sid, started_at=before), None)
        if is_over:
            ended_at = before + timedelta(seconds=30)
            stream = replace(examples.ended_stream(), call_sid=sid, started_at=before, ended_at=ended_at)
            self.stores.calls.report(sid, CallStatus.COMPLETED, ended_at, 30)
            self.stores.transcripts.save([stream], [replace(examples.utterance("Please call me."), call_sid=sid)])

    def deliveries(self, sid: CallSid) -> set[tuple[Channel, DeliveryState]]:
        """Return what became of the call's deliveries."""
        return {(each.id.channel, each.state) for each in self.stores.calls.facts(sid).deliveries}


@pytest.fixture
def seeded(environment: dict[str, str]) -> Seeded:
    client = resources.aws_session().client("dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"], config=CONFIG)
    return Seeded(Stores.of(client, environment["TABLE_NAME"]))


@pytest.fixture(scope="module")
def environment(far_ends: Server) -> Iterator[dict[str, str]]:
    """Give what the cloud would give all of these functions, on a simulated AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        made = resources.make_resources(
            resources.aws_session(),
            endpoint,
            twilio_secret={"account_sid": ACCOUNT_SID, "auth_token": "unused"},
            deepgram_secret={"api_key": "unused"},
        )
        yield {
            "AWS_ACCESS_KEY_ID": resources.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": resources.SECRET_KEY,
            "AWS_REGION": resources.REGION,
            "AWS_DEFAULT_REGION": resources.REGION,
            "AWS_ENDPOINT_URL": endpoint,
            "TABLE_NAME": made.table_name,
            "RECORDINGS_BUCKET": made.bucket_name,
            "TOPIC_ARN": made.topic_arn,
            "FOLLOWUPS_QUEUE_URL": made.followups_queue_url,
            "JOBS_QUEUE_URL": made.jobs_queue_url,
            "TWILIO_SECRET_ARN": made.twilio_secret_arn,
            "DEEPGRAM_SECRET_ARN": made.deepgram_secret_arn,
            "PUBLIC_ORIGIN": "https://calls.example.test",
            "JWT_ISSUER": far_ends.origin,
            "JWT_AUDIENCE": AUDIENCE,
            "JWKS_URL": far_ends.origin + JWKS_PATH,
            "TWILIO_API_ORIGIN": far_ends.origin,
            "CAPTIONS_URL": "wss://calls.example.test/captions",
            "MEDIA_URL": "wss://calls.example.test/media",
        }
    finally:
        server.stop()


def _change(call_sid: str) -> dict[str, Any]:
    image = {
        table.PARTITION_KEY: {"S": table.key(table.CALL, call_sid)},
        table.SORT_KEY: {"S": table.CALL},
        table.KIND: {"S": table.CALL},
    }
    keys = {name: image[name] for name in (table.PARTITION_KEY, table.SORT_KEY)}
    return {
        "eventID": "1",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, "NewImage": image, "SequenceNumber": "100", "StreamViewType": table.STREAM_VIEW},
    }


def test_a_change_of_the_table_is_followed(environment: dict[str, str], seeded: Seeded, tmp_path: Path) -> None:
    seeded.has_call(BY_TABLE, is_over=True)
    with function("functions.pipeline.handler.on_table_change", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({"Records": [_change(BY_TABLE), {"nonsense": True}]}) == {"batchItemFailures": []}
    assert seeded.deliveries(BY_TABLE) == TOLD


def test_a_change_that_cannot_be_followed_now_is_given_back(environment: dict[str, str], tmp_path: Path) -> None:
    unreachable = environment | {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9"}
    with function("functions.pipeline.handler.on_table_change", unreachable, tmp_path / "log") as lambda_:
        answer = lambda_.invoke({"Records": [_change(CALL_SID)]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "100"}]}


def test_a_call_of_the_queue_is_followed(environment: dict[str, str], seeded: Seeded, tmp_path: Path) -> None:
    seeded.has_call(BY_QUEUE, is_over=True)
    message = {"messageId": "m-1", "body": json.dumps({"call_sid": BY_QUEUE}), "eventSource": "aws:sqs"}
    with function("functions.pipeline.handler.on_follow_up", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({"Records": [message]}) == {"batchItemFailures": []}
    assert seeded.deliveries(BY_QUEUE) == TOLD


def test_an_open_call_is_ended_and_told_by_the_schedule(
    environment: dict[str, str], seeded: Seeded, far_ends: Server, tmp_path: Path
) -> None:
    seeded.has_call(BY_SCHEDULE, is_over=False)
    ended = {"sid": BY_SCHEDULE, "status": "completed", "duration": "3", "end_time": None}
    far_ends.replies[f"{TWILIO}/Calls/{BY_SCHEDULE}.json"] = [Reply(200, json.dumps(ended).encode())]
    with function("functions.pipeline.handler.on_schedule", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({"source": "aws.scheduler"}) is None
    assert seeded.stores.calls.get(BY_SCHEDULE).status is CallStatus.COMPLETED


def test_a_job_that_nobody_asked_for_is_passed_over(environment: dict[str, str], tmp_path: Path) -> None:
    message = {"messageId": "m-1", "body": json.dumps({"job_id": "0a" * 16}), "eventSource": "aws:sqs"}
    with function("functions.jobs.handler.on_job", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({"Records": [message]}) == {"batchItemFailures": []}


def test_the_rounds_are_made(environment: dict[str, str], tmp_path: Path) -> None:
    with function("functions.jobs.handler.on_schedule", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({}) is None
    assert "round-failed" not in (tmp_path / "log").read_text()


def _get(path: str, token: str = "") -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "calls.example.test"} | ({"authorization": f"Bearer {token}"} if token else {}),
        "requestContext": {
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"},
            "stage": "$default",
            "requestId": "r",
        },
        "isBase64Encoded": False,
    }


def test_the_api_answers_and_asks_for_a_token(environment: dict[str, str], tmp_path: Path) -> None:
    with function("functions.api.handler.handler", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke(_get("/api/health"))["statusCode"] == 200
        refused = lambda_.invoke(_get(f"/api/calls/{CALL_SID}"))
    assert refused["statusCode"] == 401
    assert refused["headers"]["content-type"] == "application/problem+json"


def test_the_api_shows_a_call_to_whoever_may_read_its_mailbox(
    environment: dict[str, str], seeded: Seeded, issuer: Issuer, tmp_path: Path
) -> None:
    seeded.has_call(BY_TABLE, is_over=True)
    with function("functions.api.handler.handler", environment, tmp_path / "log") as lambda_:
        shown = lambda_.invoke(_get(f"/api/calls/{BY_TABLE}/transcript", issuer.token()))
    assert shown["statusCode"] == 200
    assert "Please call me." in [each["text"] for each in json.loads(shown["body"])["utterances"]]


def test_the_pipeline_without_a_setting_does_not_start_and_says_which(
    environment: dict[str, str], tmp_path: Path
) -> None:
    incomplete = environment | {"TOPIC_ARN": "", "PUBLIC_ORIGIN": "not an origin"}
    with (
        function("functions.pipeline.handler.on_table_change", incomplete, tmp_path / "log") as lambda_,
        pytest.raises(InvocationError, match="PUBLIC_ORIGIN"),
    ):
        lambda_.invoke({"Records": []})
