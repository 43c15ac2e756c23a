"""The same tree gives the same template, and what whoever deploys chooses is read with care."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import pytest

from infra.app import ROOT, context
from infra.context import ContextError, SignIn, public_host, sign_in
from tests.infra.cloud_template import API, ON_TABLE_CHANGE, WEBHOOKS, CloudTemplate, synthesise

ISSUER = {"jwtIssuer": "https://id.example/", "jwtAudience": "inbox", "jwksUrl": "https://id.example/keys"}


def _app(values: Mapping[str, object]) -> cdk.App:
    return cdk.App(context=dict(values), analytics_reporting=False)


def test_a_second_synthesis_gives_the_same_template(template: CloudTemplate, tmp_path: Path) -> None:
    assert synthesise(tmp_path).text == template.text


@pytest.mark.timeout(120)  # another process starts node anew
def test_the_entry_point_writes_the_template_without_credentials_or_settings(
    template: CloudTemplate, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    environment = {**bare_environment, "CDK_OUTDIR": str(tmp_path / "out")}
    command = [sys.executable, "-m", "infra.app"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=100, capture_output=True)
    written = json.loads((tmp_path / "out" / "Ringscribe.template.json").read_text(encoding="utf-8"))
    assert written["Resources"].keys() == template.body["Resources"].keys()


def test_without_a_chosen_origin_every_address_is_cloudfronts_own(template: CloudTemplate) -> None:
    edge, _ = template.only("AWS::CloudFront::Distribution")
    host = {"Fn::GetAtt": [edge, "DomainName"]}
    for variables in (template.environment(WEBHOOKS), template.environment(ON_TABLE_CHANGE)):
        assert variables["PUBLIC_ORIGIN"] == {"Fn::Join": ["", ["https://", host]]}
    assert template.environment(WEBHOOKS)["MEDIA_URL"] == {"Fn::Join": ["", ["wss://", host, "/media"]]}
    assert template.environment(API)["CAPTIONS_URL"] == {"Fn::Join": ["", ["wss://", host, "/captions"]]}


def test_a_chosen_origin_is_in_every_address(tmp_path: Path) -> None:
    chosen = synthesise(tmp_path, {"publicOrigin": "https://calls.example.com/"})
    assert chosen.environment(WEBHOOKS)["PUBLIC_ORIGIN"] == "https://calls.example.com"
    assert chosen.environment(WEBHOOKS)["MEDIA_URL"] == "wss://calls.example.com/media"
    assert chosen.environment(API)["CAPTIONS_URL"] == "wss://calls.example.com/captions"
    assert chosen.body["Outputs"]["VoiceUrl"]["Value"] == "https://calls.example.com/twilio/voice"


@pytest.mark.parametrize(
    "origin",
    [
        "http://a.example",
        "a.example",
        "https://",
        "https://a.example/x",
        "https://a.example?x",
        "https://u@a.example",
        "https://[",
        5,
    ],
)
def test_an_origin_that_is_none_is_refused(origin: object) -> None:
    with pytest.raises(ContextError, match="publicOrigin"):
        public_host(_app({"publicOrigin": origin}).node)


def test_an_origin_may_have_a_port() -> None:
    assert public_host(_app({"publicOrigin": "https://a.example:8443"}).node) == "a.example:8443"


def test_without_a_chosen_issuer_nobody_is_accepted_but_whom_our_own_user_pool_lets_in() -> None:
    assert sign_in(_app({}).node) is None


def test_a_chosen_issuer_is_the_one_the_api_accepts() -> None:
    assert sign_in(_app(ISSUER).node) == SignIn("https://id.example/", ("inbox",), "https://id.example/keys")


@pytest.mark.parametrize("left_out", ISSUER)
def test_half_an_issuer_is_refused_with_the_name_of_what_is_missing(left_out: str) -> None:
    rest = {name: value for name, value in ISSUER.items() if name != left_out}
    with pytest.raises(ContextError, match=f"without {left_out}"):
        sign_in(_app(rest).node)


@pytest.mark.parametrize("name", ["jwtIssuer", "jwksUrl"])
def test_an_issuer_without_https_is_refused(name: str) -> None:
    with pytest.raises(ContextError, match=name):
        sign_in(_app({**ISSUER, name: "http://id.example/"}).node)


def test_plain_python_synthesises_with_the_flags_of_cdk_json() -> None:
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    assert context() == {**flags, "aws:cdk:bundling-stacks": []}
    assert flags["@aws-cdk/core:validateAgainstDefaultRules"] is True
