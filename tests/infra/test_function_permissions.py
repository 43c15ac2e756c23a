"""Each function may do what its work needs, where it needs it, and nothing else."""

import pytest

from tests.infra.cloud_template import (
    API,
    HANDLERS,
    ON_FOLLOW_UP,
    ON_SCHEDULE,
    ON_TABLE_CHANGE,
    PIPELINE,
    WEBHOOKS,
    CloudTemplate,
)

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
        "dynamodb:DeleteTable",
        "dynamodb:UpdateTable",
        "s3:DeleteObject",
        "s3:PutBucketPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:CreateGrant",
        "secretsmanager:PutSecretValue",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
        "iam:PassRole",
        "lambda:InvokeFunction",
    ],
)
def test_no_function_may_erase_or_change_what_it_stands_on(template: CloudTemplate, handler: str, action: str) -> None:
    assert not template.may(handler, action)


def test_only_what_calls_are_found_by_can_be_erased_and_only_by_the_pipeline(template: CloudTemplate) -> None:
    erasing = [(handler, each) for handler in HANDLERS for each in template.may(handler, "dynamodb:BatchWriteItem")]
    assert [handler for handler, _ in erasing] == list(PIPELINE)
    only_words = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["POSTING#*", "SPELLING#*"]}}
    for _, statement in erasing:
        assert statement.condition == only_words
        assert statement.actions == ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem")


def test_the_api_reads_the_words_of_several_calls_at_once_and_the_webhooks_of_none(template: CloudTemplate) -> None:
    assert len(template.may(API, "dynamodb:BatchGetItem")) == 1
    assert template.may(WEBHOOKS, "dynamodb:BatchGetItem") == []


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "sns:Publish", "sqs:SendMessage", "dynamodb:Query"])
def test_webhooks_can_neither_hear_recordings_nor_find_words_nor_tell_anybody(
    template: CloudTemplate, action: str
) -> None:
    assert not template.may(WEBHOOKS, action)


_ON_ITEMS = {"GetItem", "PutItem", "UpdateItem"}
_ON_WORDS = {"BatchGetItem", "BatchWriteItem"}
_OF_A_STREAM = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}


@pytest.mark.parametrize(
    ("handler", "actions"),
    [
        (WEBHOOKS, _ON_ITEMS),
        (API, {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem"}),
        (ON_TABLE_CHANGE, {*_ON_ITEMS, "Query", *_ON_WORDS, *_OF_A_STREAM}),
        (ON_FOLLOW_UP, {*_ON_ITEMS, "Query", *_ON_WORDS}),
        (ON_SCHEDULE, {*_ON_ITEMS, "Query", *_ON_WORDS}),
    ],
)
def test_a_function_may_do_in_the_table_what_its_work_needs_and_nothing_else(
    template: CloudTemplate, handler: str, actions: set[str]
) -> None:
    allowed = {action for each in template.statements(handler) for action in each.actions}
    in_the_table = {action.partition(":")[2] for action in allowed if action.startswith("dynamodb:")}
    assert in_the_table == actions


@pytest.mark.parametrize("action", ["s3:PutObject", "sns:Publish", "sqs:SendMessage", "secretsmanager:GetSecretValue"])
def test_the_api_can_neither_store_audio_nor_send_nor_read_secrets(template: CloudTemplate, action: str) -> None:
    assert not template.may(API, action)


def _leading(template: CloudTemplate, action: str) -> set[str]:
    """Return which partitions the API may touch by *action*."""
    conditions = [each.condition["ForAllValues:StringLike"] for each in template.may(API, f"dynamodb:{action}")]
    return {key for condition in conditions for key in condition["dynamodb:LeadingKeys"]}


def test_the_api_writes_what_is_not_a_calls_and_removes_only_numbers_and_readers(template: CloudTemplate) -> None:
    assert _leading(template, "PutItem") == {"TICKET#*", "IDEMPOTENCY#*", "MAILBOX#*", "NUMBER#*", "READER#*"}
    assert _leading(template, "DeleteItem") == {"NUMBER#*", "READER#*"}
    assert not any(template.may(API, f"dynamodb:{action}") for action in DYNAMODB_WRITES if "Batch" in action)


def test_of_a_call_the_api_changes_marks_and_asks_for_deliveries_and_nothing_else(template: CloudTemplate) -> None:
    (change,) = [each for each in template.may(API, "dynamodb:UpdateItem") if "CALL#*" in str(each.condition)]
    allowed = set(change.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"])
    assert allowed == {
        *("pk", "sk", "read_at", "archived_at", "note", "tags", "marks_revision"),
        *("state", "changed_at", "asked_at"),
    }
    assert _leading(template, "UpdateItem") == {"CALL#*", "IDEMPOTENCY#*"}


@pytest.mark.parametrize("handler", [each for each in HANDLERS if each != API])
@pytest.mark.parametrize("action", ["dynamodb:DeleteItem", "sns:Subscribe"])
def test_no_other_function_may_remove_items_or_subscribe_anybody(
    template: CloudTemplate, handler: str, action: str
) -> None:
    assert not template.may(handler, action)


def test_the_api_subscribes_by_email_to_the_one_topic(template: CloudTemplate) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Messages")
    (subscribe,) = template.may(API, "sns:Subscribe")
    assert subscribe.condition == {"StringEquals": {"sns:Protocol": "email"}}
    for action in ("sns:Subscribe", "sns:ListSubscriptionsByTopic"):
        assert [each.resources for each in template.may(API, action)] == [(f'{{"Ref": "{topic}"}}',)]


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
def test_the_pipeline_stores_and_reads_recordings_and_nothing_else_in_the_bucket(
    template: CloudTemplate, handler: str
) -> None:
    for action in ("s3:PutObject", "s3:GetObject"):
        (statement,) = template.may(handler, action)
        assert all("/recordings/*" in resource for resource in statement.resources)


@pytest.mark.parametrize("handler", PIPELINE)
def test_the_pipeline_tells_by_the_one_topic_and_schedules_on_the_one_queue(
    template: CloudTemplate, handler: str
) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Messages")
    queue, _ = template.only("AWS::SQS::Queue", "MessagesFollowUps")
    assert [each.resources for each in template.may(handler, "sns:Publish")] == [(f'{{"Ref": "{topic}"}}',)]
    assert any(queue in resource for each in template.may(handler, "sqs:SendMessage") for resource in each.resources)


@pytest.mark.parametrize(
    ("handler", "vendors"), [(WEBHOOKS, ("Twilio",)), *((each, ("Twilio", "Deepgram")) for each in PIPELINE)]
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
