"""A CloudFormation that asks, and an account whose numbers it asks for."""

from collections.abc import Iterator

import pytest

from tests.unit.provision import cloudformation
from tests.unit.provision.cloudformation import CloudFormation


@pytest.fixture
def cloud() -> Iterator[CloudFormation]:
    with cloudformation.running() as cloud:
        yield cloud
