"""Shards: a table's stream read record by record, as Lambda's event source mapping reads it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_dynamodbstreams.type_defs import ShardTypeDef

Record = dict[str, Any]
"""One change, in the JSON that Lambda hands to a handler."""

LOOK_EVERY_S: Final = 2
"""How often to look for shards that were not there before."""
READ_RECORDS: Final = 100


@dataclass(slots=True)
class _Place:
    """How far one shard was read."""

    last_seen: str | None = None
    is_done: bool = False
    parent: str | None = None


@dataclass(slots=True)
class Shards:
    """Reads every shard of a stream from its beginning, a parent before its children. One thread only."""

    client: "DynamoDBStreamsClient"
    stream_arn: str
    monotonic_s: Callable[[], float] = time.monotonic
    _places: dict[str, _Place] = field(default_factory=dict)
    _looked_at_s: float | None = None

    def read(self) -> Iterator[tuple[str, list[Record]]]:
        """Yield each shard that has something new, and what.

        Raises: botocore's errors; reading may go on after one, from where it was.
        """
        self._look()
        for shard_id, place in list(self._places.items()):
            parent = self._places.get(place.parent or "")
            if place.is_done or (parent is not None and not parent.is_done):
                continue
            records = self._next(shard_id, place)
            if records:
                yield shard_id, records

    def _look(self) -> None:
        now_s = self.monotonic_s()
        if self._looked_at_s is not None and now_s - self._looked_at_s < LOOK_EVERY_S:
            return
        shards = list(self._shards())
        for shard in shards:
            self._places.setdefault(shard["ShardId"], _Place(parent=shard.get("ParentShardId")))
        self._looked_at_s = now_s

    def _shards(self) -> "Iterator[ShardTypeDef]":
        start: dict[str, str] = {}
        while True:
            answer = self.client.describe_stream(StreamArn=self.stream_arn, **start)["StreamDescription"]  # type: ignore[arg-type] # stubs know no such spread
            yield from answer["Shards"]
            if "LastEvaluatedShardId" not in answer:
                return
            start = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}

    def _next(self, shard_id: str, place: _Place) -> list[Record]:
        # A new iterator each time: moto swaps a table for a copy of it when a transaction is refused, and an iterator
        # of before waits for ever at the one that nobody writes to any more.
        answer = self.client.get_records(ShardIterator=self._iterator(shard_id, place), Limit=READ_RECORDS)
        place.is_done = answer.get("NextShardIterator") is None
        records = [_as_lambda_has_it(record, self.stream_arn) for record in answer["Records"]]
        if records:
            place.last_seen = records[-1]["dynamodb"]["SequenceNumber"]
        if place.is_done:
            self._looked_at_s = None  # its children are there by now
        return records

    def _iterator(self, shard_id: str, place: _Place) -> str:
        if place.last_seen is None:
            answer = self.client.get_shard_iterator(
                StreamArn=self.stream_arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
            )
        else:
            answer = self.client.get_shard_iterator(
                StreamArn=self.stream_arn,
                ShardId=shard_id,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                SequenceNumber=place.last_seen,
            )
        return answer["ShardIterator"]


def _as_lambda_has_it(record: Any, stream_arn: str) -> Record:  # noqa: ANN401 - boto3's own, about to be JSON
    """Return a record of GetRecords as it reaches a handler: with its stream, and its time as a number."""
    change = dict(record["dynamodb"])
    if "ApproximateCreationDateTime" in change:
        change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    return {**record, "eventSource": "aws:dynamodb", "dynamodb": change, "eventSourceARN": stream_arn}
