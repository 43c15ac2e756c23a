"""Each function may do what its work needs, where it needs it, and nothing else."""

import re

import pytest

from tests.infra.cloud_template import (
    API,
    HANDLERS,
    JOBS,
    ON_SCHEDULE,
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
        "sns:Subscribe",
        "iam:PassRole",
        "lambda:InvokeFunction",
    ],
)
def test_no_function_may_change_what_it_stands_on(template: CloudTemplate, handler: str, action: str) -> None:
    assert not template.may(handler, action)


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize(
    "action", ["dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "s3:DeleteObject", "s3:DeleteObjectVersion"]
)
def test_only_the_jobs_may_erase(template: CloudTemplate, handler: str, action: str) -> None:
    assert bool(template.may(handler, action)) is (handler in JOBS)


@pytest.mark.parametrize("handler", JOBS)
def test_the_jobs_may_erase_calls_and_files_and_neither_mailboxes_nor_numbers(
    template: CloudTemplate, handler: str
) -> None:
    (items,) = template.may(handler, "dynamodb:DeleteItem")
    assert items.condition == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CALL#*", "LINK#*"]}}
    (objects,) = template.may(handler, "s3:DeleteObjectVersion")
    prefixes = ["recordings/*", "exports/*", "imports/*"]
    assert sorted(re.findall(r"/(\w+/\*)", "".join(objects.resources))) == sorted(prefixes)
    (versions,) = template.may(handler, "s3:ListBucketVersions")
    assert versions.condition == {"StringLike": {"s3:prefix": prefixes}}


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "sns:Publish", "sqs:SendMessage", "dynamodb:Query"])
def test_webhooks_can_neither_hear_recordings_nor_find_words_nor_tell_anybody(
    template: CloudTemplate, action: str
) -> None:
    assert not template.may(WEBHOOKS, action)


@pytest.mark.parametrize("action", ["sns:Publish", "secretsmanager:GetSecretValue"])
def test_the_api_can_neither_send_nor_read_secrets(template: CloudTemplate, action: str) -> None:
    assert not template.may(API, action)


def test_the_api_wakes_jobs_and_lets_files_be_put_where_imports_are_and_nowhere_else(template: CloudTemplate) -> None:
    queue, _ = template.only("AWS::SQS::Queue", "JobQueueWaiting")
    (wake,) = template.may(API, "sqs:SendMessage")
    assert wake.resources == (f'{{"Fn::GetAtt": ["{queue}", "Arn"]}}',)
    (put,) = template.may(API, "s3:PutObject")
    assert [resource.count("/imports/*") for resource in put.resources] == [1]


def test_the_api_can_write_tickets_jobs_and_marks_on_calls_and_nothing_else(template: CloudTemplate) -> None:
    writes = {action for action in DYNAMODB_WRITES if template.may(API, f"dynamodb:{action}")}
    assert writes == {"PutItem", "UpdateItem"}

    def leading(action: str) -> list[list[str]]:
        found = [each.condition["ForAllValues:StringLike"] for each in template.may(API, f"dynamodb:{action}")]
        return [each["dynamodb:LeadingKeys"] for each in found]

    assert leading("PutItem") == [["TICKET#*"], ["JOB#*", "JOBS#*"]]
    assert leading("UpdateItem") == [["CALL#*"]]


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
    ("handler", "vendors"),
    [
        (WEBHOOKS, ("Twilio",)),
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
