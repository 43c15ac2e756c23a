"""What whoever deploys may choose is read with care, and does what the table of flags says."""

import inspect
import re
from collections.abc import Callable
from typing import cast

import aws_cdk as cdk
import pytest
from constructs import Node

from infra import context
from infra.app import ROOT
from infra.context import ContextError
from infra.python_function import RETENTION
from tests.infra.cloud_template import API, EVERYTHING, WEBHOOKS, CloudTemplate

CERTIFICATE = EVERYTHING["certificateArn"]
SERVERS = ("AWS::EC2::", "AWS::ECS::", "AWS::ElasticLoadBalancingV2::", "AWS::CloudFront::VpcOrigin", "Custom::AWS")


def _node(**values: object) -> Node:
    return cdk.App(context=values, analytics_reporting=False).node


def test_every_reader_there_is_is_among_those_that_check() -> None:
    takes_a_node = {
        each
        for name, each in inspect.getmembers(context, inspect.isfunction)
        if not name.startswith("_") and list(inspect.signature(each).parameters) == ["node"]
    }
    assert takes_a_node == set(context.READERS)


def test_the_table_names_every_flag_that_is_read() -> None:
    assert context.__doc__ is not None
    listed = re.findall(r"^\| (\w+) ", context.__doc__, flags=re.MULTILINE)[1:]
    for read, names in context.READERS.items():
        asked = _Asked()
        read(cast("Node", asked))
        # A firewall and zones depend on the region.
        assert asked.names - {"region"} == set(names) - {"region"}
    assert sorted(listed) == sorted(context.NAMES)


def test_no_module_reads_a_flag_past_the_readers() -> None:
    reading = [path.name for path in (ROOT / "infra").glob("*.py") if "try_get_context" in path.read_text("utf-8")]
    assert reading == ["context.py"]


def test_the_days_that_may_be_chosen_are_those_that_logs_can_be_kept() -> None:
    assert list(RETENTION) == list(context.LOG_DAYS)


class _Asked:
    """Remembers what it is asked for, and has what makes a firewall possible and zones be looked at."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def try_get_context(self, key: str) -> str | None:
        self.names.add(key)
        return {"waf": "on", "region": "us-east-1", "zones": "us-east-1a,us-east-1b"}.get(key)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("streamer", "no", context.has_streamer),
        ("streamer", False, context.has_streamer),
        ("waf", "true", context.has_firewall),
        ("region", "Frankfurt", context.region),
        ("domain", "https://calls.example.com", context.own_domain),
        ("certificateArn", CERTIFICATE.replace("us-east-1", "eu-west-1"), context.own_domain),  # type: ignore[attr-defined]
        ("alarmEmail", "nobody", context.alarm_email),
        ("monthlyBudget", "0", context.monthly_budget_dollars),
        ("deepgramSlots", "many", context.deepgram_slots),
        ("logDays", "31", context.log_days),
        ("recordingDays", -1, context.recording_days),
        ("zones", "us-east-1a", context.zones),
        ("zones", "us-east-1a,us-east-1a", context.zones),
        ("zones", "us-east-1a, us-east-1b", context.zones),
        ("zones", "use1-az1,use1-az2", context.zones),
        ("twilioSecret", "ringscribe/twilio", context.twilio_secret),
        ("deepgramSecret", "arn:aws:s3:::deepgram", context.deepgram_secret),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(
    name: str, value: object, read: Callable[[Node], object]
) -> None:
    with pytest.raises(ContextError, match=name):
        read(_node(**{name: value}))


@pytest.mark.parametrize("given", ["domain", "certificateArn"])
def test_a_domain_without_its_certificate_is_refused_and_the_other_way_round(given: str) -> None:
    with pytest.raises(ContextError, match="go together"):
        context.own_domain(_node(**{given: EVERYTHING[given]}))


def test_zones_of_another_region_are_refused() -> None:
    with pytest.raises(ContextError, match="zones"):
        context.zones(_node(zones="us-east-1a,us-east-1b", region="eu-west-1"))


def test_all_that_can_be_chosen_is_checked_at_once() -> None:
    context.check(EVERYTHING)
    with pytest.raises(ContextError, match="logDays"):
        context.check({**EVERYTHING, "logDays": "31"})


def test_a_firewall_where_cloudfront_takes_none_from_is_refused() -> None:
    for elsewhere in ({}, {"region": "eu-central-1"}):
        with pytest.raises(ContextError, match="region=us-east-1"):
            context.has_firewall(_node(waf="on", **elsewhere))


def test_without_the_streamer_nothing_is_left_that_costs_by_the_hour(
    template: CloudTemplate, recordings_only: CloudTemplate
) -> None:
    def servers(stack: CloudTemplate) -> list[str]:
        return [kind for each in stack.body["Resources"].values() if (kind := each["Type"]).startswith(SERVERS)]

    assert servers(template)
    assert servers(recordings_only) == []
    _, edge = recordings_only.only("AWS::CloudFront::Distribution")
    paths = {each["PathPattern"] for each in edge["DistributionConfig"]["CacheBehaviors"]}
    assert paths == {"/twilio/*", "/api/*"}


def test_without_the_streamer_no_alarm_waits_for_one(recordings_only: CloudTemplate) -> None:
    assert '"streamer"' not in recordings_only.text
    assert "no-streamer" not in recordings_only.text


def test_a_name_of_ones_own_is_the_public_origin_and_brings_a_newer_tls(everything: CloudTemplate) -> None:
    _, edge = everything.only("AWS::CloudFront::Distribution")
    config = edge["DistributionConfig"]
    assert config["Aliases"] == ["calls.example.com"]
    assert config["ViewerCertificate"]["AcmCertificateArn"] == CERTIFICATE
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert everything.environment(WEBHOOKS)["PUBLIC_ORIGIN"] == "https://calls.example.com"


def test_the_firewall_leaves_twilio_alone_and_bounds_the_rest(everything: CloudTemplate) -> None:
    name, firewall = everything.only("AWS::WAFv2::WebACL")
    _, edge = everything.only("AWS::CloudFront::Distribution")
    assert edge["DistributionConfig"]["WebACLId"] == {"Fn::GetAtt": [name, "Arn"]}
    assert firewall["Scope"] == "CLOUDFRONT"
    for rule in firewall["Rules"]:
        (statement,) = rule["Statement"].values()
        others = statement["ScopeDownStatement"]["NotStatement"]["Statement"]["OrStatement"]["Statements"]
        spared = {each["ByteMatchStatement"]["SearchString"] for each in others}
        assert spared == {"/twilio/", "/media"}


def test_another_issuer_takes_the_place_of_our_user_pool(everything: CloudTemplate) -> None:
    assert not everything.resources("AWS::Cognito::UserPool")
    variables = everything.environment(API)
    assert variables["JWT_ISSUER"] == EVERYTHING["jwtIssuer"]
    assert variables["JWKS_URL"] == EVERYTHING["jwksUrl"]


def test_logs_and_recordings_stay_as_long_as_was_chosen(everything: CloudTemplate, template: CloudTemplate) -> None:
    assert {each["RetentionInDays"] for each in everything.properties("AWS::Logs::LogGroup").values()} == {90}
    assert {each["RetentionInDays"] for each in template.properties("AWS::Logs::LogGroup").values()} == {30}
    _, bucket = everything.only("AWS::S3::Bucket", "Recordings")
    assert {"ExpirationInDays": 365, "Status": "Enabled"} in bucket["LifecycleConfiguration"]["Rules"]


def test_the_alarms_go_to_the_chosen_address(everything: CloudTemplate, template: CloudTemplate) -> None:
    _, mail = everything.only("AWS::SNS::Subscription")
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "night@example.com")
    assert mail["TopicArn"] == {"Ref": everything.only("AWS::SNS::Topic", "Alarms")[0]}
    assert not template.resources("AWS::SNS::Subscription")


def test_the_budget_and_deepgrams_limit_are_as_chosen(everything: CloudTemplate) -> None:
    _, budget = everything.only("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 75, "Unit": "USD"}
    _, alarm = everything.only("AWS::CloudWatch::Alarm", "slotsnearquota")
    assert alarm["Threshold"] == 160
