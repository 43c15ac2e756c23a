"""The whole template as AWS would get it: linted, checked against the rule packs, and made by a simulator."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import cfnlint  # type: ignore[import-untyped]  # it ships no types
import pytest
from moto import mock_aws

from local.aws import resources
from local.house import twilio_secret
from local.twilio.account import Account
from operations import configure
from telephony.aws import events, table
from tests.infra import moto_shim
from tests.infra.cloud_template import EVERYTHING, CloudTemplate, findings
from tests.unit.local_aws import conftest as one_machine

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STACK = "Ringscribe"
AS_DEPLOYED = "AsDeployed"
ACCOUNT = Account(sid="AC1", auth_token="token")

EXCUSED = {"W3005", "W3010"}
"""The construct library says twice what depends on what; zones are named on purpose, since CloudFront is not in all."""

endpoint = one_machine.endpoint


@pytest.fixture(scope="module")
def account(template: CloudTemplate) -> Iterator[boto3.Session]:
    """An account in which the stack has just been made."""
    with _made(template, STACK) as session:
        yield session


@pytest.fixture(scope="module")
def local(endpoint: str) -> resources.Resources:
    """What one machine has."""
    return resources.make_resources(
        resources.aws_session(),
        endpoint,
        twilio_secret=twilio_secret(ACCOUNT),
        deepgram_secret={"api_key": "key"},
    )


@contextmanager
def _made(template: CloudTemplate, name: str) -> Iterator[boto3.Session]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        moto_shim.prepare(patch)
        session = boto3.Session("testing", "testing", region_name=moto_shim.REGION)
        body = moto_shim.adapted(template.body)
        moto_shim.upload_code(session.client("s3"), body)
        session.client("cloudformation").create_stack(
            StackName=name, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_IAM"]
        )
        yield session


def test_the_whole_stack_can_be_made(account: boto3.Session, template: CloudTemplate) -> None:
    _assert_made(account, template, STACK)


def test_the_stack_as_it_is_deployed_can_be_made_too(deployed: CloudTemplate) -> None:
    with _made(deployed, AS_DEPLOYED) as session:
        _assert_made(session, deployed, AS_DEPLOYED)


def _assert_made(account: boto3.Session, template: CloudTemplate, name: str) -> None:
    cloud = account.client("cloudformation")
    (stack,) = cloud.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    made = cloud.describe_stack_resources(StackName=name)["StackResources"]
    assert {each["LogicalResourceId"] for each in made} == set(template.body["Resources"])
    said = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert said["VoiceUrl"] == "https://d111.cloudfront.net/twilio/voice"


@pytest.mark.parametrize("kind", ["template", "recordings_only", "everything", "deployed"])
def test_every_reference_leads_to_something_in_the_template(kind: str, request: pytest.FixtureRequest) -> None:
    stack = request.getfixturevalue(kind)
    assert isinstance(stack, CloudTemplate)
    there = {*stack.body["Resources"], *stack.body.get("Parameters", {})}
    missing = {name for name in _references(stack.body) if name not in there and not name.startswith("AWS::")}
    assert missing == set()
    assert len(set(_references(stack.body)) & there) > len(there) / 4


def test_a_reference_that_leads_nowhere_is_seen() -> None:
    part = {
        "a": [{"Ref": "Gone"}],
        "b": {"Fn::GetAtt": ["Lost", "Arn"]},
        "c": {"Fn::Sub": "${AWS::Region}-${Away.Arn}"},
    }
    assert sorted(_references(part)) == ["AWS::Region", "Away", "Gone", "Lost"]


def _references(part: object) -> Iterator[str]:
    """Yield the names that *part* of a template refers to."""
    match part:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from re.findall(r"\$\{([\w:]+)", text)
        case dict():
            for each in part.values():
                yield from _references(each)
        case list():
            for each in part:
                yield from _references(each)
        case _:
            pass


def test_the_functions_are_given_what_was_made(account: boto3.Session) -> None:
    made = account.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    names = {each.get("PhysicalResourceId") for each in made}
    functions = [
        each for each in account.client("lambda").list_functions()["Functions"] if each["FunctionName"] in names
    ]
    (webhooks,) = [each for each in functions if each["Handler"] == "functions.webhooks.handler.handler"]
    variables = webhooks["Environment"]["Variables"]
    assert variables["MEDIA_URL"] == "wss://d111.cloudfront.net/media"
    assert account.client("dynamodb").describe_table(TableName=variables["TABLE_NAME"])
    secret = account.client("secretsmanager").get_secret_value(SecretId=variables["TWILIO_SECRET_ARN"])
    assert set(json.loads(secret["SecretString"]).values()) == {""}


def test_the_table_on_one_machine_is_the_table_in_the_cloud(account: boto3.Session) -> None:
    dynamodb = account.client("dynamodb")
    (stack,) = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    (cloud_name,) = [each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "TableName"]
    resources.make_table(dynamodb, "local")
    assert _shape(dynamodb, "local") == _shape(dynamodb, cloud_name)


def test_the_table_on_one_machine_forgets_what_the_table_in_the_cloud_does(
    account: boto3.Session, template: CloudTemplate
) -> None:
    dynamodb = account.client("dynamodb")
    resources.make_table(dynamodb, "forgetful")
    local = dynamodb.describe_time_to_live(TableName="forgetful")["TimeToLiveDescription"]
    _, cloud = template.only("AWS::DynamoDB::Table")
    assert cloud["TimeToLiveSpecification"] == {"AttributeName": local["AttributeName"], "Enabled": True}
    assert local["AttributeName"] == table.TTL


@pytest.mark.parametrize(
    ("name", "url", "failed_url"),
    [
        ("MessagesFollowUps", "followups_queue_url", "failed_followups_queue_url"),
        ("JobQueueWaiting", "jobs_queue_url", "failed_jobs_queue_url"),
    ],
)
def test_work_is_tried_as_often_on_one_machine_as_in_the_cloud(
    template: CloudTemplate, local: resources.Resources, endpoint: str, name: str, url: str, failed_url: str
) -> None:
    _, queue = template.only("AWS::SQS::Queue", name)
    attributes = (
        resources.aws_session()
        .client("sqs", endpoint_url=endpoint)
        .get_queue_attributes(QueueUrl=getattr(local, url), AttributeNames=["RedrivePolicy", "FifoQueue"])["Attributes"]
    )
    policy = json.loads(attributes["RedrivePolicy"])
    assert queue["RedrivePolicy"]["maxReceiveCount"] == int(policy["maxReceiveCount"])
    assert policy["deadLetterTargetArn"].endswith(getattr(local, failed_url).rpartition("/")[2])
    assert ("FifoQueue" in queue) == ("FifoQueue" in attributes)


def test_topic_and_bucket_on_one_machine_differ_in_nothing_that_the_code_sees(
    template: CloudTemplate, local: resources.Resources
) -> None:
    _, topic = template.only("AWS::SNS::Topic", "Messages")
    assert "FifoTopic" not in topic
    assert not local.topic_arn.endswith(".fifo")
    _, bucket = template.only("AWS::S3::Bucket", "Recordings")
    # Versions, logs and locks change no answer to a reader or writer; the owner of what is put there would.
    assert set(bucket) <= {
        "BucketEncryption",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
    }


def test_changes_and_follow_ups_come_in_the_batches_in_which_they_come_on_one_machine(template: CloudTemplate) -> None:
    mappings = template.properties("AWS::Lambda::EventSourceMapping").values()
    (changes,) = [each for each in mappings if "StartingPosition" in each]
    (follow_ups,) = [each for each in mappings if "FollowUps" in json.dumps(each["EventSourceArn"])]
    assert (changes["BatchSize"], changes["MaximumRetryAttempts"]) == (events.CHANGES_BATCH, events.CHANGE_RETRIES)
    assert follow_ups["BatchSize"] == events.FOLLOW_UPS_BATCH


def test_the_secrets_in_the_cloud_have_the_fields_that_are_written_on_one_machine_and_by_configure(
    template: CloudTemplate,
) -> None:
    def fields(vendor: str) -> set[str]:
        _, secret = template.only("AWS::SecretsManager::Secret", vendor)
        return set(json.loads(secret["SecretString"]))

    tree = ast.parse(inspect.getsource(configure))
    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    # The token before the current one is there only once there has been one.
    assert fields("Twilio") - {"previous_auth_token"} == set(twilio_secret(ACCOUNT))
    assert fields("Twilio") | fields("Deepgram") <= texts
    assert fields("Deepgram") == {"api_key"}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", ["template", "recordings_only", "everything", "deployed"])
def test_the_linter_has_nothing_to_say(kind: str, request: pytest.FixtureRequest) -> None:
    stack = request.getfixturevalue(kind)
    assert isinstance(stack, CloudTemplate)
    config = cfnlint.api.ManualArgs(regions=[moto_shim.REGION])
    found = cfnlint.api.lint(stack.text, config=config)
    assert [str(each) for each in found if each.rule.id not in EXCUSED] == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "context", [{}, {"streamer": "off"}, EVERYTHING], ids=["as it is", "no streamer", "everything"]
)
def test_the_rule_packs_find_nothing_that_is_not_accepted_with_its_reason(
    tmp_path: Path, context: dict[str, object]
) -> None:
    assert findings(tmp_path, context) == []


def _shape(dynamodb: "DynamoDBClient", name: str) -> dict[str, object]:
    found = dynamodb.describe_table(TableName=name)["Table"]
    (index,) = found["GlobalSecondaryIndexes"]
    return {
        "keys": found["KeySchema"],
        "attributes": sorted(json.dumps(each, sort_keys=True) for each in found["AttributeDefinitions"]),
        "index": (index["IndexName"], index["KeySchema"], index["Projection"]),
        "stream": found["StreamSpecification"]["StreamViewType"],
        "billing": found["BillingModeSummary"]["BillingMode"],
    }
