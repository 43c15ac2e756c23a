"""Local AWS as a process of its own."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models.table import Table
from moto.dynamodbstreams.models import ShardIterator, dynamodbstreams_backends

from local.aws import server
from local.aws.resources import make_table
from local.aws.server import ITERATORS_KEPT

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).resolve().parents[3]
LIMIT_S = 30


def test_the_process_says_where_it_serves_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "local.aws", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            endpoint = json.loads(process.stdout.readline())["endpoint"]
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", endpoint)
            with urllib.request.urlopen(f"{endpoint}/moto-api/data.json", timeout=LIMIT_S) as answer:  # noqa: S310
                assert answer.status == 200
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=LIMIT_S)
        finally:
            process.kill()
    assert (process.returncode, out, errors) == (0, "", "")


def test_a_poller_that_asks_for_days_does_not_fill_the_memory(session: boto3.Session) -> None:
    with server.running() as endpoint:  # in this process, so that its memory can be looked at
        stream_arn = make_table(session.client("dynamodb", endpoint_url=endpoint), f"calls-{uuid4().hex}")
        streams = session.client("dynamodbstreams", endpoint_url=endpoint)
        (shard,) = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
        iterator = streams.get_shard_iterator(
            StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        for _ in range(20):
            iterator = streams.get_records(ShardIterator=iterator)["NextShardIterator"]
        assert list(ShardIterator.instances_tracked) == []  # type: ignore[attr-defined] # its metaclass makes it
        kept = dynamodbstreams_backends[DEFAULT_ACCOUNT_ID][session.region_name].shard_iterators
        latest = kept[iterator]
        for number in range(2 * ITERATORS_KEPT):
            kept[str(number)] = latest
    assert len(kept) == ITERATORS_KEPT


def test_of_two_that_write_a_new_item_at_once_one_is_refused(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting, put_item = threading.Barrier(2), Table.put_item

    def put(table: Table, *args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - handed on as they are
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)  # for one that has come so far, too: past the check, perhaps
        return put_item(table, *args, **kwargs)

    monkeypatch.setattr(Table, "put_item", put)
    name = f"calls-{uuid4().hex}"
    with server.running() as endpoint, ThreadPoolExecutor(2) as threads:
        clients = [session.client("dynamodb", endpoint_url=endpoint) for _ in range(2)]
        make_table(clients[0], name)

        def write(client: "DynamoDBClient") -> bool:
            item = {"pk": {"S": "CALL"}, "sk": {"S": "CALL"}}
            with contextlib.suppress(client.exceptions.ConditionalCheckFailedException):
                client.put_item(TableName=name, Item=item, ConditionExpression="attribute_not_exists(pk)")
                return True
            return False

        assert sorted(threads.map(write, clients)) == [False, True]
    assert meeting.broken
