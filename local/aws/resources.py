"""Resources: the table, bucket, topic, queue and secrets of the stack, made at a local endpoint."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import boto3
import botocore.session
from botocore.config import Config

from telephony.aws import events, table
from telephony.aws.clients import AUDIO_CONFIG, CONFIG
from telephony.jobs import MESSAGE_ATTEMPTS

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import CreateTableInputTypeDef, KeySchemaElementTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

PREFIX: Final = "ringscribe"
REGION: Final = "us-east-1"
"""The one region in which S3 wants no word about where a bucket is to be."""
ACCESS_KEY: Final = "local"
SECRET_KEY: Final = "local"  # noqa: S105 - a simulator takes any

VISIBILITY_S: Final = 30
"""A failed follow-up is tried again after this long; the stack's ten minutes would try nobody's patience but ours."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What was made, by the names that the settings of the deployables want."""

    table_name: str
    stream_arn: str
    bucket_name: str
    topic_arn: str
    followups_queue_url: str
    failed_followups_queue_url: str
    jobs_queue_url: str
    failed_jobs_queue_url: str
    twilio_secret_arn: str
    deepgram_secret_arn: str


def aws_session() -> boto3.Session:
    """Return a session with credentials that a simulator takes, and AWS does not; its clients ask no proxy."""
    core = botocore.session.get_session()
    core.set_default_client_config(Config(proxies={}))
    return boto3.Session(
        botocore_session=core, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION
    )


def make_resources(
    session: boto3.Session,
    endpoint: str,
    *,
    twilio_secret: Mapping[str, str],
    deepgram_secret: Mapping[str, str],
    dynamodb_endpoint: str | None = None,
) -> Resources:
    """Make everything at *endpoint*, the table at *dynamodb_endpoint* if that is another; what is there stays.

    The secrets hold what `telephony.credentials` reads.
    """
    dynamodb = session.client("dynamodb", endpoint_url=dynamodb_endpoint or endpoint, config=CONFIG)
    sns = session.client("sns", endpoint_url=endpoint, config=CONFIG)
    sqs = session.client("sqs", endpoint_url=endpoint, config=CONFIG)
    secrets = session.client("secretsmanager", endpoint_url=endpoint, config=CONFIG)
    failed_url = _queue(sqs, f"{PREFIX}-failed-followups", {})
    failed_jobs_url = _queue(sqs, f"{PREFIX}-failed-jobs", {})
    return Resources(
        table_name=f"{PREFIX}-calls",
        stream_arn=make_table(dynamodb, f"{PREFIX}-calls"),
        bucket_name=_bucket(session.client("s3", endpoint_url=endpoint, config=AUDIO_CONFIG), f"{PREFIX}-recordings"),
        topic_arn=sns.create_topic(Name=f"{PREFIX}-voicemail")["TopicArn"],
        followups_queue_url=_queue(sqs, f"{PREFIX}-followups", _redrive(sqs, failed_url, events.FOLLOW_UP_ATTEMPTS)),
        failed_followups_queue_url=failed_url,
        jobs_queue_url=_queue(sqs, f"{PREFIX}-jobs", _redrive(sqs, failed_jobs_url, MESSAGE_ATTEMPTS)),
        failed_jobs_queue_url=failed_jobs_url,
        twilio_secret_arn=_secret(secrets, f"{PREFIX}/twilio", twilio_secret),
        deepgram_secret_arn=_secret(secrets, f"{PREFIX}/deepgram", deepgram_secret),
    )


def make_table(client: "DynamoDBClient", name: str) -> str:
    """Make the table, unless it is there, wait until it serves, and return its stream's ARN."""
    with contextlib.suppress(client.exceptions.ResourceInUseException):
        client.create_table(**table_definition(name))
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": table.TTL}
        )
    return client.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def table_definition(name: str) -> "CreateTableInputTypeDef":
    """Return the table as DynamoDB's CreateTable takes it."""
    keys = [table.PARTITION_KEY, table.SORT_KEY, table.ARCHIVE_PARTITION_KEY, table.ARCHIVE_SORT_KEY]
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _schema(table.PARTITION_KEY, table.SORT_KEY),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": table.ARCHIVE_INDEX,
                "KeySchema": _schema(table.ARCHIVE_PARTITION_KEY, table.ARCHIVE_SORT_KEY),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": table.STREAM_VIEW},
    }


def _schema(partition: str, sort: str) -> "list[KeySchemaElementTypeDef]":
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _queue(sqs: "SQSClient", name: str, attributes: "dict[QueueAttributeNameType, str]") -> str:
    return sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(VISIBILITY_S), **attributes})[
        "QueueUrl"
    ]


def _redrive(sqs: "SQSClient", failed_url: str, attempts: int) -> "dict[QueueAttributeNameType, str]":
    attributes = sqs.get_queue_attributes(QueueUrl=failed_url, AttributeNames=["QueueArn"])["Attributes"]
    policy = {"deadLetterTargetArn": attributes["QueueArn"], "maxReceiveCount": attempts}
    return {"RedrivePolicy": json.dumps(policy)}


def _bucket(s3: "S3Client", name: str) -> str:
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name)
    # As in the stack: what is erased must be erased with all its versions.
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def _secret(secrets: "SecretsManagerClient", name: str, fields: Mapping[str, str]) -> str:
    text = json.dumps(dict(fields))
    try:
        return secrets.create_secret(Name=name, SecretString=text)["ARN"]
    except secrets.exceptions.ResourceExistsException:
        return secrets.put_secret_value(SecretId=name, SecretString=text)["ARN"]
