"""The whole template as AWS would get it: linted, checked against the rule packs, and made by a simulator."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import cfnlint  # type: ignore[import-untyped]  # it ships no types
import pytest
from moto import mock_aws

from local.aws import resources
from telephony.aws import table
from tests.infra import moto_shim
from tests.infra.cloud_template import EVERYTHING, CloudTemplate, findings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STACK = "Ringscribe"

EXCUSED = {"W3005"}
"""The construct library says twice what depends on what."""


@pytest.fixture(scope="module")
def account(template: CloudTemplate) -> Iterator[boto3.Session]:
    """An account in which the stack has just been made."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        moto_shim.prepare(patch)
        session = boto3.Session("testing", "testing", region_name=moto_shim.REGION)
        body = moto_shim.adapted(template.body)
        moto_shim.upload_code(session.client("s3"), body)
        session.client("cloudformation").create_stack(
            StackName=STACK, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_IAM"]
        )
        yield session


def test_the_whole_stack_can_be_made_and_every_reference_leads_somewhere(
    account: boto3.Session, template: CloudTemplate
) -> None:
    cloud = account.client("cloudformation")
    (stack,) = cloud.describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    made = cloud.describe_stack_resources(StackName=STACK)["StackResources"]
    assert {each["LogicalResourceId"] for each in made} == set(template.body["Resources"])
    said = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert said["VoiceUrl"] == "https://d111.cloudfront.net/twilio/voice"


def test_the_functions_are_given_what_was_made(account: boto3.Session) -> None:
    functions = account.client("lambda").list_functions()["Functions"]
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


def test_a_follow_up_is_tried_as_often_on_one_machine_as_in_the_cloud(template: CloudTemplate) -> None:
    _, queue = template.only("AWS::SQS::Queue", "MessagesFollowUps")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == resources.ATTEMPTS


def test_the_secrets_on_one_machine_have_the_fields_of_those_in_the_cloud(template: CloudTemplate) -> None:
    made = resources.Resources.__dataclass_fields__
    for vendor in ("Twilio", "Deepgram"):
        assert template.only("AWS::SecretsManager::Secret", vendor)
        assert f"{vendor.lower()}_secret_arn" in made


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", ["template", "recordings_only", "everything"])
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
