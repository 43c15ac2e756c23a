"""Delivery: batches handed to a handler until each record is done or given up, as Lambda does it.

Source: AWS Lambda, "Using AWS Lambda with Amazon DynamoDB", batch item failures, bisecting, on-failure destinations.
"""

import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final
from uuid import uuid4

from local.aws.shards import Record
from telephony.aws.events import CHANGE_RETRIES, CHANGES_BATCH

Handler = Callable[[Any, Any], Any]
"""A Lambda function: its event and context in, its answer out."""

PAUSE_S: Final = 0.1
"""Before the first retry; doubled before each later one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may look at of Lambda's context."""

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int = 512


@dataclass(frozen=True, slots=True)
class _Batch:
    records: list[Record]
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hands records to *handler*, in order.

    Attributes:
        give_up: gets a description, in the JSON of an on-failure destination, of records that failed too often.
    """

    handler: Handler
    give_up: Callable[[Mapping[str, Any]], None]
    stop: Event
    name: str = "on_table_change"

    def deliver(self, shard_id: str, records: list[Record]) -> None:
        """Return when each record is done or given up, or *stop* is set."""
        pending = deque(
            _Batch(records[start : start + CHANGES_BATCH]) for start in range(0, len(records), CHANGES_BATCH)
        )
        while pending and not self.stop.is_set():
            batch = pending.popleft()
            failed_from = self._first_failure(batch.records)
            if failed_from is None:
                continue
            rest = batch.records[failed_from:]
            if failed_from > 0:  # it came further, so the count begins anew
                pending.appendleft(_Batch(rest))
            elif len(rest) > 1:  # find the one that fails
                middle = len(rest) // 2
                pending.extendleft((_Batch(rest[middle:]), _Batch(rest[:middle], batch.turn)))
            elif batch.turn > CHANGE_RETRIES:
                self.give_up(_description(shard_id, rest, batch.turn))
            else:
                self.stop.wait(PAUSE_S * 2 ** (batch.turn - 1))
                pending.appendleft(_Batch(rest, batch.turn + 1))

    def _first_failure(self, records: list[Record]) -> int | None:
        places = {record["dynamodb"]["SequenceNumber"]: place for place, record in enumerate(records)}
        failed = failures(self.handler, {"Records": records}, self.name)
        if failed is None:
            return 0
        return min((places.get(identifier, 0) for identifier in failed), default=None)


def failures(handler: Handler, event: Mapping[str, Any], name: str) -> list[str] | None:
    """Call *handler*, and return the `batchItemFailures` it named; None if all of it failed."""
    try:
        answer = handler(event, Context(name, str(uuid4())))
    except Exception:  # noqa: BLE001 - Lambda's own edge: whatever a handler raises is a failed invocation
        traceback.print_exc()
        return None
    if not answer:
        return []
    failed = [failure.get("itemIdentifier") for failure in answer.get("batchItemFailures") or []]
    return failed if all(failed) else None


def _description(shard_id: str, records: list[Record], turns: int) -> Mapping[str, Any]:
    first, last = records[0], records[-1]
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": "arn:aws:lambda:local",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": turns,
        },
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": first["dynamodb"]["SequenceNumber"],
            "endSequenceNumber": last["dynamodb"]["SequenceNumber"],
            "batchSize": len(records),
            "streamArn": first["eventSourceARN"],
        },
    }
