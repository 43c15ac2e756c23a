"""Each test runs on the table in memory, on moto's, and on DynamoDB Local's."""

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from local.aws.resources import aws_session, make_table
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from tests.contract.stores.backends import AnyTable
from tests.fakes.table import MemoryTable


@pytest.fixture(scope="session")
def dynamodb_local_table(dynamodb_local_endpoint: str) -> Iterator[Stores]:
    """Give one table that all tests share: each makes up its own calls."""
    client = aws_session().client("dynamodb", endpoint_url=dynamodb_local_endpoint, config=CONFIG)
    name = f"calls-{uuid4().hex}"
    make_table(client, name)
    yield Stores.of(client, name)
    client.delete_table(TableName=name)
    client.close()


@pytest.fixture(scope="module")
def moto_client() -> Iterator[DynamoDBClient]:
    """Give a client of a table called "calls", which the tests of a module share."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        make_table(client, "calls")
        yield client
        client.close()


@pytest.fixture(params=["memory", "moto", "dynamodb-local"])
def table(request: pytest.FixtureRequest) -> AnyTable:
    """Give each kind of table in turn."""
    return _table(request)


@pytest.fixture(params=["memory", "dynamodb-local"])
def shared_table(request: pytest.FixtureRequest) -> AnyTable:
    """Give each kind of table that keeps its promises to several threads at once; moto does not."""
    return _table(request)


def _table(request: pytest.FixtureRequest) -> AnyTable:
    match request.param:
        case "memory":
            return MemoryTable()
        case "moto":
            return Stores.of(request.getfixturevalue("moto_client"), "calls")
        case _:
            stores: Stores = request.getfixturevalue("dynamodb_local_table")
            return stores
