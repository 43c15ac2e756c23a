"""Local AWS as a process of its own."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from uuid import uuid4

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodbstreams.models import ShardIterator, dynamodbstreams_backends

from local.aws import server
from local.aws.resources import make_table
from local.aws.server import ITERATORS_KEPT

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
