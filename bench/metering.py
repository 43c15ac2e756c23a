"""DynamoDB Local, filled fast and asked with an eye on what DynamoDB would charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import orjson

from telephony.aws.attributes import Item, encode_item
from telephony.aws.dynamodb import BATCH_ITEMS, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEAST_UNITS: Final = 0.5
"""Of a request that finds nothing: DynamoDB charges it, DynamoDB Local counts nothing."""


@dataclass
class Counting:
    """A client that counts what DynamoDB charges for."""

    client: "DynamoDBClient"
    units: float = 0
    requests: int = 0
    written: float = 0

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any of the client's methods
        real = getattr(self.client, operation)

        def counted(**request: Any) -> Any:  # noqa: ANN401 - any of boto3's requests
            answer = real(ReturnConsumedCapacity="TOTAL", **request)
            capacity = answer["ConsumedCapacity"]
            units = sum(each["CapacityUnits"] for each in (capacity if isinstance(capacity, list) else [capacity]))
            units = max(units, LEAST_UNITS)
            self.requests += 1
            if operation in {"query", "get_item", "batch_get_item"}:
                self.units += units
            else:
                self.written += units
            return answer

        return counted

    def table(self, name: str) -> Table:
        """Return a table whose requests are counted."""
        return Table(cast("DynamoDBClient", self), name)


class Loader:
    """Writes many items to DynamoDB Local, which asks for no true signature, without boto3's work on each."""

    HEADERS: Final = MappingProxyType(
        {
            "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
            "X-Amz-Date": "20260101T000000Z",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
    )

    def __init__(self, endpoint: str, name: str) -> None:
        self._connection = HTTPConnection(urlsplit(endpoint).netloc)
        self._name = name

    def put_all(self, items: Sequence[Item]) -> None:
        """Write *items*, all different."""
        puts = [{"PutRequest": {"Item": encode_item(item)}} for item in items]
        for start in range(0, len(puts), BATCH_ITEMS):
            body = orjson.dumps({"RequestItems": {self._name: puts[start : start + BATCH_ITEMS]}})
            self._connection.request("POST", "/", body, self.HEADERS)
            answer = orjson.loads(self._connection.getresponse().read())
            if answer.get("UnprocessedItems") != {}:
                raise RuntimeError(answer)
