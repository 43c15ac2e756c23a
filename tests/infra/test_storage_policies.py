"""What is kept is encrypted, recoverable, and the table that the code expects."""

import json

import pytest

from infra import secrets
from telephony import credentials
from telephony.aws import table
from telephony.errors import ConfigurationError
from tests.infra.cloud_template import CloudTemplate, Properties


def _schema(hash_name: str, range_name: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash_name, "KeyType": "HASH"}, {"AttributeName": range_name, "KeyType": "RANGE"}]


@pytest.fixture(scope="session")
def calls(template: CloudTemplate) -> Properties:
    return template.only("AWS::DynamoDB::Table")[1]


def test_the_table_has_the_keys_and_the_index_that_the_code_reads(calls: Properties) -> None:
    assert calls["KeySchema"] == _schema(table.PARTITION_KEY, table.SORT_KEY)
    (index,) = calls["GlobalSecondaryIndexes"]
    assert index["IndexName"] == table.ARCHIVE_INDEX
    assert index["KeySchema"] == _schema(table.ARCHIVE_PARTITION_KEY, table.ARCHIVE_SORT_KEY)
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert {each["AttributeType"] for each in calls["AttributeDefinitions"]} == {"S"}


def test_the_table_clears_away_what_has_expired(calls: Properties) -> None:
    assert calls["TimeToLiveSpecification"] == {"AttributeName": table.TTL, "Enabled": True}


def test_the_table_streams_both_images(calls: Properties) -> None:
    assert calls["StreamSpecification"] == {"StreamViewType": table.STREAM_VIEW}


def test_the_table_can_be_put_back_to_any_second_and_not_be_deleted(calls: Properties) -> None:
    assert calls["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert calls["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize(
    ("kind", "part", "policy"),
    [
        # A table that is protected cannot be taken back either, and without its key it could not be looked at.
        ("AWS::DynamoDB::Table", "", "Retain"),
        ("AWS::KMS::Key", "", "Retain"),
        # By then it may hold something, and S3 deletes no bucket that does.
        ("AWS::S3::Bucket", "AccessLogs", "Retain"),
        ("AWS::S3::Bucket", "Recordings", "RetainExceptOnCreate"),
    ],
)
def test_what_callers_left_outlives_the_stack_and_a_failed_attempt_leaves_little(
    template: CloudTemplate, kind: str, part: str, policy: str
) -> None:
    (resource,) = [each for name, each in template.resources(kind).items() if part in name]
    assert resource["DeletionPolicy"] == policy
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_table_topic_secrets_and_logs_are_encrypted_with_our_key(template: CloudTemplate) -> None:
    key, properties = template.only("AWS::KMS::Key")
    ours = {"Fn::GetAtt": [key, "Arn"]}
    assert properties["EnableKeyRotation"] is True
    assert template.only("AWS::DynamoDB::Table")[1]["SSESpecification"] == {
        "KMSMasterKeyId": ours,
        "SSEEnabled": True,
        "SSEType": "KMS",
    }
    assert all(each["KmsMasterKeyId"] == ours for each in template.properties("AWS::SNS::Topic").values())
    assert all(each["KmsKeyId"] == ours for each in template.properties("AWS::SecretsManager::Secret").values())
    assert all(each["KmsKeyId"] == ours for each in template.properties("AWS::Logs::LogGroup").values())


def test_the_logs_service_may_use_the_key_for_this_accounts_log_groups_only(template: CloudTemplate) -> None:
    statements = template.only("AWS::KMS::Key")[1]["KeyPolicy"]["Statement"]
    (logs,) = [each for each in statements if "Fn::Join" in json.dumps(each["Principal"].get("Service"))]
    condition = json.dumps(logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
    assert "AWS::AccountId" in condition
    assert condition.count("log-group:*") == 1


def test_recordings_are_encrypted_with_our_key_versioned_and_never_public(template: CloudTemplate) -> None:
    key, _ = template.only("AWS::KMS::Key")
    _, bucket = template.only("AWS::S3::Bucket", "Recordings")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": {"Fn::GetAtt": [key, "Arn"]},
    }
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "LoggingConfiguration" in bucket


def test_an_erased_recording_is_gone_within_a_week(template: CloudTemplate) -> None:
    rules = template.only("AWS::S3::Bucket", "Recordings")[1]["LifecycleConfiguration"]["Rules"]
    assert {"NoncurrentDays": 7} in [each.get("NoncurrentVersionExpiration") for each in rules]
    assert any(each.get("ExpiredObjectDeleteMarker") for each in rules)


def test_no_lifecycle_rule_ends_a_recording_that_its_mailbox_still_keeps(template: CloudTemplate) -> None:
    rules = template.only("AWS::S3::Bucket", "Recordings")[1]["LifecycleConfiguration"]["Rules"]
    ending = [each for each in rules if {"ExpirationInDays", "ExpirationDate", "Transitions"} & set(each)]
    assert {each["Prefix"]: each["ExpirationInDays"] for each in ending} == {"exports/": 7, "imports/": 1}


def test_every_bucket_blocks_the_public_encrypts_and_refuses_plain_http(template: CloudTemplate) -> None:
    policies = {each["Bucket"]["Ref"]: each for each in template.properties("AWS::S3::BucketPolicy").values()}
    for name, bucket in template.properties("AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        denied = [each for each in policies[name]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [each["Condition"] for each in denied]


def test_queues_and_topic_refuse_plain_http_and_queues_are_encrypted(template: CloudTemplate) -> None:
    for queue in template.properties("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
    guarded = {**template.properties("AWS::SQS::QueuePolicy"), **template.properties("AWS::SNS::TopicPolicy")}
    refs = json.dumps([each.get("Queues", each.get("Topics")) for each in guarded.values()])
    for kind in ("AWS::SQS::Queue", "AWS::SNS::Topic"):
        assert all(f'"{name}"' in refs for name in template.resources(kind))
    for policy in guarded.values():
        denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [each["Condition"] for each in denied]


def test_a_follow_up_is_tried_a_few_times_and_then_kept_for_two_weeks(template: CloudTemplate) -> None:
    failed, properties = template.only("AWS::SQS::Queue", "FailedFollowUps")
    _, queue = template.only("AWS::SQS::Queue", "MessagesFollowUps")
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": [failed, "Arn"]}, "maxReceiveCount": 5}
    assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_logs_are_kept_for_a_month(template: CloudTemplate) -> None:
    assert {each["RetentionInDays"] for each in template.properties("AWS::Logs::LogGroup").values()} == {30}


def test_secrets_are_made_with_empty_fields_that_never_change(template: CloudTemplate) -> None:
    # A template with another text would have CloudFormation write over what the owner filled in.
    texts = {name: each["SecretString"] for name, each in template.properties("AWS::SecretsManager::Secret").items()}
    assert sorted(texts.values()) == [
        '{"account_sid":"","auth_token":"","previous_auth_token":"","api_key":"","api_secret":""}',
        '{"api_key":""}',
    ]


def test_secrets_that_nobody_filled_in_are_refused_and_filled_in_ones_are_read() -> None:
    with pytest.raises(ConfigurationError, match="account_sid"):
        credentials.parse_twilio(json.dumps(dict(secrets.TWILIO)))
    with pytest.raises(ConfigurationError, match="api_key"):
        credentials.parse_deepgram(json.dumps(dict(secrets.DEEPGRAM)))
    filled = credentials.parse_twilio(json.dumps({name: f"my {name}" for name in secrets.TWILIO}))
    assert filled.auth_tokens == ("my auth_token", "my previous_auth_token")
    assert credentials.parse_deepgram(json.dumps(dict.fromkeys(secrets.DEEPGRAM, "mine"))).api_key == "mine"
