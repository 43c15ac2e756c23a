"""OutgoingStore on DynamoDB: one item for each mailbox and hour, gone some hours later."""

from datetime import datetime, timedelta
from typing import Final

from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import keys
from telephony.aws.table import DIALS, TTL, key
from telephony.aws.writes import IS_NEW, Condition, Put, Update
from telephony.errors import ConflictError
from telephony.numbers import MailboxId
from telephony.outgoing import TooManyCallsError, hour_of

KEPT: Final = timedelta(hours=3)
TRIES: Final = 8
"""As many others may count at the same moment."""


class DynamoOutgoing:
    """How often mailboxes ring; see `telephony.ports.OutgoingStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(self, mailbox_id: MailboxId, now: datetime, most: int) -> None:
        """Count one call. Raises: TooManyCallsError, ConflictError."""
        partition, sort = key(DIALS, mailbox_id), hour_of(now)
        ends_at = int((now + KEPT).timestamp())
        try:
            self._table.put(Put({**keys(partition, sort, DIALS), "calls": 1, TTL: ends_at}, IS_NEW))
        except RefusedError as exc:
            known = 1 if exc.stored is None else exc.stored.count("calls")
        else:
            return
        for _ in range(TRIES):
            if known >= most:
                raise TooManyCallsError
            is_as_known = Condition("#calls = :known", {"known": known})
            try:
                self._table.update(Update(partition, sort, {"calls": known + 1}, is_as_known))
            except RefusedError as exc:
                known = known if exc.stored is None else exc.stored.count("calls")
            else:
                return
        raise ConflictError("too many calls are asked for at once")
