"""The container: what it is given, what it may do, and that no deployment or scaling cuts a call."""

import json
import re
from pathlib import Path

import pytest

from bench.capacity import Capacity, Size
from infra.app import ROOT
from infra.streamer import Streamer
from telephony.metrics import NAMESPACE, Metric
from telephony.settings import StreamerSettings
from tests.infra import settings
from tests.infra.cloud_template import CloudTemplate

MOST_SPREAD = 0.2
"""By how much what a task admits may differ from what was measured: runs of one bench differ as much."""


@pytest.fixture
def variables(template: CloudTemplate) -> dict[str, object]:
    return {each["Name"]: each["Value"] for each in template.container["Environment"]}


def test_the_container_is_given_every_required_setting_and_none_that_nobody_reads(variables: dict[str, object]) -> None:
    assert settings.required(StreamerSettings) <= set(variables) <= settings.known(StreamerSettings)
    assert variables["MAX_STREAMS"] == str(Streamer.MAX_STREAMS)


def test_secrets_are_read_by_the_process_itself_and_never_handed_in(
    template: CloudTemplate, variables: dict[str, object]
) -> None:
    assert "Secrets" not in template.container
    secrets = template.resources("AWS::SecretsManager::Secret")
    for name in ("TWILIO_SECRET_ARN", "DEEPGRAM_SECRET_ARN"):
        value = variables[name]
        assert isinstance(value, dict)
        assert value["Ref"] in secrets
    assert not [name for name in variables if re.search(r"TOKEN|PASSWORD|API_KEY", name)]


def test_the_container_is_small_not_root_and_cannot_write_to_its_disk(template: CloudTemplate) -> None:
    _, task = template.only("AWS::ECS::TaskDefinition")
    assert (task["Cpu"], task["Memory"]) == ("256", "512")
    assert task["RuntimePlatform"] == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}
    assert template.container["ReadonlyRootFilesystem"] is True
    assert template.container["User"] == "10001"
    assert template.container["LinuxParameters"]["InitProcessEnabled"] is True
    assert not template.container.get("Privileged")


def test_a_task_that_is_stopped_has_the_longest_time_there_is_and_uses_less(template: CloudTemplate) -> None:
    stop_s = template.container["StopTimeout"]
    assert stop_s == 120
    drain_s = settings.default(StreamerSettings, "drain_s")
    assert drain_s + 2 * 9 < stop_s  # its last words, and writing them


def test_a_task_that_goes_keeps_its_calls_for_an_hour(template: CloudTemplate) -> None:
    _, group = template.only("AWS::ElasticLoadBalancingV2::TargetGroup")
    attributes = {each["Key"]: each["Value"] for each in group["TargetGroupAttributes"]}
    assert attributes["deregistration_delay.timeout_seconds"] == "3600"
    assert group["HealthCheckPath"] == "/healthz"


def test_a_deployment_never_has_fewer_tasks_and_takes_back_what_does_not_start(template: CloudTemplate) -> None:
    _, service = template.only("AWS::ECS::Service")
    deployment = service["DeploymentConfiguration"]
    assert deployment["MinimumHealthyPercent"] == 100
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert service["AvailabilityZoneRebalancing"] == "DISABLED"
    # A number here would undo what scaling has done, with every deployment.
    assert "DesiredCount" not in service


def test_the_service_waits_for_nothing_that_is_attached_to_its_cluster(template: CloudTemplate) -> None:
    # Capacity providers are attached by a resource of their own, which the service would have to outlive.
    assert not template.resources("AWS::ECS::ClusterCapacityProviderAssociations")
    _, service = template.only("AWS::ECS::Service")
    assert service["LaunchType"] == "FARGATE"
    assert "CapacityProviderStrategy" not in service


def test_tasks_are_scaled_by_their_calls_and_never_by_cpu(template: CloudTemplate) -> None:
    _, policy = template.only("AWS::ApplicationAutoScaling::ScalingPolicy")
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["CustomizedMetricSpecification"]
    assert (metric["Namespace"], metric["MetricName"]) == (NAMESPACE, Metric.ACTIVE_STREAMS.value)
    assert metric["Statistic"] == "Average"
    assert tracking["TargetValue"] == Streamer.WANTED_STREAMS == Streamer.MAX_STREAMS // 2
    assert template.only("AWS::ApplicationAutoScaling::ScalableTarget")[1]["MinCapacity"] == 1


def test_a_task_admits_as_many_streams_as_one_of_its_size_was_measured_to_carry(template: CloudTemplate) -> None:
    _, task = template.only("AWS::ECS::TaskDefinition")
    size = Size(vcpu=int(task["Cpu"]) / 1_024, memory_mb=int(task["Memory"]))
    growth = json.loads((ROOT / "bench" / "results" / "bridge.json").read_text(encoding="utf-8"))["growth"]
    assert pytest.approx(Capacity.of(size, growth).most, rel=MOST_SPREAD) == Streamer.MAX_STREAMS
    said = " ".join((ROOT / "docs" / "performance.md").read_text(encoding="utf-8").split())
    assert f"The stack admits {Streamer.MAX_STREAMS} streams to a task" in said


def test_a_task_may_protect_itself_and_no_other_clusters(template: CloudTemplate) -> None:
    cluster, _ = template.only("AWS::ECS::Cluster")
    (protect,) = [each for each in template.task_statements() if each.covers("ecs:UpdateTaskProtection")]
    assert protect.actions == ("ecs:GetTaskProtection", "ecs:UpdateTaskProtection")
    (resource,) = protect.resources
    assert f'":task/", {{"Ref": "{cluster}"}}, "/*"' in resource


def test_the_streamer_writes_calls_and_claims_tickets_and_can_read_neither(template: CloudTemplate) -> None:
    rights = {
        action: each.condition for each in template.task_statements() for action in each.actions if "dynamodb" in action
    }
    keys = {action: json.dumps(condition) for action, condition in rights.items()}
    assert set(keys) == {"dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:UpdateItem"}
    assert '["CALL#*"]' in keys["dynamodb:PutItem"]
    assert '["CALL#*"]' in keys["dynamodb:BatchWriteItem"]
    assert '["TICKET#*"]' in keys["dynamodb:UpdateItem"]


@pytest.mark.parametrize("action", ["s3:GetObject", "sns:Publish", "sqs:SendMessage", "secretsmanager:PutSecretValue"])
def test_the_streamer_can_neither_hear_recordings_nor_tell_anybody(template: CloudTemplate, action: str) -> None:
    assert not [each for each in template.task_statements() if each.covers(action)]


@pytest.mark.usefixtures("template")  # fills the folder
def test_the_image_is_made_of_the_streamer_and_what_it_shares(assembly: Path) -> None:
    assets = json.loads((assembly / "Ringscribe.assets.json").read_text(encoding="utf-8"))
    (image,) = assets["dockerImages"].values()
    assert image["source"]["platform"] == "linux/arm64"
    assert image["source"]["dockerFile"] == "streamer/Dockerfile"
    staged = assembly / image["source"]["directory"]
    files = [each.relative_to(staged).as_posix() for each in staged.rglob("*") if each.is_file()]
    assert {name.partition("/")[0] for name in files} == {".dockerignore", "requirements", "streamer", "telephony"}
    assert [name for name in files if name.startswith("requirements/")] == ["requirements/streamer.txt"]
    assert not [name for name in files if name.endswith(".pyc")]


@pytest.mark.usefixtures("template")
def test_what_is_handed_to_the_container_engine_holds_the_file_that_it_is_to_build(assembly: Path) -> None:
    """The engine sees the staged folder alone, and the image is made anew when its name, a hash over it, changes."""
    assets = json.loads((assembly / "Ringscribe.assets.json").read_text(encoding="utf-8"))
    (image,) = assets["dockerImages"].values()
    staged = assembly / image["source"]["directory"] / image["source"]["dockerFile"]
    assert staged.read_bytes() == (ROOT / "streamer" / "Dockerfile").read_bytes()
