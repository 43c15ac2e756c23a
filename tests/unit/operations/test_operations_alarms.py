"""Who is to be told of alarms must have agreed to it, and the doctor says who has not."""

from dataclasses import replace
from typing import cast

import pytest

from operations.checks.alarms import check_alarms
from operations.checks.instruments import Instruments
from operations.choices import Choices
from operations.deployment import deployment
from operations.doctor import CHECKS
from operations.stack import Cloud
from operations.subscriptions import subscriptions
from tests.unit.operations.conftest import MakeStack


class _Told:
    def __init__(self, **confirmed: bool) -> None:
        self._confirmed = confirmed

    def alarm_subscriptions(self) -> dict[str, bool]:
        return self._confirmed


@pytest.mark.parametrize(("has_confirmed", "wrong"), [(True, ""), (False, "has not confirmed")])
def test_an_address_that_has_not_confirmed_is_found(*, has_confirmed: bool, wrong: str) -> None:
    (finding,) = check_alarms(cast("Instruments", _Told(night=has_confirmed)))
    assert finding.subject == "alarms, night"
    assert wrong in finding.wrong
    assert finding.is_ok == has_confirmed
    assert bool(finding.mend) != has_confirmed


def test_nobody_to_tell_is_a_choice() -> None:
    assert check_alarms(cast("Instruments", _Told())) == []
    assert check_alarms in [check for _, check in CHECKS]


def test_the_addresses_are_those_of_the_topic_that_the_stack_names(
    cloud: Cloud, choices: Choices, make_stack: MakeStack
) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="night@example.com")
    outputs = {"VoiceUrl": "https://a.example/twilio/voice", "TableName": "t", "TopicArn": "t"}
    make_stack(AlarmTopicArn=topic, TwilioSecret="t", DeepgramSecret="d", **outputs)
    found = deployment(cloud, choices)
    assert found.alarm_topic_arn == topic
    assert list(subscriptions(cloud, found.alarm_topic_arn)) == ["night@example.com"]
    assert replace(found, alarm_topic_arn="").alarm_topic_arn == ""
