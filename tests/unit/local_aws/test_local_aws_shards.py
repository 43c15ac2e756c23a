"""How a stream of many shards is read, on a stream that is made up."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

from local.aws.shards import LOOK_EVERY_S, Shards


class Stream:
    """A stream with these shards; one with a number after its records is closed."""

    def __init__(self) -> None:
        self.shards: list[dict[str, Any]] = []
        self.records: dict[str, list[int]] = {}
        self.closed: set[str] = set()
        self.expired: set[str] = set()

    def add(self, shard_id: str, *records: int, parent: str | None = None, is_closed: bool = False) -> None:
        self.shards.append({"ShardId": shard_id, **({"ParentShardId": parent} if parent else {})})
        self.records[shard_id] = list(records)
        if is_closed:
            self.closed.add(shard_id)

    def describe_stream(self, *, StreamArn: str, ExclusiveStartShardId: str | None = None) -> dict[str, Any]:  # noqa: N803
        names = [shard["ShardId"] for shard in self.shards]
        start = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        page: dict[str, Any] = {"Shards": self.shards[start : start + 1]}
        if len(names) > start + 1:
            page["LastEvaluatedShardId"] = names[start]
        return {"StreamDescription": page}

    def get_shard_iterator(self, **request: str) -> dict[str, str]:
        after = request.get("SequenceNumber", "0")
        return {"ShardIterator": f"{request['ShardId']}/{after}"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803
        if ShardIterator in self.expired:
            raise ClientError({"Error": {"Code": "ExpiredIteratorException"}}, "GetRecords")
        shard_id, after = ShardIterator.split("/")
        new = [number for number in self.records[shard_id] if number > int(after)]
        answer: dict[str, Any] = {"Records": [{"dynamodb": {"SequenceNumber": str(number)}} for number in new]}
        if shard_id not in self.closed:
            answer["NextShardIterator"] = f"{shard_id}/{max([int(after), *new])}"
        return answer


@pytest.fixture
def stream() -> Stream:
    return Stream()


def _shards(stream: Stream, at_s: list[float] | None = None) -> Shards:
    clock = at_s if at_s is not None else [0.0]
    return Shards(cast("DynamoDBStreamsClient", stream), "arn", monotonic_s=lambda: clock[0])


def _read(shards: Shards) -> list[tuple[str, list[str]]]:
    return [
        (shard_id, [record["dynamodb"]["SequenceNumber"] for record in records]) for shard_id, records in shards.read()
    ]


def test_every_shard_is_read_from_its_beginning_and_each_record_once(stream: Stream) -> None:
    stream.add("a", 1, 2)
    stream.add("b", 3)
    stream.add("c")
    shards = _shards(stream)
    assert _read(shards) == [("a", ["1", "2"]), ("b", ["3"])]
    stream.records["c"].append(4)
    assert _read(shards) == [("c", ["4"])]
    assert _read(shards) == []


def test_a_child_is_read_when_its_parent_is_done(stream: Stream) -> None:
    stream.add("child", 3, parent="parent")
    stream.add("parent", 1)
    shards = _shards(stream)
    assert _read(shards) == [("parent", ["1"])]
    assert _read(shards) == []
    stream.records["parent"].append(2)
    stream.closed.add("parent")
    assert _read(shards) == [("parent", ["2"])]
    assert _read(shards) == [("child", ["3"])]


def test_a_child_whose_parent_is_gone_is_read(stream: Stream) -> None:
    stream.add("child", 3, parent="trimmed")
    assert _read(_shards(stream)) == [("child", ["3"])]


def test_a_new_shard_is_found_at_once_when_one_closes_and_after_a_while_otherwise(stream: Stream) -> None:
    at_s = [0.0]
    stream.add("a", 1)
    shards = _shards(stream, at_s)
    assert _read(shards) == [("a", ["1"])]
    stream.add("b", 2)
    assert _read(shards) == []
    at_s[0] += LOOK_EVERY_S
    assert _read(shards) == [("b", ["2"])]
    stream.closed.add("a")
    stream.add("c", 3, parent="a")
    assert _read(shards) == []
    assert _read(shards) == [("c", ["3"])]


def test_reading_goes_on_where_it_was_after_an_iterator_expired(stream: Stream) -> None:
    stream.add("a", 1)
    shards = _shards(stream)
    _read(shards)
    stream.expired.add("a/1")
    with pytest.raises(ClientError):
        _read(shards)
    stream.expired.clear()
    stream.records["a"].append(2)
    assert _read(shards) == [("a", ["2"])]
