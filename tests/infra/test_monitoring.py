"""What is watched exists, what exists is shown, and each alarm says what to do about it."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration

from infra.app import ROOT
from infra.jobs import Jobs
from infra.metric import SERVICES
from infra.pipeline import Pipeline
from infra.spending import NAME as SPEND
from infra.watch import RUNBOOK
from telephony.metrics import NAMESPACE, Metric
from tests.infra.cloud_template import ON_ROUNDS, ON_SCHEDULE, CloudTemplate

DEPLOYABLES: Mapping[str, str] = {
    "webhooks": "functions/webhooks",
    "api": "functions/api",
    "pipeline": "functions/pipeline",
    "jobs": "functions/jobs",
    "streamer": "streamer",
}
"""Where each service's code is."""

Watched = tuple[str, str]  # a metric's name and its service


def _emitted() -> set[tuple[Metric, str]]:
    """Return each metric that code adds to, with the service whose code that is."""
    found = set()
    for service, folder in DEPLOYABLES.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                found |= {(metric, service) for metric in _counted(node)}
    return found


def _counted(node: ast.AST) -> set[Metric]:
    """Return what a call of a meter's `add`, or an effect `Count`, counts; nothing, where a metric is only named."""
    match node:
        case ast.Call(func=ast.Attribute(attr="add") | ast.Name(id="Count"), args=[what, *_]):
            named = [each for each in ast.walk(what) if isinstance(each, ast.Attribute)]
            return {
                Metric[each.attr] for each in named if isinstance(each.value, ast.Name) and each.value.id == "Metric"
            }
        case _:
            return set()


@pytest.mark.parametrize(
    ("code", "counted"),
    [
        ("meter.add(Metric.MESSAGE_SENT)", {Metric.MESSAGE_SENT}),
        ("Count(Metric.STREAM_REFUSED, 2)", {Metric.STREAM_REFUSED}),
        ("log(Metric.MESSAGE_SENT)", set()),
        ("names = [Metric.MESSAGE_SENT]", set()),
    ],
)
def test_only_what_is_added_up_counts_as_emitted(code: str, counted: set[Metric]) -> None:
    assert {metric for node in ast.walk(ast.parse(code)) for metric in _counted(node)} == counted


def _alarms(template: CloudTemplate) -> Iterator[tuple[str, set[Watched]]]:
    for properties in template.properties("AWS::CloudWatch::Alarm").values():
        parts = [each["MetricStat"]["Metric"] for each in properties.get("Metrics", []) if "MetricStat" in each]
        metrics = parts or [properties]
        yield (
            properties["AlarmDescription"],
            {(each["MetricName"], _service(each)) for each in metrics if each["Namespace"] == NAMESPACE},
        )


def _service(metric: Mapping[str, Any]) -> str:
    (dimension,) = metric["Dimensions"]
    assert dimension["Name"] == "Service"
    return str(dimension["Value"])


def _page(template: CloudTemplate) -> Mapping[str, Any]:
    body = template.only("AWS::CloudWatch::Dashboard")[1]["DashboardBody"]
    text = "".join(part if isinstance(part, str) else "known-later" for part in body["Fn::Join"][1])
    page: Mapping[str, Any] = json.loads(text)
    return page


def _shown(template: CloudTemplate) -> set[Watched]:
    metrics = [line for widget in _page(template)["widgets"] for line in widget["properties"].get("metrics", [])]
    return {(line[1], line[3]) for line in metrics if line[0] == NAMESPACE}


def _many(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _entries() -> dict[str, str]:
    parts = re.split(r"^## ", (ROOT / RUNBOOK).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def test_every_declared_metric_has_the_one_service_that_emits_it() -> None:
    assert set(SERVICES) == set(Metric)
    assert _emitted() == set(SERVICES.items())


@pytest.mark.parametrize("service", ["webhooks", "pipeline", "jobs", "streamer"])
def test_a_service_emits_under_the_name_that_is_watched(service: str) -> None:
    sources = (ROOT / DEPLOYABLES[service]).rglob("*.py")
    assert any(f'EmbeddedMeter("{service}"' in path.read_text(encoding="utf-8") for path in sources)


def test_alarms_and_the_dashboard_watch_declared_metrics_of_their_service(template: CloudTemplate) -> None:
    declared = {(metric.value, service) for metric, service in SERVICES.items()}
    assert _shown(template) <= declared
    for _, watched in _alarms(template):
        assert watched <= declared


def test_every_declared_metric_is_shown(template: CloudTemplate) -> None:
    assert {name for name, _ in _shown(template)} == {metric.value for metric in Metric}


def test_every_alarm_is_on_the_page(template: CloudTemplate) -> None:
    (first, *_) = _page(template)["widgets"]
    assert first["type"] == "alarm"
    assert len(first["properties"]["alarms"]) == len(template.resources("AWS::CloudWatch::Alarm"))


def test_every_alarm_has_its_entry_in_the_runbook_and_every_entry_its_alarm(template: CloudTemplate) -> None:
    names = set()
    for description, _ in _alarms(template):
        link = re.search(rf"{re.escape(RUNBOOK)}#([a-z-]+)$", description)
        assert link is not None, description
        names.add(link[1])
    assert set(_entries()) == names | {SPEND}


def test_every_entry_of_the_runbook_says_what_it_means_where_to_look_and_what_to_do() -> None:
    for name, entry in _entries().items():
        words = re.findall(r"^- \*\*(\w+)\*\*: \S", entry, flags=re.MULTILINE)
        assert words == ["Means", "Look", "Do"], name


def test_the_runbook_names_what_there_is_on_the_dashboard_in_the_logs_and_among_the_queues(
    template: CloudTemplate,
) -> None:
    text = re.sub(r"^```.*?^```", "", (ROOT / RUNBOOK).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = {each["properties"].get("title", "").partition(" (")[0] for each in _page(template)["widgets"]}
    assert {" ".join(each.split()) for each in re.findall(r'"([^"]+\?)"', text)} <= titles
    folders = (*DEPLOYABLES.values(), "telephony")
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")]
    events = {each for each in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text) if each not in _entries()}
    assert {each for each in events if not any(f'"{each}"' in source for source in sources)} == set()
    for queue in re.findall(r"the queue (\w+)", text):
        template.only("AWS::SQS::Queue", queue)


def test_every_alarm_tells_the_topic_when_it_rings_and_when_it_stops(template: CloudTemplate) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Alarms")
    for alarm in template.properties("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]


def test_silence_is_no_news_but_for_the_streamer_and_the_sweeper(template: CloudTemplate) -> None:
    silent = {
        alarm["AlarmDescription"].rpartition("#")[2]
        for alarm in template.properties("AWS::CloudWatch::Alarm").values()
        if alarm["TreatMissingData"] == "breaching"
    }
    assert silent == {"no-streamer", "voicemail-untold"}


def test_the_silence_of_the_sweeper_is_longer_than_one_run_that_is_late(template: CloudTemplate) -> None:
    _, alarm = template.only("AWS::CloudWatch::Alarm", "voicemailuntold")
    assert alarm["Period"] * alarm["EvaluationPeriods"] >= 3 * Pipeline.SWEEP_EVERY.to_seconds()


def test_a_sum_of_errors_counts_functions_that_have_not_run_as_none(template: CloudTemplate) -> None:
    _, alarm = template.only("AWS::CloudWatch::Alarm", "pipelineerrors")
    (sum_of_all,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    parts = [each["Id"] for each in alarm["Metrics"] if "MetricStat" in each]
    assert len(parts) == 3
    assert sorted(sum_of_all.split(" + ")) == sorted(f"FILL({name}, 0)" for name in parts)


@pytest.mark.parametrize(
    ("name", "handler", "every"),
    [("sweeperfailing", ON_SCHEDULE, Pipeline.SWEEP_EVERY), ("roundsfailing", ON_ROUNDS, Jobs.ROUNDS_EVERY)],
)
def test_no_alarm_waits_for_more_failures_of_what_the_clock_starts_than_it_has_runs(
    template: CloudTemplate, name: str, handler: str, every: Duration
) -> None:
    function, _ = template.function(handler)
    _, alarm = template.only("AWS::CloudWatch::Alarm", name)
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert (alarm["MetricName"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Errors", 1, 2)
    assert alarm["Period"] == every.to_seconds()
    # Repeated, one run that fails would be two or three, in two periods.
    (once,) = [
        each
        for each in template.properties("AWS::Lambda::EventInvokeConfig").values()
        if each["FunctionName"] == {"Ref": function}
    ]
    assert (once["MaximumRetryAttempts"], once["MaximumEventAgeInSeconds"]) == (0, every.to_seconds())
    assert once["Qualifier"] == "$LATEST"


def test_no_alarm_adds_up_what_may_have_no_data(template: CloudTemplate) -> None:
    """A sum has no number in a period in which one of its parts has none."""
    for alarm in template.properties("AWS::CloudWatch::Alarm").values():
        for expression in [each["Expression"] for each in alarm.get("Metrics", []) if "Expression" in each]:
            assert "+" not in re.sub(r"FILL\(\w+, 0\) \+ (?=FILL)", "", expression), expression


def test_alarms_and_the_budget_may_publish_to_the_encrypted_topic(template: CloudTemplate) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Alarms")
    _, policy = template.only("AWS::SNS::TopicPolicy", "Alarms")
    publish = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    services = {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    assert {name for each in publish for name in _many(each["Principal"]["Service"])} == services
    assert all(each["Resource"] == {"Ref": topic} for each in publish)
    statements = template.only("AWS::KMS::Key")[1]["KeyPolicy"]["Statement"]
    (alarms,) = [each for each in statements if isinstance(each["Principal"].get("Service"), list)]
    assert set(alarms["Principal"]["Service"]) == services
    assert set(alarms["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_spending_is_told_before_and_after_it_happens(template: CloudTemplate) -> None:
    topic, _ = template.only("AWS::SNS::Topic", "Alarms")
    _, budget = template.only("AWS::Budgets::Budget")
    kinds = {each["Notification"]["NotificationType"]: each for each in budget["NotificationsWithSubscribers"]}
    assert set(kinds) == {"ACTUAL", "FORECASTED"}
    for each in kinds.values():
        assert each["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": topic}}]


def test_nothing_is_emitted_from_a_folder_that_is_not_looked_through() -> None:
    folders = {path.parent for path in Path(ROOT / "functions").rglob("handler.py")}
    known = {ROOT / folder for folder in DEPLOYABLES.values()}
    emitting = {folder for folder in folders if any("Metric." in path.read_text() for path in folder.rglob("*.py"))}
    assert emitting <= known
