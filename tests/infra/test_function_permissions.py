"""Each function may do what its work needs, where it needs it, and nothing else."""

import re

import pytest

from telephony.aws import table
from telephony.aws.attributes import encode_item
from telephony.aws.items import call_item
from telephony.aws.open_calls import opening
from telephony.aws.pauses import pause_item
from telephony.pauses import Pause
from tests import examples
from tests.infra.cloud_template import (
    API,
    HANDLERS,
    JOBS,
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
        "s3:DeleteBucket",
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "kms:ScheduleKeyDeletion",
        "kms:CreateGrant",
        "secretsmanager:PutSecretValue",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
        "iam:PassRole",
        "lambda:InvokeFunction",
    ],
)
def test_no_function_may_change_what_it_stands_on(template: CloudTemplate, handler: str, action: str) -> None:
    assert not template.may(handler, action)


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_only_the_jobs_may_erase_sound(template: CloudTemplate, handler: str, action: str) -> None:
    assert bool(template.may(handler, action)) is (handler in JOBS)


@pytest.mark.parametrize("handler", HANDLERS)
def test_items_are_erased_by_who_must_and_of_what_they_must_alone(template: CloudTemplate, handler: str) -> None:
    words = ["POSTING#*", "SPELLING#*"]
    may_erase = {
        **{each: [words] for each in PIPELINE},
        **{each: [["CALL#*", "LINK#*"], words] for each in JOBS},
        API: [["NUMBER#*", "READER#*"]],
    }
    erasing = [
        each.condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for each in template.statements(handler)
        if {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} & set(each.actions)
    ]
    assert sorted(erasing) == sorted(may_erase.get(handler, []))


def test_the_api_reads_the_words_of_several_calls_at_once_and_the_webhooks_of_none(template: CloudTemplate) -> None:
    assert len(template.may(API, "dynamodb:BatchGetItem")) == 1
    assert template.may(WEBHOOKS, "dynamodb:BatchGetItem") == []


@pytest.mark.parametrize("handler", JOBS)
def test_the_jobs_erase_below_their_prefixes_alone(template: CloudTemplate, handler: str) -> None:
    (objects,) = template.may(handler, "s3:DeleteObjectVersion")
    prefixes = ["recordings/*", "exports/*", "imports/*"]
    assert sorted(re.findall(r"/(\w+/\*)", "".join(objects.resources))) == sorted(prefixes)
    (versions,) = template.may(handler, "s3:ListBucketVersions")
    assert versions.condition == {"StringLike": {"s3:prefix": prefixes}}


@pytest.mark.parametrize("action", ["s3:PutObject", "sns:Publish", "sqs:SendMessage", "dynamodb:Query"])
def test_webhooks_can_neither_hear_recordings_nor_find_words_nor_tell_anybody(
    template: CloudTemplate, action: str
) -> None:
    assert not template.may(WEBHOOKS, action)


def test_webhooks_hear_what_callers_are_told_and_nothing_that_callers_say(template: CloudTemplate) -> None:
    (read,) = template.may(WEBHOOKS, "s3:GetObject")
    assert all("/greetings/*" in resource for resource in read.resources)


_ON_ITEMS = {"GetItem", "PutItem", "UpdateItem", "ConditionCheckItem"}
_ON_WORDS = {"BatchGetItem", "BatchWriteItem"}
_OF_A_STREAM = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}


@pytest.mark.parametrize(
    ("handler", "actions"),
    [
        (WEBHOOKS, _ON_ITEMS),
        (API, {*_ON_ITEMS, "DeleteItem", "Query", "BatchGetItem"}),
        (ON_TABLE_CHANGE, {*_ON_ITEMS, "Query", *_ON_WORDS, *_OF_A_STREAM}),
        (ON_FOLLOW_UP, {*_ON_ITEMS, "Query", *_ON_WORDS}),
        (ON_SCHEDULE, {*_ON_ITEMS, "Query", *_ON_WORDS}),
        *[(each, {*_ON_ITEMS, "Query", *_ON_WORDS, "DeleteItem"}) for each in JOBS],
    ],
)
def test_a_function_may_do_in_the_table_what_its_work_needs_and_nothing_else(
    template: CloudTemplate, handler: str, actions: set[str]
) -> None:
    allowed = {action for each in template.statements(handler) for action in each.actions}
    in_the_table = {action.partition(":")[2] for action in allowed if action.startswith("dynamodb:")}
    assert in_the_table == actions


@pytest.mark.parametrize("action", ["sns:Publish"])
def test_the_api_can_not_send(template: CloudTemplate, action: str) -> None:
    assert not template.may(API, action)


def _leading(template: CloudTemplate, action: str) -> set[str]:
    """Return which partitions the API may touch by *action*."""
    conditions = [each.condition["ForAllValues:StringLike"] for each in template.may(API, f"dynamodb:{action}")]
    return {key for condition in conditions for key in condition["dynamodb:LeadingKeys"]}


def test_the_api_writes_what_is_not_a_calls_and_removes_only_numbers_and_readers(template: CloudTemplate) -> None:
    others = {"TICKET#*", "IDEMPOTENCY#*", "MAILBOX#*", "NUMBER#*", "READER#*", "DIALS#*", "JOB#*", "JOBS#*", "HOOK#*"}
    assert _leading(template, "PutItem") == {*others, "CALL#*"}
    assert _leading(template, "DeleteItem") == {"NUMBER#*", "READER#*"}
    assert not any(template.may(API, f"dynamodb:{action}") for action in DYNAMODB_WRITES if "Batch" in action)


def test_of_a_call_the_api_writes_marks_wishes_beginnings_and_pauses_and_no_words(template: CloudTemplate) -> None:
    writing = [each for each in template.may(API, "dynamodb:UpdateItem") if "CALL#*" in str(each.condition)]
    attributes = [each.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"] for each in writing]
    assert sorted(attributes) == sorted([list(table.CHANGED_BY_API), list(table.WRITTEN_BY_API)])
    assert set(table.CHANGED_BY_API) == {
        *("pk", "sk", "read_at", "archived_at", "note", "tags", "marks_revision"),
        *("state", "changed_at", "asked_at"),
        *("held_at", "erasing_at"),
    }
    assert not {"words", "text", "stored_key", "coverage", "state"} & set(table.WRITTEN_BY_API)
    assert _leading(template, "UpdateItem") == {"CALL#*", "IDEMPOTENCY#*", "DIALS#*"}


def test_a_new_item_of_a_call_by_the_api_holds_what_one_begins_or_is_paused_with(template: CloudTemplate) -> None:
    (put,) = [each for each in template.may(API, "dynamodb:PutItem") if "CALL#*" in str(each.condition)]
    assert put.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"] == list(table.WRITTEN_BY_API)


def test_what_the_api_writes_of_calls_has_no_other_attributes() -> None:
    pause = Pause(examples.CALL_SID, 1, examples.NOON, "ada", examples.NOON, is_recording_paused=True)
    items = (pause_item(pause), call_item(examples.CALL), opening(examples.CALL).item)
    assert {name for item in items for name in encode_item(item)} <= set(table.WRITTEN_BY_API)


@pytest.mark.parametrize("handler", [each for each in HANDLERS if each != API])
def test_no_other_function_may_subscribe_anybody(template: CloudTemplate, handler: str) -> None:
    assert not template.may(handler, "sns:Subscribe")


def test_the_api_subscribes_by_email_to_the_one_topic(template: CloudTemplate) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Messages")
    (subscribe,) = template.may(API, "sns:Subscribe")
    assert subscribe.condition == {"StringEquals": {"sns:Protocol": "email"}}
    for action in ("sns:Subscribe", "sns:ListSubscriptionsByTopic"):
        assert [each.resources for each in template.may(API, action)] == [(f'{{"Ref": "{topic}"}}',)]


def test_the_api_wakes_jobs_and_lets_files_be_put_where_imports_are_and_nowhere_else(template: CloudTemplate) -> None:
    queue, _ = template.only("AWS::SQS::Queue", "JobQueueWaiting")
    (wake,) = template.may(API, "sqs:SendMessage")
    assert wake.resources == (f'{{"Fn::GetAtt": ["{queue}", "Arn"]}}',)
    (put,) = template.may(API, "s3:PutObject")
    assert [resource.count("/imports/*") for resource in put.resources] == [1]


def test_the_archive_is_listed_by_the_api_and_the_jobs_and_open_calls_by_the_sweeper(template: CloudTemplate) -> None:
    listing = [
        (handler, each.actions, each.condition)
        for handler in HANDLERS
        for each in template.statements(handler)
        if any("/index/" in resource for resource in each.resources)
    ]
    only_open = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["OPEN"]}}
    lists = ["MAILBOX#*", "KEEPING", "ERASED", "OPEN_JOBS"]
    only_due = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": lists}}
    assert listing == [
        (API, ("dynamodb:Query",), {}),
        (ON_SCHEDULE, ("dynamodb:Query",), only_open),
        *((handler, ("dynamodb:Query",), only_due) for handler in JOBS),
    ]


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
    [
        (WEBHOOKS, ("Twilio",)),
        (API, ("Twilio",)),
        *((each, ("Twilio", "Deepgram")) for each in PIPELINE),
        *((each, ("Twilio",)) for each in JOBS),
    ],
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
