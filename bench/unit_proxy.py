"""A proxy before DynamoDB: counts the units that each request takes, by the noun of the items it is about."""

from collections import Counter
from typing import Any, Final

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.metering import LEAST_UNITS
from telephony.aws.table import CALL, PARTITION_KEY, SORT_KEY

WRITES: Final = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
READS: Final = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
REFUSED: Final = ("ConditionalCheckFailedException", "TransactionCanceledException")
NOT_HANDED_ON: Final = frozenset({"host", "content-length", "accept-encoding", "connection"})
LIMIT_S: Final = 60


class UnitProxy:
    """Hands requests on to *endpoint*, and asks with each what it takes; `app` is to be served."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._client = httpx.AsyncClient(timeout=LIMIT_S, trust_env=False)
        self.app = Starlette(routes=[Route("/", self._pass, methods=["POST"])])
        self.written: Counter[str] = Counter()
        """Write units by noun; a transaction counts for all that is in it."""
        self.read: Counter[str] = Counter()
        self.writes = 0
        """Requests that wrote."""

    def reset(self) -> None:
        """Begin anew."""
        self.written.clear()
        self.read.clear()
        self.writes = 0

    async def _pass(self, request: Request) -> Response:
        asked: dict[str, Any] = orjson.loads(await request.body())
        operation = request.headers["x-amz-target"].partition(".")[2]
        if operation in WRITES | READS:
            asked["ReturnConsumedCapacity"] = "TOTAL"
        headers = {name: value for name, value in request.headers.items() if name not in NOT_HANDED_ON}
        answer = await self._client.post(self._endpoint, content=orjson.dumps(asked), headers=headers)
        self._count(operation, asked, orjson.loads(answer.content))
        kept = {name: value for name, value in answer.headers.items() if name.startswith("x-amz")}
        return Response(answer.content, answer.status_code, kept, answer.headers["content-type"])

    def _count(self, operation: str, asked: dict[str, Any], answer: dict[str, Any]) -> None:
        noun = "+".join(sorted(_nouns(asked)))
        capacity = answer.get("ConsumedCapacity", [])
        units = sum(each["CapacityUnits"] for each in (capacity if isinstance(capacity, list) else [capacity]))
        if operation in WRITES:
            # What is refused is charged all the same, by the size of what is there: here a unit, and two in a
            # transaction for each item.
            if not units and str(answer.get("__type", "")).endswith(REFUSED):
                units = 2 * len(asked["TransactItems"]) if operation == "TransactWriteItems" else 1
            self.written[noun] += units
            self.writes += 1
        elif operation in READS:
            self.read[noun] += max(units, LEAST_UNITS)


def _nouns(asked: Any) -> set[str]:  # noqa: ANN401 - any part of DynamoDB's JSON
    """Return the nouns of all items and keys in a request."""
    if isinstance(asked, list):
        return set().union(*map(_nouns, asked))
    if not isinstance(asked, dict):
        return set()
    if PARTITION_KEY in asked and "S" in asked[PARTITION_KEY]:
        noun = _first(asked[PARTITION_KEY])
        return {_first(asked[SORT_KEY]) if noun == CALL else noun}
    if "ExpressionAttributeValues" in asked and "KeyConditionExpression" in asked:
        values = asked["ExpressionAttributeValues"]
        partition = values.get(":pk") or values[":archive"]
        return {f"all of a {_first(partition)}"}
    return set().union(*map(_nouns, asked.values()))


def _first(text: dict[str, str]) -> str:
    return text["S"].partition("#")[0]
