"""Local AWS has what the stack has, and the deployables' adapters work on it."""

import json
from dataclasses import asdict

import boto3

from local.aws.resources import Resources, make_resources
from telephony.aws import table
from telephony.aws.audio import S3Audio
from telephony.aws.clients import AUDIO_CONFIG, CONFIG
from telephony.aws.secrets import SecretsManagerSecrets


def test_the_table_is_what_the_schema_says(session: boto3.Session, endpoint: str, resources: Resources) -> None:
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CONFIG)
    made = dynamodb.describe_table(TableName=resources.table_name)["Table"]
    assert [key["AttributeName"] for key in made["KeySchema"]] == [table.PARTITION_KEY, table.SORT_KEY]
    (index,) = made["GlobalSecondaryIndexes"]
    assert index["IndexName"] == table.ARCHIVE_INDEX
    assert [key["AttributeName"] for key in index["KeySchema"]] == [table.ARCHIVE_PARTITION_KEY, table.ARCHIVE_SORT_KEY]
    assert made["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": table.STREAM_VIEW}
    assert made["LatestStreamArn"] == resources.stream_arn
    ttl = dynamodb.describe_time_to_live(TableName=resources.table_name)["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", table.TTL)


def test_secrets_and_audio_are_there_for_the_adapters(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    secrets = SecretsManagerSecrets(
        session.client("secretsmanager", endpoint_url=endpoint, config=CONFIG),
        twilio_arn=resources.twilio_secret_arn,
        deepgram_arn=resources.deepgram_secret_arn,
    )
    assert (secrets.twilio().account_sid, secrets.deepgram().api_key) == ("AC1", "key")
    audio = S3Audio(session.client("s3", endpoint_url=endpoint, config=AUDIO_CONFIG), resources.bucket_name)
    audio.put("recordings/a.wav", b"RIFF", "audio/wav")
    assert audio.get("recordings/a.wav") == b"RIFF"


def test_follow_ups_that_fail_too_often_go_to_a_queue_of_their_own(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    sqs = session.client("sqs", endpoint_url=endpoint, config=CONFIG)
    asked = sqs.get_queue_attributes(QueueUrl=resources.followups_queue_url, AttributeNames=["RedrivePolicy"])
    target = json.loads(asked["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    assert target.rsplit(":", 1)[-1] == resources.failed_followups_queue_url.rsplit("/", 1)[-1]


def test_making_everything_again_changes_nothing_but_the_secrets(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    twilio = {"account_sid": "AC1", "auth_token": "token"}
    again = make_resources(session, endpoint, twilio_secret=twilio, deepgram_secret={"api_key": "key"})
    assert asdict(again) == asdict(resources)
