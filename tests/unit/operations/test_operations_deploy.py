"""A deployment says first what is missing, shows what changes, and does nothing without a yes."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from operations import cdk, vault, zones
from operations.cdk import Cdk, Command
from operations.choices import Choices
from operations.deploy import BOOTSTRAP_STACK, Deploy
from operations.errors import OperationError
from operations.stack import STACK, Cloud, Stack
from operations.vault import Vault
from streamer.protection import CEILING_S
from tests.unit.operations.conftest import MakeStack
from tests.unit.operations.scene import BUCKET, ENGINE, Runner, Scene


@pytest.fixture
def scene(
    cloud: Cloud, choices: Choices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_stack: MakeStack
) -> Scene:
    (tmp_path / ENGINE).write_text("#!/bin/sh\n")
    (tmp_path / ENGINE).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    def deployed() -> None:
        if cloud.find() is None:
            make_stack(PagesBucket=BUCKET)

    return Scene(cloud, choices, Runner(deployed=deployed))


@pytest.fixture
def configured(scene: Scene) -> Scene:
    for name in vault.NAMES:
        Vault(scene.cloud).write(name, {"any": "thing"})
    return scene


def test_without_credentials_nothing_is_begun(choices: Choices, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    scene = Scene(Cloud(boto3.Session(region_name="eu-west-1")), choices)
    with pytest.raises(OperationError, match="there are no AWS credentials: sign in"):
        scene.deploy()
    assert scene.runner.commands == []


def test_without_a_region_nothing_is_begun(choices: Choices, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b")
    with pytest.raises(OperationError, match="no AWS region"):
        Scene(Cloud(session), choices).deploy()


def test_without_credentials_of_the_vendors_nothing_is_begun(scene: Scene) -> None:
    with pytest.raises(OperationError, match="ringscribe/twilio and ringscribe/deepgram: run `make configure` first"):
        scene.deploy()
    Vault(scene.cloud).write(vault.TWILIO, {"any": "thing"})
    with pytest.raises(OperationError, match="has no ringscribe/deepgram"):
        scene.deploy()
    assert scene.runner.verbs() == []


def test_the_first_deployment_prepares_shows_asks_and_deploys(configured: Scene) -> None:
    configured.deploy()
    assert configured.runner.verbs() == ["ci", "bootstrap", "diff", "deploy"]
    assert "make doctor" in configured.terminal.text


def test_the_pages_are_in_their_bucket_once_the_stack_stands(configured: Scene) -> None:
    configured.deploy()
    s3 = configured.cloud.client("s3")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["index.html"]
    page = s3.get_object(Bucket=BUCKET, Key="index.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert b"This is Ringscribe" in page["Body"].read()


def test_a_region_that_is_prepared_is_not_prepared_again(configured: Scene, make_stack: MakeStack) -> None:
    make_stack(BOOTSTRAP_STACK)
    configured.deploy()
    assert configured.runner.verbs() == ["ci", "diff", "deploy"]


def test_a_no_deploys_nothing(configured: Scene, make_stack: MakeStack) -> None:
    make_stack(BOOTSTRAP_STACK)
    configured.terminal.answers = {}
    configured.deploy()
    assert configured.runner.verbs() == ["ci", "diff"]
    assert "Nothing was deployed." in configured.terminal.text


def test_a_no_to_the_preparation_ends_it(configured: Scene) -> None:
    configured.terminal.answers = {}
    with pytest.raises(OperationError, match="nothing can be deployed"):
        configured.deploy()
    assert configured.runner.verbs() == ["ci"]


def test_the_stack_is_told_which_secrets_to_read_and_no_secret_is_in_any_command_line(scene: Scene) -> None:
    for name in vault.NAMES:
        Vault(scene.cloud).write(name, {"auth_token": "v3ry-secret"})
    scene.deploy()
    deploy = scene.runner.commands[-1]
    arns = [Vault(scene.cloud).arn(name) for name in vault.NAMES]
    assert [word for word in deploy.words if word.startswith(("twilioSecret=", "deepgramSecret="))] == [
        f"twilioSecret={arns[0]}",
        f"deepgramSecret={arns[1]}",
    ]
    assert not any("v3ry-secret" in str(command) for command in scene.runner.commands)


def test_the_image_is_built_by_the_engine_that_works(configured: Scene) -> None:
    configured.deploy()
    assert configured.runner.commands[-1].environment["CDK_DOCKER"] == ENGINE


@pytest.mark.parametrize(("streamer", "made"), [("on", True), ("off", False)])
def test_what_a_container_service_needs_in_the_account_is_made_before_the_deployment_and_not_without_one(
    configured: Scene, streamer: str, *, made: bool
) -> None:
    iam, found = configured.cloud.client("iam"), []
    deployed = configured.runner.deployed

    def looked() -> None:
        found.extend(iam.list_roles(PathPrefix="/aws-service-role/")["Roles"])
        deployed()

    configured.runner.deployed = looked
    configured.deploy(streamer=streamer)
    assert bool(found) == made


def test_without_an_engine_live_text_can_be_left_out(configured: Scene) -> None:
    configured.runner.failing = ("info",)
    with pytest.raises(OperationError, match="streamer=off"):
        configured.deploy()
    assert configured.runner.verbs() == []
    configured.deploy(streamer="off")
    assert configured.runner.verbs()[-1] == "deploy"
    assert "CDK_DOCKER" not in configured.runner.commands[-1].environment


def test_flags_are_kept_for_the_next_deployment(configured: Scene) -> None:
    configured.deploy(streamer="off", alarmEmail="ops@example.com")
    configured.deploy(alarmEmail="")
    assert json.loads(configured.choices.file.read_text()) == {"streamer": "off"}


def test_a_region_other_than_the_credentials_is_refused(configured: Scene) -> None:
    with pytest.raises(OperationError, match="AWS_REGION=us-east-1"):
        configured.deploy(region="us-east-1")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"steamer": "off"}, "there is no flag steamer: did you mean streamer?"),
        ({"anything": "else"}, "there is no flag anything: there are .*alarmEmail"),
        ({"streamer": "of"}, "flags: streamer is on or off"),
        ({"logDays": "31"}, "flags: logDays"),
        ({"twilioSecret": "ringscribe/twilio"}, "flags: twilioSecret"),
    ],
)
def test_a_flag_that_makes_no_sense_is_neither_kept_nor_deployed(
    configured: Scene, flags: dict[str, str], words: str
) -> None:
    with pytest.raises(OperationError, match=words):
        configured.deploy(**flags)
    assert not configured.choices.file.exists()
    assert configured.runner.commands == []


def test_a_name_that_was_kept_by_mistake_can_be_taken_away(configured: Scene) -> None:
    configured.choices.file.write_text('{"steamer": "off"}')
    configured.deploy(steamer="")
    assert configured.choices.read() == {}


def test_flags_of_a_deployment_that_is_refused_are_not_kept(configured: Scene) -> None:
    with pytest.raises(OperationError, match="AWS_REGION"):
        configured.deploy(region="us-east-1")
    assert not configured.choices.file.exists()


def test_the_streamer_goes_to_the_first_zones_that_cloudfront_reaches(configured: Scene) -> None:
    configured.deploy()
    assert "zones=eu-west-1a,eu-west-1b" in configured.runner.commands[-1].words
    assert configured.choices.read() == {}


def test_zones_that_cloudfront_does_not_reach_are_passed_over(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    ids = {
        each["ZoneName"]: each["ZoneId"]
        for each in cloud.client("ec2").describe_availability_zones()["AvailabilityZones"]
    }
    monkeypatch.setattr(zones, "UNREACHABLE", {ids["eu-west-1a"]})
    assert zones.find_zones(cloud, None) == "eu-west-1b,eu-west-1c"
    monkeypatch.setattr(zones, "UNREACHABLE", {ids["eu-west-1a"], ids["eu-west-1c"]})
    with pytest.raises(OperationError, match="fewer than 2 zones of this account in eu-west-1"):
        zones.find_zones(cloud, None)


def test_a_streamer_that_is_there_stays_in_its_zones(configured: Scene, make_stack: MakeStack) -> None:
    make_stack(Zones="eu-west-1b,eu-west-1c", PagesBucket=BUCKET)
    configured.deploy()
    assert "zones=eu-west-1b,eu-west-1c" in configured.runner.commands[-1].words


def test_zones_are_asked_for_by_nobody_but_the_streamer_and_chosen_ones_are_left_alone(configured: Scene) -> None:
    configured.deploy(streamer="off")
    assert not [word for word in configured.runner.commands[-1].words if word.startswith("zones=")]
    configured.deploy(streamer="on", zones="eu-west-1a,eu-west-1c")
    assert not [word for word in configured.runner.commands[-1].words if word.startswith("zones=")]
    assert configured.choices.read()["zones"] == "eu-west-1a,eu-west-1c"


def test_numbers_are_not_given_back_because_another_work_tree_knows_none(
    configured: Scene, make_stack: MakeStack
) -> None:
    make_stack(Numbers="+15005550006,+15005550007", PagesBucket=BUCKET)
    with pytest.raises(OperationError, match="would be given back"):
        configured.deploy()
    configured.deploy(numbers="none")
    assert configured.choices.numbers() == ()


def test_a_secret_that_the_owner_chose_is_not_replaced_by_the_one_of_configure(configured: Scene) -> None:
    own = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:own-abc"
    configured.deploy(twilioSecret=own)
    (deploy,) = [each for each in configured.runner.commands if "deploy" in each.words]
    assert [word.partition("=")[0] for word in deploy.words if "Secret=" in word] == ["deepgramSecret"]
    assert configured.choices.read()["twilioSecret"] == own  # where the command line finds it


def test_with_both_secrets_chosen_nothing_need_have_been_configured(scene: Scene) -> None:
    own = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:own-abc"
    scene.deploy(twilioSecret=own, deepgramSecret=own)
    (deploy,) = [each for each in scene.runner.commands if "deploy" in each.words]
    assert not any("Secret=" in word for word in deploy.words)


def test_a_stack_with_secrets_of_its_own_keeps_them(scene: Scene, make_stack: MakeStack) -> None:
    secrets = scene.cloud.client("secretsmanager")
    own = [secrets.create_secret(Name=f"made-by-the-stack-{number}", SecretString="{}")["ARN"] for number in range(2)]
    make_stack(TwilioSecret=own[0], DeepgramSecret=own[1], PagesBucket=BUCKET)
    scene.deploy()
    assert not any("Secret=" in word for word in scene.runner.commands[-1].words)


def test_a_stack_whose_secrets_are_gone_is_not_given_empty_ones(configured: Scene, make_stack: MakeStack) -> None:
    safe = Vault(configured.cloud)
    twilio, deepgram = (safe.arn(name) for name in vault.NAMES)
    make_stack(TwilioSecret=twilio, DeepgramSecret=deepgram, PagesBucket=BUCKET)
    for name in vault.NAMES:
        safe.throw_away(name)
    with pytest.raises(OperationError, match="has no ringscribe/twilio and ringscribe/deepgram: run `make configure`"):
        configured.deploy()
    assert configured.runner.commands == []


@pytest.mark.parametrize("failing", ["ci", "diff", "deploy"])
def test_a_step_that_fails_ends_the_deployment_with_its_name(configured: Scene, failing: str) -> None:
    configured.runner.failing = (failing,)
    with pytest.raises(OperationError, match="failed with exit code 1"):
        configured.deploy()
    assert configured.runner.verbs()[-1] == failing


def test_what_a_first_deployment_that_failed_leaves_is_named(cloud: Cloud, scene: Scene, make_stack: MakeStack) -> None:
    for name in vault.NAMES:
        Vault(cloud).write(name, {"any": "thing"})
    kept = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
    taken_back = {"Type": "AWS::SNS::Topic", "DeletionPolicy": "RetainExceptOnCreate"}
    make_stack(resources={"Kept": kept, "TakenBack": taken_back}, Zones="a,b")
    scene.runner.failing = ("deploy",)
    for status, is_told in (("ROLLBACK_COMPLETE", True), ("UPDATE_ROLLBACK_COMPLETE", False)):
        scene.terminal.said.clear()
        scene.cloud = _standing(cloud, status)
        with pytest.raises(OperationError, match="failed with exit code 1"):
            scene.deploy()
        assert ("Kept on purpose" in scene.terminal.text) == is_told
        assert "TakenBack" not in scene.terminal.text


def _standing(cloud: Cloud, status: str) -> Cloud:
    class Failed(Cloud):
        def find(self, name: str = STACK) -> Stack | None:
            found = super().find(name)
            return replace(found, status=status) if found else None

    return Failed(cloud.session)


@pytest.mark.parametrize(("python", "is_said"), [(None, True), ("/usr/bin/python3.13", False)])
def test_functions_that_go_uncompiled_are_not_passed_over_in_silence(
    configured: Scene, python: str | None, *, is_said: bool
) -> None:
    runner = Cdk(configured.runner, region="eu-west-1")
    Deploy(configured.cloud, configured.terminal, configured.choices, runner, ENGINE, lambda _: python).run({})
    assert ("has no Python 3.13" in configured.terminal.text) == is_said


def test_every_command_has_a_limit_and_the_pinned_node(configured: Scene) -> None:
    configured.deploy()
    for command in configured.runner.commands:
        assert 0 < command.limit_s <= cdk.DEPLOY_LIMIT_S
    for command in configured.runner.commands[1:]:
        assert command.words[0] == command.environment["JSII_NODE"]
        assert Path(command.words[0]).is_file()
        assert command.environment["AWS_REGION"] == "eu-west-1"


def test_the_command_line_is_pinned_with_its_hash_and_without_a_server() -> None:
    wanted = json.loads((cdk.INFRA / "package.json").read_text())["dependencies"]["aws-cdk"]
    lock = json.loads((cdk.INFRA / "package-lock.json").read_text())["packages"]["node_modules/aws-cdk"]
    assert lock["version"] == wanted
    assert lock["integrity"].startswith("sha512-")
    assert "resolved" not in lock


def test_a_command_that_hangs_or_is_missing_is_named(tmp_path: Path) -> None:
    sleeper = shutil.which("sleep")
    assert sleeper is not None
    with pytest.raises(OperationError, match=r"sleep was stopped after 0 s"):
        cdk.run(Command([sleeper, "5"], 0.05, {}))
    with pytest.raises(OperationError, match="is not installed"):
        cdk.run(Command([str(tmp_path / "missing")], 5, {}))
    true = shutil.which("true")
    assert true is not None
    assert cdk.run(Command([true], 5, {"ANY": "thing"}, is_quiet=True)) == 0


def test_a_deployment_that_is_not_waited_for_any_longer_is_said_to_go_on(configured: Scene) -> None:
    configured.deploy()
    assert configured.runner.commands[-1].goes_on == cdk.GOES_ON
    assert not any(each.goes_on for each in configured.runner.commands[:-1])
    sleeper = shutil.which("sleep", path=os.defpath)
    assert sleeper is not None
    with pytest.raises(OperationError, match=r"CloudFormation goes on with it without us.* after 0 s"):
        cdk.run(Command([sleeper, "5"], 0.05, {}, goes_on=cdk.GOES_ON))


def test_a_deployment_is_waited_for_longer_than_the_longest_call_is_protected() -> None:
    assert cdk.DEPLOY_LIMIT_S >= CEILING_S + 3_600


def test_an_engine_that_hangs_is_passed_over(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk, "ENGINES", ("missing", ENGINE))
    hang: Callable[[Command], int] = _hang
    assert Cdk(hang, region=None).engine(None) is None
    assert Cdk(scene.runner, region=None).engine(None) == ENGINE


def _hang(_: Command) -> int:
    raise OperationError("it was stopped")
