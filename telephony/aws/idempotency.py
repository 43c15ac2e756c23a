"""IdempotencyStore on DynamoDB."""

from datetime import UTC, datetime
from uuid import uuid4

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import keys
from telephony.aws.table import IDEMPOTENCY, TTL, key
from telephony.aws.writes import IS_NEW, IS_THERE, Condition, Put, Update
from telephony.errors import ConflictError, NotFoundError
from telephony.idempotency import LEASE, LIFETIME, Answered, KeyReusedError, RequestKey


class DynamoIdempotency:
    """Requests and their first answers; see `telephony.ports.IdempotencyStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, request: RequestKey, fingerprint: str, now: datetime) -> Answered | None:
        """Claim, or return the first answer. Raises: KeyReusedError, ConflictError."""
        mark = uuid4().hex  # boto3 repeats a request whose answer was lost: we must not lose to ourselves
        item: Item = {
            **keys(_partition(request), IDEMPOTENCY, IDEMPOTENCY),
            TTL: int((now + LIFETIME).timestamp()),
            "fingerprint": fingerprint,
            "claimed_at": now,
            "claimed_by": mark,
        }
        try:
            self._table.put(Put(item, IS_NEW))
        except RefusedError as exc:
            stored = exc.stored
            if stored is None:  # it was there a moment ago, and its time was over
                raise ConflictError("the request is being answered") from exc
            if stored.text("claimed_by") == mark:
                return None
            return self._known(stored, item, now)
        return None

    def answer(self, request: RequestKey, answered: Answered) -> None:
        """Remember the answer. Raises: NotFoundError."""
        self._change(request, {"status": int(answered.status), "body": answered.body})

    def release(self, request: RequestKey, now: datetime) -> None:
        """Let a repeat be done at once. Raises: NotFoundError."""
        self._change(request, {"claimed_at": now - LEASE}, removes=("status", "body"))

    def _known(self, stored: Fields, item: Item, now: datetime) -> Answered | None:
        is_over = now >= datetime.fromtimestamp(stored.count(TTL), UTC)  # DynamoDB clears it away some time after
        if not is_over:
            if stored.text("fingerprint") != item["fingerprint"]:
                raise KeyReusedError
            if "body" in stored.values:
                return Answered(stored.count("status"), stored.text("body"))
            if now < stored.at("claimed_at") + LEASE:
                raise ConflictError("the request is being answered")
        is_as_known = Condition("#claimed_at = :known", {"known": stored.at("claimed_at")})
        try:
            self._table.put(Put(item, is_as_known))
        except RefusedError as exc:
            if exc.stored is None or exc.stored.text("claimed_by") != item["claimed_by"]:
                raise ConflictError("the request is being answered") from exc
        return None

    def _change(self, request: RequestKey, changes: Item, removes: tuple[str, ...] = ()) -> None:
        try:
            self._table.update(Update(_partition(request), IDEMPOTENCY, changes, IS_THERE, removes=removes))
        except RefusedError as exc:
            raise NotFoundError("request") from exc


def _partition(request: RequestKey) -> str:
    return key(IDEMPOTENCY, request.subject, request.key)
