"""The gate before local AWS."""

import asyncio
from collections.abc import AsyncIterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from local.aws import server
from local.aws.gate import Gate, GateState
from local.aws.resources import aws_session, make_table

ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=2)
KEY = {"pk": {"S": "CALL#CA1"}, "sk": {"S": "CALL"}}


@pytest.fixture
def session() -> boto3.Session:
    return aws_session()


@pytest.fixture
async def gate(session: boto3.Session) -> AsyncIterator[Gate]:
    with server.running() as endpoint:
        async with Gate(endpoint) as gate:
            client = session.client("dynamodb", endpoint_url=endpoint, config=ONCE)
            await asyncio.to_thread(make_table, client, "calls")
            client.close()
            yield gate


async def test_an_open_gate_lets_requests_through(gate: Gate, session: boto3.Session) -> None:
    client = session.client("dynamodb", endpoint_url=gate.endpoint, config=ONCE)
    await asyncio.to_thread(client.put_item, TableName="calls", Item=KEY)
    answer = await asyncio.to_thread(client.get_item, TableName="calls", Key=KEY)
    client.close()
    assert answer["Item"] == KEY


async def test_a_throttled_table_refuses_and_its_stream_does_not(gate: Gate, session: boto3.Session) -> None:
    client = session.client("dynamodb", endpoint_url=gate.endpoint, config=ONCE)
    streams = session.client("dynamodbstreams", endpoint_url=gate.endpoint, config=ONCE)
    gate.state = GateState.THROTTLED
    with pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        await asyncio.to_thread(client.get_item, TableName="calls", Key=KEY)
    assert (await asyncio.to_thread(streams.list_streams))["Streams"]
    gate.state = GateState.OPEN
    await asyncio.to_thread(client.get_item, TableName="calls", Key=KEY)
    client.close()
    streams.close()
    assert gate.turned_away == 1


async def test_a_shut_gate_breaks_every_connection(gate: Gate, session: boto3.Session) -> None:
    client = session.client("dynamodb", endpoint_url=gate.endpoint, config=ONCE)
    gate.state = GateState.SHUT
    with pytest.raises(ConnectionClosedError):
        await asyncio.to_thread(client.get_item, TableName="calls", Key=KEY)
    client.close()
    assert gate.turned_away == 1
