"""Each function may do what its work needs, where it needs it, and nothing else."""

import pytest

from telephony.aws import table
from telephony.aws.items import call_item
from telephony.aws.open_calls import opening
from telephony.aws.pauses import pause_item
from telephony.pauses import Pause
from tests import examples
from tests.infra.cloud_template import API, HANDLERS, ON_SCHEDULE, PIPELINE, WEBHOOKS, CloudTemplate

DYNAMODB_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate")


@pytest.mark.parametrize("handler", HANDLERS)
def test_no_function_may_do_everything_of_a_service_or_touch_every_resource(
    template: CloudTemplate, handler: str
) -> None:
    # ListStreams knows no resources: it lists the names of streams, and Lambda's poller asks for it.
    for statement in template.statements(handler):
        assert not any(action == "*" or action.endswith(":*") for action in statement.actions)
        assert '"*"' not in statement.resources or statement.actions == ("dynamodb:ListStreams",)


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize(
    "action",
    [
        "dynamodb:Scan",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteTable",
        "dynamodb:UpdateTable",
        "s3:DeleteObject",
        "s3:PutBucketPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:CreateGrant",
        "secretsmanager:PutSecretValue",
        "sns:Subscribe",
        "iam:PassRole",
        "lambda:InvokeFunction",
    ],
)
def test_no_function_may_erase_or_change_what_it_stands_on(template: CloudTemplate, handler: str, action: str) -> None:
    assert not template.may(handler, action)


@pytest.mark.parametrize("action", ["s3:PutObject", "sns:Publish", "sqs:SendMessage", "dynamodb:Query"])
def test_webhooks_can_neither_hear_recordings_nor_find_words_nor_tell_anybody(
    template: CloudTemplate, action: str
) -> None:
    assert not template.may(WEBHOOKS, action)


def test_webhooks_hear_what_callers_are_told_and_nothing_that_callers_say(template: CloudTemplate) -> None:
    (read,) = template.may(WEBHOOKS, "s3:GetObject")
    assert all("/greetings/*" in resource for resource in read.resources)


@pytest.mark.parametrize("action", ["s3:PutObject", "sns:Publish", "sqs:SendMessage"])
def test_the_api_can_neither_store_audio_nor_send(template: CloudTemplate, action: str) -> None:
    assert not template.may(API, action)


def test_the_api_writes_what_it_must_remember_and_no_words(template: CloudTemplate) -> None:
    writes = {action for action in DYNAMODB_WRITES if template.may(API, f"dynamodb:{action}")}
    assert writes == {"PutItem", "UpdateItem"}
    puts = template.may(API, "dynamodb:PutItem")
    keys = [put.condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for put in puts]
    assert sorted(keys) == [["CALL#*"], ["DIALS#*"], ["IDEMPOTENCY#*"], ["TICKET#*"]]
    (calls,) = (put for put, leading in zip(puts, keys, strict=True) if leading == ["CALL#*"])
    attributes = calls.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert attributes == list(table.WRITTEN_BY_API)
    assert not {"words", "text", "stored_key", "coverage", "state"} & set(attributes)


def test_what_the_api_writes_of_calls_has_no_other_attributes() -> None:
    pause = Pause(examples.CALL_SID, 1, examples.NOON, "ada", examples.NOON, is_recording_paused=True)
    written = {*pause_item(pause), *call_item(examples.ENDED_CALL), *opening(examples.CALL).item}
    never_set_at_the_beginning = {"duration_s"}
    assert written - never_set_at_the_beginning <= set(table.WRITTEN_BY_API)


def test_the_archive_is_listed_by_the_api_alone_and_open_calls_by_the_sweeper(template: CloudTemplate) -> None:
    listing = [
        (handler, each.actions, each.condition)
        for handler in HANDLERS
        for each in template.statements(handler)
        if any("/index/" in resource for resource in each.resources)
    ]
    only_open = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["OPEN"]}}
    assert listing == [(API, ("dynamodb:Query",), {}), (ON_SCHEDULE, ("dynamodb:Query",), only_open)]


@pytest.mark.parametrize("handler", PIPELINE)
def test_the_pipeline_stores_and_reads_recordings_and_phrases_and_nothing_else_in_the_bucket(
    template: CloudTemplate, handler: str
) -> None:
    for action in ("s3:PutObject", "s3:GetObject"):
        resources = [each for statement in template.may(handler, action) for each in statement.resources]
        assert sorted("/greetings/*" in each for each in resources) == [False, True]
        assert all("/greetings/*" in each or "/recordings/*" in each for each in resources)


@pytest.mark.parametrize("handler", PIPELINE)
def test_the_pipeline_tells_by_the_one_topic_and_schedules_on_the_one_queue(
    template: CloudTemplate, handler: str
) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Messages")
    queue, _ = template.only("AWS::SQS::Queue", "MessagesFollowUps")
    assert [each.resources for each in template.may(handler, "sns:Publish")] == [(f'{{"Ref": "{topic}"}}',)]
    assert any(queue in resource for each in template.may(handler, "sqs:SendMessage") for resource in each.resources)


@pytest.mark.parametrize(
    ("handler", "vendors"),
    [(WEBHOOKS, ("Twilio",)), (API, ("Twilio",)), *((each, ("Twilio", "Deepgram")) for each in PIPELINE)],
)
def test_who_calls_a_vendor_reads_its_secret_and_no_other(
    template: CloudTemplate, handler: str, vendors: tuple[str, ...]
) -> None:
    secrets = [template.only("AWS::SecretsManager::Secret", vendor)[0] for vendor in vendors]
    reads = template.may(handler, "secretsmanager:GetSecretValue")
    assert {resource for read in reads for resource in read.resources} == {f'{{"Ref": "{name}"}}' for name in secrets}


def test_each_function_writes_to_its_own_log_group_only(template: CloudTemplate) -> None:
    groups = set()
    for handler in HANDLERS:
        group = template.function(handler)[1]["LoggingConfig"]["LogGroup"]["Ref"]
        (write,) = template.may(handler, "logs:PutLogEvents")
        assert write.resources == (f'{{"Fn::GetAtt": ["{group}", "Arn"]}}',)
        groups.add(group)
    assert len(groups) == len(HANDLERS)
