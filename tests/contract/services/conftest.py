"""Clients of moto's AWS, in process."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws


@pytest.fixture
def aws() -> Iterator[boto3.Session]:
    """Give a session on an empty AWS."""
    with mock_aws():
        yield boto3.Session(region_name="us-east-1")
