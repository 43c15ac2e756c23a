"""The pipeline's functions and the API, run by Lambda's own runtime client."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from local.aws import resources
from telephony.aws import table
from tests.e2e.runtime_api import InvocationError, function

CALL_SID = f"CA{7:032x}"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """Give what the cloud would give all of these functions, on a simulated AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        made = resources.make_resources(
            resources.aws_session(),
            endpoint,
            twilio_secret={"account_sid": "AC" + "0" * 32, "auth_token": "unused"},
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
            "TWILIO_SECRET_ARN": made.twilio_secret_arn,
            "DEEPGRAM_SECRET_ARN": made.deepgram_secret_arn,
            "PUBLIC_ORIGIN": "https://calls.example.test",
            "JWT_ISSUER": "https://sign-in.example.test",
            "JWT_AUDIENCE": "ringscribe",
            "JWKS_URL": "https://sign-in.example.test/jwks.json",
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


def test_a_change_of_the_table_is_followed(environment: dict[str, str], tmp_path: Path) -> None:
    with function("functions.pipeline.handler.on_table_change", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({"Records": [_change(CALL_SID), {"nonsense": True}]}) == {"batchItemFailures": []}


def test_a_change_that_cannot_be_followed_now_is_given_back(environment: dict[str, str], tmp_path: Path) -> None:
    unreachable = environment | {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9"}
    with function("functions.pipeline.handler.on_table_change", unreachable, tmp_path / "log") as lambda_:
        answer = lambda_.invoke({"Records": [_change(CALL_SID)]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "100"}]}


def test_a_call_of_the_queue_is_followed(environment: dict[str, str], tmp_path: Path) -> None:
    message = {"messageId": "m-1", "body": json.dumps({"call_sid": CALL_SID}), "eventSource": "aws:sqs"}
    with function("functions.pipeline.handler.on_follow_up", environment, tmp_path / "log") as lambda_:
        assert lambda_.invoke({"Records": [message]}) == {"batchItemFailures": []}


def _get(path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "calls.example.test"},
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


def test_the_pipeline_without_a_setting_does_not_start_and_says_which(
    environment: dict[str, str], tmp_path: Path
) -> None:
    incomplete = environment | {"TOPIC_ARN": "", "PUBLIC_ORIGIN": "not an origin"}
    with (
        function("functions.pipeline.handler.on_table_change", incomplete, tmp_path / "log") as lambda_,
        pytest.raises(InvocationError, match="PUBLIC_ORIGIN"),
    ):
        lambda_.invoke({"Records": []})
