"""ErasureStore on DynamoDB, and the conditions by which an erased call stays erased."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import AllRefusedError, RefusedError, Table
from telephony.aws.item_keys import call_sid_of, keys, sid_after
from telephony.aws.items import delivery_from
from telephony.aws.table import (
    ARCHIVE_PARTITION_KEY,
    ARCHIVE_SORT_KEY,
    CALL,
    DELIVERY,
    ERASED,
    ERASING,
    KIND,
    LINK,
    RECORDING,
    SORT_KEY,
    TTL,
    key,
)
from telephony.aws.writes import IS_NEW, IS_THERE, Condition, ConditionCheck, Put, Update
from telephony.calls import CallSid
from telephony.deliveries import Channel
from telephony.erasure import Belongings, Tombstone
from telephony.errors import ConflictError, HeldError, NotFoundError
from telephony.numbers import MailboxId
from telephony.places import timestamp
from telephony.recordings import RecordingSid

_IS_FREE: Final = Condition("attribute_exists(#pk) AND attribute_not_exists(#held_at)")
_TELLS_OF_COPIES: Final = frozenset({CALL, RECORDING, DELIVERY})


def is_not_erased(call_sid: CallSid) -> ConditionCheck:
    """Return what refuses a transaction that would bring an erased call back."""
    return ConditionCheck(key(CALL, call_sid), ERASED, IS_NEW)


def is_being_erased(item: Fields) -> bool:
    """Tell by a call's item whether it is on its way out."""
    return ERASING in item.values


class DynamoErasure:
    """Calls that are erased, and calls that may not be; see `telephony.ports.ErasureStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def hold(self, call_sid: CallSid, now: datetime) -> None:
        """Put a legal hold on a call, unless there is one. Raises: NotFoundError, ConflictError."""
        may_be_held = Condition(f"{_IS_FREE.expression} AND attribute_not_exists(#{ERASING})")
        try:
            self._table.update(Update(key(CALL, call_sid), CALL, {"held_at": now}, may_be_held))
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("call") from exc
            if is_being_erased(exc.stored):
                raise ConflictError("the call is being erased") from exc

    def release(self, call_sid: CallSid) -> None:
        """Take a call's legal hold away. Raises: NotFoundError."""
        try:
            self._table.update(Update(key(CALL, call_sid), CALL, {}, IS_THERE, removes=("held_at",)))
        except RefusedError as exc:
            raise NotFoundError("call") from exc

    def bury(self, tombstone: Tombstone) -> None:
        """Leave *tombstone*, and mark the call, if there is one, in the same write. Raises: HeldError."""
        grave = Put(_tombstone_item(tombstone), IS_NEW)
        call = self._call(tombstone.call_sid)
        if call is None:
            with suppress(RefusedError):  # there is a tombstone
                self._table.put(grave)
            return
        if is_being_erased(call):
            return
        mark = Update(key(CALL, tombstone.call_sid), CALL, {ERASING: tombstone.erased_at}, _IS_FREE)
        try:
            self._table.write_all([grave, mark])
        except AllRefusedError as exc:
            _, is_call_refused = exc.refused
            if is_call_refused and self._call(tombstone.call_sid) is not None:
                raise HeldError from exc

    def _call(self, call_sid: CallSid) -> Fields | None:
        return self._table.get(key(CALL, call_sid), CALL)

    def belongings(self, call_sid: CallSid) -> Belongings:
        """Return what the call's items say of copies elsewhere, in one query."""
        items = list(self._table.items(key(CALL, call_sid)))
        sms = (each for each in items if each.text(KIND) == DELIVERY and each.text("channel") == Channel.SMS)
        return Belongings(
            recordings=tuple(
                RecordingSid(sid_after(RECORDING, each.text(SORT_KEY)))
                for each in items
                if each.text(KIND) == RECORDING
            ),
            sms=tuple(map(delivery_from, sms)),
        )

    def unlink(self, call_sid: CallSid) -> int:
        """Remove the link that the call's own item names, and then that item."""
        link = self._table.get(key(CALL, call_sid), LINK)
        if link is None:
            return 0
        self._table.delete_all([(key(LINK, link.text("token")), LINK)])
        self._table.delete_all([(key(CALL, call_sid), LINK)])
        return 1

    def remove(self, call_sid: CallSid, *, is_all: bool) -> int:
        """Remove the call's items, 25 a request; the call itself last, by which it is found again."""
        kept = {ERASED} if is_all else {ERASED, *_TELLS_OF_COPIES}
        gone = [each.text(SORT_KEY) for each in self._items(call_sid) if each.text(KIND) not in kept]
        gone.sort(key=lambda sort: sort == CALL)
        self._table.delete_all([(key(CALL, call_sid), sort) for sort in gone])
        return len(gone)

    def remains(self, call_sid: CallSid) -> int:
        """Return how many items are there now beside the tombstone."""
        return sum(each.text(KIND) != ERASED for each in self._items(call_sid))

    def to_look_at(self, before: datetime, limit: int) -> tuple[Tombstone, ...]:
        """Return up to *limit* tombstones that were to be looked at before then."""
        return tuple(map(_tombstone_from, self._table.oldest(ERASED, timestamp(before), limit)))

    def looked_at(self, tombstone: Tombstone) -> None:
        """Move a tombstone to its new place in the list, or off it."""
        removes = () if tombstone.look_at is not None else (ARCHIVE_PARTITION_KEY, ARCHIVE_SORT_KEY, "look_at")
        with suppress(RefusedError):  # its own time was over
            self._table.update(Update(key(CALL, tombstone.call_sid), ERASED, _place(tombstone), IS_THERE, removes))

    def _items(self, call_sid: CallSid) -> list[Fields]:
        return list(self._table.items(key(CALL, call_sid)))


def _tombstone_item(tombstone: Tombstone) -> Item:
    return {
        **keys(key(CALL, tombstone.call_sid), ERASED, ERASED),
        **_place(tombstone),
        TTL: int(tombstone.expires_at.timestamp()),
        "mailbox_id": tombstone.mailbox_id,
        "erased_at": tombstone.erased_at,
    }


def _place(tombstone: Tombstone) -> Item:
    if tombstone.look_at is None:
        return {}
    return {
        ARCHIVE_PARTITION_KEY: ERASED,
        ARCHIVE_SORT_KEY: f"{timestamp(tombstone.look_at)}#{tombstone.call_sid}",
        "look_at": tombstone.look_at,
    }


def _tombstone_from(fields: Fields) -> Tombstone:
    return Tombstone(
        call_sid=call_sid_of(fields),
        mailbox_id=MailboxId(fields.text("mailbox_id")),
        erased_at=fields.at("erased_at"),
        look_at=fields.maybe_at("look_at"),
    )
