"""DigestStore on DynamoDB."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import uuid4

from telephony.aws.attributes import Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import keys, sid_after
from telephony.aws.table import DIGEST, ENLISTED, SLOT, SORT_KEY, TTL, key
from telephony.aws.writes import IS_THERE, Condition, Put, Update
from telephony.calls import CallSid
from telephony.digests import LEASE
from telephony.errors import ConflictError, NotFoundError
from telephony.numbers import MailboxId
from telephony.places import timestamp

KEPT: Final = timedelta(days=7)
"""How long a list outlives its time: past every repeat of what is done at that time."""


class DynamoDigests:
    """Which calls a digest tells of, and who sends it; see `telephony.ports.DigestStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def enlist(self, mailbox_id: MailboxId, slot: datetime, call_sid: CallSid) -> None:
        """Put a call on a list."""
        place = keys(_partition(mailbox_id, slot), key(ENLISTED, call_sid), ENLISTED)
        self._table.put(Put({**place, **_life(slot)}))

    def listed(self, mailbox_id: MailboxId, slot: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* calls of a list."""
        found = self._table.items(_partition(mailbox_id, slot), key(ENLISTED, ""), key(ENLISTED, "~"))
        return tuple(CallSid(sid_after(ENLISTED, fields.text(SORT_KEY))) for fields in islice(found, limit))

    def claim(self, mailbox_id: MailboxId, slot: datetime, at: datetime) -> None:
        """Set out to send, or take over from who set out more than LEASE ago. Raises: ConflictError."""
        mark = uuid4().hex  # boto3 repeats a request whose answer was lost: see DynamoDeliveries
        item: Item = {
            **keys(_partition(mailbox_id, slot), SLOT, SLOT),
            **_life(slot),
            "is_sent": 0,
            "claimed_at": at,
            "claimed_by": mark,
        }
        is_free = Condition(
            "attribute_not_exists(#pk) OR (#is_sent = :no AND #claimed_at <= :before)",
            {"no": 0, "before": at - LEASE},
        )
        try:
            self._table.put(Put(item, is_free))
        except RefusedError as exc:
            if exc.stored is None or exc.stored.text("claimed_by") != mark:
                raise ConflictError("the digest is another's") from exc

    def finish(self, mailbox_id: MailboxId, slot: datetime) -> None:
        """Write down that nothing is left to send. Raises: NotFoundError."""
        try:
            self._table.update(Update(_partition(mailbox_id, slot), SLOT, {"is_sent": 1}, IS_THERE))
        except RefusedError as exc:
            raise NotFoundError("digest") from exc


def _partition(mailbox_id: MailboxId, slot: datetime) -> str:
    return key(DIGEST, mailbox_id, timestamp(slot))


def _life(slot: datetime) -> Item:
    return {TTL: int((slot + KEPT).timestamp())}
