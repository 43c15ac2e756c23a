"""Table: DynamoDB with the conditions, retries and errors that every store here needs."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from telephony.aws.attributes import Fields, Item, encode, encode_item
from telephony.aws.clients import error_code, translated
from telephony.aws.table import ARCHIVE_INDEX, ARCHIVE_PARTITION_KEY, ARCHIVE_SORT_KEY, PARTITION_KEY, SORT_KEY
from telephony.aws.writes import Delete, Put, Request, Update, Write, item_key
from telephony.errors import ConflictError, UpstreamError

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef, WriteRequestUnionTypeDef

BATCH_ITEMS: Final = 25
"""Source: BatchWriteItem API."""
BATCH_KEYS: Final = 100
"""Source: BatchGetItem API."""
TURNS: Final = 6
"""How often what DynamoDB left undone is asked for again; with the pauses about 2 s."""
PAUSE_S: Final = 0.05
"""Before the second turn; doubled before each later one, and shortened at random so that rivals part."""

Key = tuple[str, str]
"""An item's partition and sort key."""

_PASSING: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Why a transaction may be canceled and succeed a moment later."""


class RefusedError(ConflictError):
    """A condition did not hold.

    Attributes:
        stored: the item as it was; None where there was none.
    """

    def __init__(self, stored: Fields | None) -> None:
        super().__init__("dynamodb refused a conditional write")
        self.stored = stored


class AllRefusedError(ConflictError):
    """A condition of one of several writes did not hold, so none was done.

    Attributes:
        refused: of each write, in order, whether its own condition failed.
    """

    def __init__(self, refused: tuple[bool, ...]) -> None:
        super().__init__("dynamodb refused a transaction")
        self.refused = refused


class Table:
    """The one table. Every method may raise UpstreamError."""

    def __init__(self, client: "DynamoDBClient", name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep

    def get(self, partition: str, sort: str) -> Fields | None:
        """Return an item as it is now, or None."""
        with translated("dynamodb"):
            answer = self._client.get_item(TableName=self._name, Key=item_key(partition, sort), ConsistentRead=True)
        return Fields(answer["Item"]) if "Item" in answer else None

    def items(self, partition: str, since: str = " ", until: str = "~") -> Iterator[Fields]:
        """Yield a partition's items as they are now, in order of their sort keys, from *since* to *until*."""
        request: Request = {
            "KeyConditionExpression": "#pk = :pk AND #sk BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#pk": PARTITION_KEY, "#sk": SORT_KEY},
            "ExpressionAttributeValues": encode_item({":pk": partition, ":since": since, ":until": until}),
            "ConsistentRead": True,
        }
        while True:
            with translated("dynamodb"):
                answer = self._client.query(TableName=self._name, **request)
            yield from map(Fields, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def first(self, partition: str, limit: int, after: str | None) -> list[Fields]:
        """Return up to *limit* items of a partition whose sort keys come after *after*, in their order."""
        request: Request = {} if after is None else {"ExclusiveStartKey": item_key(partition, after)}
        with translated("dynamodb"):
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="#pk = :pk",
                ExpressionAttributeNames={"#pk": PARTITION_KEY},
                ExpressionAttributeValues={":pk": encode(partition)},
                Limit=limit,
                ConsistentRead=True,
                **request,
            )
        return list(map(Fields, answer["Items"]))

    def get_all(self, keys: Sequence[Key], *, is_consistent: bool) -> Iterator[Fields]:
        """Yield those of the items with these *keys*, all different, that are there, in no order."""
        for start in range(0, len(keys), BATCH_KEYS):
            asked = [item_key(*each) for each in keys[start : start + BATCH_KEYS]]
            request: Request = {self._name: {"Keys": asked, "ConsistentRead": is_consistent}}
            for pause_s in self._pauses():
                with translated("dynamodb"):
                    answer = self._client.batch_get_item(RequestItems=request)
                yield from map(Fields, answer["Responses"].get(self._name, ()))
                request = dict(answer["UnprocessedKeys"])
                if not request:
                    break
                self._sleep(pause_s)
            else:
                raise UpstreamError("dynamodb", "UnprocessedKeys", retryable=True)

    def down_from(
        self, partition: str, *, newest: str, oldest: str, limit: int, is_consistent: bool = False
    ) -> list[Fields]:
        """Return up to *limit* of a partition's items, from *newest* down to *oldest* by their sort keys.

        What was written a moment ago may be missing, unless the read *is_consistent*.
        """
        names = {"#pk": PARTITION_KEY, "#sk": SORT_KEY}
        values = encode_item({":pk": partition, ":newest": newest, ":oldest": oldest})
        with translated("dynamodb"):
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="#pk = :pk AND #sk BETWEEN :oldest AND :newest",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ScanIndexForward=False,
                Limit=limit,
                ConsistentRead=is_consistent,
            )
        return list(map(Fields, answer["Items"]))

    def beginning_with(self, partition: str, prefix: str, limit: int) -> list[Fields]:
        """Return up to *limit* of a partition's items whose sort keys begin with *prefix*, in their order.

        What was written a moment ago may be missing.
        """
        with translated("dynamodb"):
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="#pk = :pk AND begins_with(#sk, :prefix)",
                ExpressionAttributeNames={"#pk": PARTITION_KEY, "#sk": SORT_KEY},
                ExpressionAttributeValues=encode_item({":pk": partition, ":prefix": prefix}),
                Limit=limit,
            )
        return list(map(Fields, answer["Items"]))

    def newest(
        self, archive: str, limit: int, before: Item | None, *, since: str = " ", until: str = "~"
    ) -> list[Fields]:
        """Return up to *limit* items of an archive, newest first; *before* holds the keys of the last one seen.

        Their places are from *since* to *until*, and so must that of *before* be.

        What was written a moment ago may be missing.
        """
        request: Request = {} if before is None else {"ExclusiveStartKey": encode_item(before)}
        found: list[Fields] = []
        while len(found) < limit:
            with translated("dynamodb"):
                answer = self._client.query(
                    TableName=self._name,
                    IndexName=ARCHIVE_INDEX,
                    KeyConditionExpression="#archive = :archive AND #place BETWEEN :since AND :until",
                    ExpressionAttributeNames={"#archive": ARCHIVE_PARTITION_KEY, "#place": ARCHIVE_SORT_KEY},
                    ExpressionAttributeValues=encode_item({":archive": archive, ":since": since, ":until": until}),
                    ScanIndexForward=False,
                    Limit=limit - len(found),
                    **request,
                )
            found.extend(map(Fields, answer["Items"]))
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def span(self, archive: str, since: str, until: str, limit: int) -> tuple[list[Fields], bool]:
        """Return up to *limit* items of an archive whose places are from *since* to *until*, and if there may be more.

        Oldest first. What was written a moment ago may be missing.
        """
        with translated("dynamodb"):
            answer = self._client.query(
                TableName=self._name,
                IndexName=ARCHIVE_INDEX,
                KeyConditionExpression="#archive = :archive AND #place BETWEEN :since AND :until",
                ExpressionAttributeNames={"#archive": ARCHIVE_PARTITION_KEY, "#place": ARCHIVE_SORT_KEY},
                ExpressionAttributeValues=encode_item({":archive": archive, ":since": since, ":until": until}),
                Limit=limit,
            )
        return list(map(Fields, answer["Items"])), "LastEvaluatedKey" in answer

    def oldest(self, archive: str, before: str, limit: int) -> list[Fields]:
        """Return up to *limit* items of an archive whose place sorts before *before*, oldest first.

        What was written a moment ago may be missing.
        """
        with translated("dynamodb"):
            answer = self._client.query(
                TableName=self._name,
                IndexName=ARCHIVE_INDEX,
                KeyConditionExpression="#archive = :archive AND #place < :before",
                ExpressionAttributeNames={"#archive": ARCHIVE_PARTITION_KEY, "#place": ARCHIVE_SORT_KEY},
                ExpressionAttributeValues={":archive": encode(archive), ":before": encode(before)},
                Limit=limit,
            )
        return list(map(Fields, answer["Items"]))

    def last(self, partition: str, limit: int, before: str | None = None) -> list[Fields]:
        """Return up to *limit* items of a partition as they are now, the last sort keys first, or those before one."""
        request: Request = {} if before is None else {"ExclusiveStartKey": item_key(partition, before)}
        with translated("dynamodb"):
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="#pk = :pk",
                ExpressionAttributeNames={"#pk": PARTITION_KEY},
                ExpressionAttributeValues={":pk": encode(partition)},
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=limit,
                **request,
            )
        return list(map(Fields, answer["Items"]))

    def put(self, write: Put) -> None:
        """Do *write*. Raises: RefusedError."""
        with self._conditional():
            self._client.put_item(TableName=self._name, **_telling(write.request()))

    def update(self, write: Update) -> Fields:
        """Do *write*, and return the item as it is then. Raises: RefusedError."""
        with self._conditional():
            answer = self._client.update_item(TableName=self._name, ReturnValues="ALL_NEW", **_telling(write.request()))
        return Fields(answer["Attributes"])

    def write_all(self, writes: Sequence[Write]) -> None:
        """Do all *writes*, or none. Raises: AllRefusedError."""
        request: list[TransactWriteItemTypeDef] = [
            {type(write).__name__: {"TableName": self._name, **write.request()}}  # type: ignore[misc] # the kinds of Write
            for write in writes
        ]
        for pause_s in self._pauses():
            try:
                with translated("dynamodb"):
                    self._client.transact_write_items(TransactItems=request)
            except UpstreamError as exc:
                codes = _reasons(exc.__cause__)
                if "ConditionalCheckFailed" in codes:
                    raise AllRefusedError(tuple(code == "ConditionalCheckFailed" for code in codes)) from exc.__cause__
                if _PASSING.isdisjoint(codes):
                    raise
            else:
                return
            self._sleep(pause_s)
        raise UpstreamError("dynamodb", "TransactionCanceledException", retryable=True)

    def put_all(self, items: Sequence[Item]) -> None:
        """Write *items* over what is there, 25 a request; of two with the same key the later stands."""
        latest = {(item[PARTITION_KEY], item[SORT_KEY]): item for item in items}
        self._write_batches([{"PutRequest": {"Item": encode_item(item)}} for item in latest.values()])

    def delete(self, write: Delete) -> None:
        """Do *write*. Raises: RefusedError."""
        with self._conditional():
            self._client.delete_item(TableName=self._name, **_telling(write.request()))

    def delete_all(self, keys: Sequence[Key]) -> None:
        """Remove the items with these *keys*, all different, 25 a request, whether they are there or not."""
        self._write_batches([{"DeleteRequest": {"Key": item_key(*each)}} for each in keys])

    def _write_batches(self, left: "Sequence[WriteRequestUnionTypeDef]") -> None:
        for start in range(0, len(left), BATCH_ITEMS):
            self._write_batch(left[start : start + BATCH_ITEMS])

    def _write_batch(self, batch: "Sequence[WriteRequestUnionTypeDef]") -> None:
        request: Mapping[str, Sequence[WriteRequestUnionTypeDef]] = {self._name: batch}
        for pause_s in self._pauses():
            with translated("dynamodb"):
                request = self._client.batch_write_item(RequestItems=request)["UnprocessedItems"]
            if not request:
                return
            self._sleep(pause_s)
        raise UpstreamError("dynamodb", "UnprocessedItems", retryable=True)

    def _pauses(self) -> Iterator[float]:
        for turn in range(TURNS):
            yield PAUSE_S * 2**turn * random.uniform(0.5, 1)  # noqa: S311 - parts rivals, guards nothing

    @contextmanager
    def _conditional(self) -> Iterator[None]:
        try:
            with translated("dynamodb"):
                yield
        except ConflictError as exc:
            raise RefusedError(_stored(exc.__cause__)) from exc.__cause__


def _telling(request: Request) -> Request:
    if "ConditionExpression" not in request:
        return request
    return {**request, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _stored(exc: BaseException | None) -> Fields | None:
    assert isinstance(exc, ClientError)
    response: Mapping[str, Any] = exc.response
    return Fields(response["Item"]) if response.get("Item") else None


def _reasons(exc: BaseException | None) -> list[str]:
    if not isinstance(exc, ClientError) or error_code(exc) != "TransactionCanceledException":
        return []
    return [reason.get("Code", "None") for reason in exc.response["CancellationReasons"]]
