"""Each function is given every setting it needs, no secret, and the machine it was bundled for."""

import json
import re

import pytest

from functions.jobs import erasures
from functions.pipeline import digesting, retrying, sweeping, telling, wakes
from infra.bundling import LAMBDA
from operations.checks import capacity
from telephony import jobs, repairs
from telephony.aws import clients, table
from telephony.ports.search import INDEXING_LEASE
from telephony.rest import client, recordings, texter
from telephony.settings import ApiSettings, JobsSettings, PipelineSettings, Settings, WebhookSettings
from tests.infra import settings
from tests.infra.cloud_template import (
    API,
    HANDLERS,
    JOBS,
    ON_FOLLOW_UP,
    ON_JOB,
    ON_ROUNDS,
    ON_SCHEDULE,
    ON_TABLE_CHANGE,
    PIPELINE,
    WEBHOOKS,
    CloudTemplate,
)

SETTINGS = {
    WEBHOOKS: WebhookSettings,
    API: ApiSettings,
    **dict.fromkeys(PIPELINE, PipelineSettings),
    **dict.fromkeys(JOBS, JobsSettings),
}


@pytest.mark.parametrize(("handler", "kind"), SETTINGS.items())
def test_every_required_setting_is_given_and_none_that_nobody_reads(
    template: CloudTemplate, handler: str, kind: type[Settings]
) -> None:
    given = set(template.environment(handler))
    assert settings.required(kind) <= given <= settings.known(kind)


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_environment_names_secrets_and_holds_none(template: CloudTemplate, handler: str) -> None:
    secrets = template.resources("AWS::SecretsManager::Secret")
    for name, value in template.environment(handler).items():
        assert not re.search(r"TOKEN|PASSWORD|API_KEY", name)
        if "SECRET" in name:
            assert value["Ref"] in secrets


def test_no_secret_value_is_in_the_template(template: CloudTemplate) -> None:
    for secret in template.properties("AWS::SecretsManager::Secret").values():
        assert set(json.loads(secret["SecretString"]).values()) == {""}
    assert not re.search(r"\b(AC|SK)[0-9a-f]{32}\b|-----BEGIN", template.text)


def test_the_webhooks_know_whether_there_is_a_streamer(template: CloudTemplate, recordings_only: CloudTemplate) -> None:
    assert template.environment(WEBHOOKS)["HAS_STREAMER"] == "true"
    assert recordings_only.environment(WEBHOOKS)["HAS_STREAMER"] == "false"


@pytest.mark.parametrize("handler", HANDLERS)
def test_in_the_cloud_no_program_in_a_private_network_is_told(template: CloudTemplate, handler: str) -> None:
    assert "WEBHOOKS_MAY_BE_LOCAL" not in template.environment(handler)
    assert settings.default(PipelineSettings, "webhooks_may_be_local") is False


@pytest.mark.parametrize("handler", HANDLERS)
def test_functions_run_on_what_the_bundle_was_made_for(template: CloudTemplate, handler: str) -> None:
    _, function = template.function(handler)
    assert LAMBDA.platform is not None
    assert function["Runtime"] == f"python{LAMBDA.python}"
    assert [LAMBDA.platform.startswith("aarch64"), function["Architectures"]] == [True, ["arm64"]]


def test_webhooks_answer_or_fail_before_twilio_stops_waiting(template: CloudTemplate) -> None:
    assert template.function(WEBHOOKS)[1]["Timeout"] < 15


def test_a_change_of_a_call_wakes_the_pipeline_and_other_items_do_not(template: CloudTemplate) -> None:
    function, _ = template.function(ON_TABLE_CHANGE)
    _, source = template.only("AWS::Lambda::EventSourceMapping", "OnTableChange")
    assert source["FunctionName"] == {"Ref": function}
    patterns = [json.loads(each["Pattern"]) for each in source["FilterCriteria"]["Filters"]]
    assert patterns == [
        {"dynamodb": {"NewImage": {name: {"S": list(texts)} for name, texts in pattern.items()}}}
        for pattern in table.WAKES_PIPELINE
    ]
    assert len(patterns) <= 5  # more must be asked for at AWS


def test_of_a_stream_only_its_end_wakes(template: CloudTemplate) -> None:
    _, source = template.only("AWS::Lambda::EventSourceMapping", "OnTableChange")
    streams = [each["Pattern"] for each in source["FilterCriteria"]["Filters"] if "STREAM" in each["Pattern"]]
    image = {"kind": {"S": ["STREAM"]}, "state": {"S": ["ended"]}}
    assert [json.loads(each) for each in streams] == [{"dynamodb": {"NewImage": image}}]


def test_a_change_that_fails_is_tried_again_alone_a_bounded_number_of_times_and_then_kept(
    template: CloudTemplate,
) -> None:
    failed, _ = template.only("AWS::SQS::Queue", "FailedChanges")
    _, source = template.only("AWS::Lambda::EventSourceMapping", "OnTableChange")
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BisectBatchOnFunctionError"] is True
    assert 0 < source["MaximumRetryAttempts"] <= 10
    assert 0 < source["MaximumRecordAgeInSeconds"] <= 3600
    assert source["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [failed, "Arn"]}}}


def test_no_change_is_missed_while_the_first_deployment_is_going_on(template: CloudTemplate) -> None:
    _, source = template.only("AWS::Lambda::EventSourceMapping", "OnTableChange")
    assert source["StartingPosition"] == "TRIM_HORIZON"


def test_follow_ups_fail_one_by_one_and_are_hidden_for_longer_than_an_attempt_takes(template: CloudTemplate) -> None:
    _, function = template.function(ON_FOLLOW_UP)
    _, queue = template.only("AWS::SQS::Queue", "MessagesFollowUps")
    _, source = template.only("AWS::Lambda::EventSourceMapping", "OnFollowUp")
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] <= 10
    assert source["BatchSize"] == 1
    assert queue["VisibilityTimeout"] > function["Timeout"]


def test_jobs_go_on_one_by_one_and_their_messages_are_hidden_for_longer_than_a_run_takes(
    template: CloudTemplate,
) -> None:
    _, function = template.function(ON_JOB)
    _, queue = template.only("AWS::SQS::Queue", "JobQueueWaiting")
    _, source = template.only("AWS::Lambda::EventSourceMapping", "OnJob")
    failed, _ = template.only("AWS::SQS::Queue", "JobQueueFailed")
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (source["BatchSize"], source["ScalingConfig"]["MaximumConcurrency"]) == (1, 5)
    assert queue["VisibilityTimeout"] > function["Timeout"]
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": [failed, "Arn"]}, "maxReceiveCount": jobs.MAX_ATTEMPTS + 1}
    assert queue["RedrivePolicy"] == redrive


def test_a_run_of_a_job_ends_before_its_time_which_is_its_lease(template: CloudTemplate) -> None:
    timeout_s: int = template.function(ON_JOB)[1]["Timeout"]
    work_s = float(settings.default(JobsSettings, "work_s"))
    # A step of an erasure, when Twilio answers at the last moment: two lists, a recording, an SMS.
    step_s = erasures.PAGE_CALLS * 4 * client.TIMEOUT_S
    assert work_s + step_s < timeout_s <= jobs.LEASE.total_seconds()
    assert timeout_s < float(settings.default(JobsSettings, "stale_after_s"))


def test_the_doctor_knows_how_much_of_the_accounts_capacity_may_be_taken_from_callers(template: CloudTemplate) -> None:
    sources = template.properties("AWS::Lambda::EventSourceMapping").values()
    taken = [each.get("ParallelizationFactor") or each["ScalingConfig"]["MaximumConcurrency"] for each in sources]
    # Of a stream, each shard may; a table of this size has one.
    assert (len(taken), sum(taken)) == (3, capacity.BACKGROUND)


def test_the_rounds_are_made_every_quarter_of_an_hour(template: CloudTemplate) -> None:
    function, _ = template.function(ON_ROUNDS)
    _, rule = template.only("AWS::Events::Rule", "Jobs")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(15 minutes)", "ENABLED")
    assert [each["Arn"] for each in rule["Targets"]] == [{"Fn::GetAtt": [function, "Arn"]}]


def test_the_sweeper_runs_every_five_minutes_and_is_the_rules_alone_to_call(template: CloudTemplate) -> None:
    function, _ = template.function(ON_SCHEDULE)
    arn = {"Fn::GetAtt": [function, "Arn"]}
    name, rule = template.only("AWS::Events::Rule", "Pipeline")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(5 minutes)", "ENABLED")
    assert [each["Arn"] for each in rule["Targets"]] == [arn]
    allowed = [each for each in template.properties("AWS::Lambda::Permission").values() if each["FunctionName"] == arn]
    assert [(each["Principal"], each["SourceArn"]) for each in allowed] == [
        ("events.amazonaws.com", {"Fn::GetAtt": [name, "Arn"]})
    ]


def test_every_run_of_the_pipeline_ends_before_its_time_is_up(template: CloudTemplate) -> None:
    aws_s = clients.ATTEMPTS * (clients.CONNECT_S + clients.READ_S)
    tries = len(retrying.WAITS_S) + 1
    sending_s = (texter.MAX_PAGES + tries) * client.TIMEOUT_S + sum(retrying.WAITS_S)
    outcome_s = tries * aws_s + sum(retrying.WAITS_S)
    opted_out_s = (tries + 1) * aws_s
    telling_s = telling.TELLING.total_seconds() + 6 * aws_s + sending_s + opted_out_s + outcome_s
    looking_s = digesting.GATHERING.total_seconds() + 5 * aws_s
    claiming_s = digesting.CLAIMING.total_seconds() + aws_s + sending_s + opted_out_s + outcome_s
    assert 2 * aws_s + max(looking_s, claiming_s) < telling_s
    storing_s = clients.ATTEMPTS * (clients.CONNECT_S + clients.AUDIO_READ_S)
    fetching_s = recordings.PATIENCE_S + recordings.TIMEOUT_S[1] + storing_s + aws_s
    leases_s = repairs.LEASE.total_seconds() + INDEXING_LEASE.total_seconds()
    call_s = 5 * aws_s + telling_s + fetching_s + leases_s
    sweeping_s = sweeping.RUN_LIMIT.total_seconds() + 2 * client.TIMEOUT_S + 5 * aws_s

    def limit_s(handler: str) -> int:
        timeout: int = template.function(handler)[1]["Timeout"]
        return timeout

    assert call_s < limit_s(ON_FOLLOW_UP)
    assert wakes.BEGIN_S + call_s < limit_s(ON_TABLE_CHANGE)
    assert sweeping_s + call_s < limit_s(ON_SCHEDULE)
