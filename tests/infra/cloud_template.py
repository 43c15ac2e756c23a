"""A synthesised template, asked the way a reviewer would ask it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import cdk_nag
from aws_cdk import IPolicyValidationPlugin, Validations

from infra.app import build

WEBHOOKS = "functions.webhooks.handler.handler"
API = "functions.api.handler.handler"
ON_TABLE_CHANGE = "functions.pipeline.handler.on_table_change"
ON_FOLLOW_UP = "functions.pipeline.handler.on_follow_up"
ON_SCHEDULE = "functions.pipeline.handler.on_schedule"
PIPELINE = (ON_TABLE_CHANGE, ON_FOLLOW_UP, ON_SCHEDULE)
ON_JOB = "functions.jobs.handler.on_job"
ON_ROUNDS = "functions.jobs.handler.on_schedule"
JOBS = (ON_JOB, ON_ROUNDS)
HANDLERS = (WEBHOOKS, API, *PIPELINE, *JOBS)

EVERYTHING = {
    "region": "us-east-1",
    "zones": "us-east-1b,us-east-1d",
    "waf": "on",
    "domain": "calls.example.com",
    "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0f-1",
    "alarmEmail": "night@example.com",
    "monthlyBudget": "75",
    "deepgramSlots": "200",
    "logDays": "90",
    "recordingDays": 365,
    "jwtIssuer": "https://id.example/",
    "jwtAudience": "inbox",
    "jwksUrl": "https://id.example/keys",
}
"""All that can be chosen, as the command line hands it over, or cdk.json."""

TWILIO_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ringscribe/twilio-AbCdEf"
DEEPGRAM_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ringscribe/deepgram-AbCdEf"
DEPLOYED = {
    "numbers": "+15005550006, +15005550007,+15005550006",
    "twilioSecret": TWILIO_ARN,
    "deepgramSecret": DEEPGRAM_ARN,
    "zones": "us-east-1b,us-east-1d",
}
"""What `make deploy` hands over, always or nearly so."""

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy.

    Attributes:
        resources: each as JSON text, so that a logical ID can be looked for in it.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Properties

    def covers(self, action: str) -> bool:
        return any(fnmatchcase(action, pattern) for pattern in self.actions)


@dataclass(frozen=True, slots=True)
class CloudTemplate:
    """A template as JSON."""

    text: str
    body: Mapping[str, Any]

    def resources(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return the resources of a type by logical ID, with their policies for deletion."""
        return {name: each for name, each in self.body["Resources"].items() if each["Type"] == kind}

    def properties(self, kind: str) -> dict[str, Properties]:
        return {name: each["Properties"] for name, each in self.resources(kind).items()}

    def only(self, kind: str, part: str = "") -> tuple[str, Properties]:
        """Return the one resource of a type whose logical ID holds *part*."""
        found = [(name, each) for name, each in self.properties(kind).items() if part in name]
        assert len(found) == 1, (kind, part, [name for name, _ in found])
        return found[0]

    def function(self, handler: str) -> tuple[str, Properties]:
        found = [each for each in self.properties("AWS::Lambda::Function").items() if each[1]["Handler"] == handler]
        assert len(found) == 1, handler
        return found[0]

    def environment(self, handler: str) -> Mapping[str, Any]:
        environment: Mapping[str, Any] = self.function(handler)[1]["Environment"]["Variables"]
        return environment

    def statements(self, handler: str) -> Iterator[Statement]:
        """Return all that the function's role may do; it must have no other policy than what is returned."""
        return self._statements_of(self.function(handler)[1]["Role"]["Fn::GetAtt"][0])

    def _statements_of(self, role: str) -> Iterator[Statement]:
        rights = self.body["Resources"][role]["Properties"]
        assert "ManagedPolicyArns" not in rights
        assert "Policies" not in rights
        for policy in self.properties("AWS::IAM::Policy").values():
            if {"Ref": role} in policy["Roles"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    assert statement["Effect"] == "Allow"
                    yield _statement(statement)

    @property
    def container(self) -> Properties:
        """The streamer's container."""
        (container,) = self.only("AWS::ECS::TaskDefinition")[1]["ContainerDefinitions"]
        assert isinstance(container, dict)
        return container

    def task_statements(self) -> list[Statement]:
        """Return all that the streamer may do."""
        role = self.only("AWS::ECS::TaskDefinition")[1]["TaskRoleArn"]["Fn::GetAtt"][0]
        return list(self._statements_of(role))

    def may(self, handler: str, action: str) -> list[Statement]:
        """Return the statements that let the function do *action*."""
        return [each for each in self.statements(handler) if each.covers(action)]


def synthesise(outdir: Path, context: Mapping[str, Any] | None = None) -> CloudTemplate:
    """Synthesise into *outdir* without bundling, and read the template back."""
    app, stack = build(context, outdir=str(outdir))
    app.synth()
    text = (outdir / stack.template_file).read_text(encoding="utf-8")
    return CloudTemplate(text, json.loads(text))


def findings(outdir: Path, context: Mapping[str, Any] | None = None) -> list[str]:
    """Synthesise into *outdir* and return what the rule packs find, and nobody has accepted: "rule: construct"."""
    app, _ = build(context, outdir=str(outdir))
    packs: list[IPolicyValidationPlugin] = [cdk_nag.AwsSolutionsChecks(app), cdk_nag.ServerlessChecks(app)]
    Validations.of(app).add_plugins(*packs)
    # Findings end the synthesis, after the report was written.
    with suppress(RuntimeError):
        app.synth()
    report = json.loads((outdir / "validation-report.json").read_text(encoding="utf-8"))
    plugins = report["pluginReports"]
    assert {each["pluginName"] for each in plugins} >= {"AwsSolutions", "Serverless"}
    return [
        f"{violation['ruleName']}: {construct['constructPath']}"
        for plugin in plugins
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def _statement(raw: Mapping[str, Any]) -> Statement:
    return Statement(
        actions=tuple(_list(raw["Action"])),
        resources=tuple(json.dumps(each) for each in _list(raw["Resource"])),
        condition=raw.get("Condition", {}),
    )


def _list(value: Any) -> list[Any]:  # noqa: ANN401  JSON, before it is typed
    return value if isinstance(value, list) else [value]
