"""The numbers are pointed when everything else stands, by a function that can do nothing else."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from functions.provision import event as provision
from functions.provision.handler import ProvisionSettings
from functions.provision.resource import LEFT_FOR_ANSWER_MS, WARNINGS
from infra.app import ROOT
from infra.bundling import Target, bundle
from infra.context import MAX_NUMBERS, ContextError, chosen_numbers
from operations.deploy import SECRET_FLAGS
from operations.deployment import NUMBERS_OUTPUT
from operations.vault import OUTPUTS, TWILIO
from tests.infra import settings
from tests.infra.cloud_template import DEEPGRAM_ARN, DEPLOYED, TWILIO_ARN, CloudTemplate, findings

HANDLER = "functions.provision.handler.on_event"


def request(template: CloudTemplate) -> Mapping[str, Any]:
    (found,) = template.resources("Custom::TwilioNumbers").values()
    return found


def test_the_request_is_one_that_the_function_reads(deployed: CloudTemplate) -> None:
    properties = {name: _known(value) for name, value in request(deployed)["Properties"].items()}
    wanted = provision.parse_wanted({"ResourceProperties": properties})
    assert wanted.numbers == ("+15005550006", "+15005550007")
    assert wanted.twilio_secret_arn == TWILIO_ARN
    assert wanted.public_origin.startswith("https://")
    assert not wanted.takes_sms
    assert properties["TakeSms"] == "off"


def _known(value: Any) -> Any:  # noqa: ANN401 - JSON of a template
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(_known, parts))
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return "known"
        case _:
            return value


def test_everything_else_is_made_before_the_numbers_are_pointed_and_deleted_after(deployed: CloudTemplate) -> None:
    resources = deployed.body["Resources"]
    always = {name for name, each in resources.items() if "Condition" not in each}
    itself = set(deployed.resources("Custom::TwilioNumbers"))
    assert always - set(request(deployed)["DependsOn"]) == itself


def test_the_function_reads_one_secret_and_touches_nothing_but_numbers(deployed: CloudTemplate) -> None:
    statements = list(deployed.statements(HANDLER))
    services = {action.partition(":")[0] for each in statements for action in each.actions}
    assert services == {"dynamodb", "kms", "logs", "secretsmanager"}
    (read,) = deployed.may(HANDLER, "secretsmanager:GetSecretValue")
    assert read.resources == (f'"{TWILIO_ARN}"',)
    (table,) = [each for each in statements if each.covers("dynamodb:PutItem")]
    assert table.actions == ("dynamodb:GetItem", "dynamodb:PutItem")
    assert table.condition == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["NUMBER#*"]}}


def test_the_function_has_time_to_answer_and_cloudformation_waits_for_its_repeats(deployed: CloudTemplate) -> None:
    _, function = deployed.function(HANDLER)
    assert function["Timeout"] * 1_000 > 2 * LEFT_FOR_ANSWER_MS
    assert int(request(deployed)["Properties"]["ServiceTimeout"]) >= 3 * function["Timeout"]
    assert not settings.required(ProvisionSettings)
    assert MAX_NUMBERS == provision.MAX_NUMBERS


def test_who_operates_it_reads_the_numbers_and_their_warnings_from_the_outputs(deployed: CloudTemplate) -> None:
    outputs = deployed.body["Outputs"]
    assert outputs[NUMBERS_OUTPUT]["Value"] == "+15005550006,+15005550007"
    assert outputs["NumbersWarnings"]["Value"]["Fn::GetAtt"][1] == WARNINGS
    assert outputs[OUTPUTS[TWILIO]]["Value"] == TWILIO_ARN


def test_the_secrets_that_were_there_before_the_stack_are_read_by_all_and_none_is_made(deployed: CloudTemplate) -> None:
    assert deployed.resources("AWS::SecretsManager::Secret") == {}
    assert set(SECRET_FLAGS.values()) == {"twilioSecret", "deepgramSecret"}
    container = {each["Name"]: each["Value"] for each in deployed.container["Environment"]}
    assert (container["TWILIO_SECRET_ARN"], container["DEEPGRAM_SECRET_ARN"]) == (TWILIO_ARN, DEEPGRAM_ARN)


@pytest.mark.timeout(300)  # a fresh machine downloads the bundle's packages
def test_the_function_starts_with_only_the_bundle_and_without_settings(tmp_path: Path) -> None:
    here = Target(f"{sys.version_info.major}.{sys.version_info.minor}", None)
    bundle(ROOT, tmp_path, here)
    program = "import importlib.util as i, functions.provision.handler as h"
    check = "assert callable(h.on_event) and i.find_spec('twilio.rest.api.v2010.account.incoming_phone_number')"
    # -S: without this environment's packages; -P: without the working directory.
    command = [sys.executable, "-S", "-P", "-c", f"{program}; {check}"]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "", "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run(
        command, cwd=tmp_path.parent, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_rule_packs_find_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path, DEPLOYED) == []


@pytest.mark.parametrize("numbers", [None, "", "none"])
def test_without_numbers_nothing_points_anywhere(template: CloudTemplate, numbers: str | None) -> None:
    assert chosen_numbers(cdk.App(context={"numbers": numbers}).node) == ()
    assert template.resources("Custom::TwilioNumbers") == {}
    assert NUMBERS_OUTPUT not in template.body["Outputs"]


@pytest.mark.parametrize(
    "numbers", ["5550006", "+15005550006;+15005550007", 5, ",".join(f"+1500555{n:04}" for n in range(MAX_NUMBERS + 1))]
)
def test_numbers_that_are_none_are_refused(numbers: object) -> None:
    with pytest.raises(ContextError, match="numbers"):
        chosen_numbers(cdk.App(context={"numbers": numbers}).node)
