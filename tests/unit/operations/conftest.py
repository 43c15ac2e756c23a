"""An empty AWS account, and a stack in it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.choices import Choices
from operations.stack import STACK, Cloud, Stack

MakeStack = Callable[..., Stack]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield Cloud(boto3.Session(region_name="eu-west-1"))


@pytest.fixture
def choices(tmp_path: Path) -> Choices:
    return Choices(tmp_path / "cdk.context.json")


@pytest.fixture
def make_stack(cloud: Cloud) -> MakeStack:
    """Make a stack with these outputs, of these resources beside a topic."""

    def make(name: str = STACK, resources: dict[str, Any] | None = None, **outputs: str) -> Stack:
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, **(resources or {})},
            "Outputs": {each: {"Value": value} for each, value in outputs.items()},
        }
        cloud.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))
        stack = cloud.find(name)
        assert stack is not None
        return stack

    return make
