"""Directory on DynamoDB."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from typing import Final

from telephony.aws import cursor as cursors
from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import AllRefusedError, RefusedError, Table
from telephony.aws.mailbox_items import (
    READERS_LISTED,
    REVISION,
    SPOKEN,
    mailbox_from,
    mailbox_item,
    number_from,
    number_item,
    numbers_from,
    reader_item,
    spoken_values,
)
from telephony.aws.table import CONFIG, KEEPING, MAILBOX, NUMBER, READER, key
from telephony.aws.writes import IS_NEW, IS_THERE, Condition, Delete, Put, Update, Write
from telephony.errors import ConflictError, NotFoundError, NumberTakenError, WireError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.phrases import PhraseDigest
from telephony.ports.stores import MailboxPage, StoredMailbox

MOST_WRITES: Final = 100
"""In one transaction. Source: TransactWriteItems API."""
_NEXT: Final = " "
"""Sorts before whatever else a mailbox's id could go on with."""
TURNS: Final = 3
"""How often a mailbox is stored over what others have stored meanwhile, where that does not matter."""


class DynamoDirectory:
    """Which number belongs to which mailbox; see `telephony.ports.Directory`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def answering(self, number: E164) -> tuple[Number, Mailbox]:
        """Return what answers *number*, in one read. Raises: NotFoundError."""
        fields = self._table.get(key(NUMBER, number), CONFIG)
        if fields is None:
            raise NotFoundError("number")
        return number_from(fields), mailbox_from(fields.fields("mailbox"), beside=fields)

    def mailbox(self, mailbox_id: MailboxId) -> Mailbox:
        """Return a mailbox. Raises: NotFoundError."""
        return mailbox_from(self._fields(mailbox_id))

    def keeping_behind(self, mailbox_id: MailboxId) -> MailboxId | None:
        """Return the next mailbox that says how long it keeps calls, in one query of the index."""
        found, _ = self._table.span(KEEPING, f"{mailbox_id}{_NEXT}", "~", 1)
        return next((MailboxId(each.text("id")) for each in found), None)

    def stored(self, mailbox_id: MailboxId) -> StoredMailbox:
        """Return a mailbox, its numbers and its revision, in one read. Raises: NotFoundError."""
        fields = self._fields(mailbox_id)
        if "number_values" in fields.values:
            numbers = numbers_from(fields)
        else:  # it was stored before they were kept with it
            items = (self._table.get(key(NUMBER, number), CONFIG) for number in fields.texts("numbers"))
            numbers = tuple(number_from(each) for each in items if each is not None)
        return StoredMailbox(mailbox_from(fields), numbers, _revision(fields))

    def readable_by(self, reader: str, limit: int, cursor: str | None) -> MailboxPage:
        """Return the mailboxes that list *reader*: the list says which to look at, and they themselves who may.

        Raises: WireError.
        """
        after = None if cursor is None else cursors.unpack(cursor, reader)
        items = self._table.first(key(READER, reader), limit, None if after is None else key(MAILBOX, after))
        listed = [MailboxId(each.text("mailbox_id")) for each in items]
        found = (self._table.get(key(MAILBOX, each), CONFIG) for each in listed)
        mailboxes = [mailbox_from(each) for each in found if each is not None]
        shown = tuple(each for each in mailboxes if reader in each.readers)
        return MailboxPage(shown, cursors.pack(reader, listed[-1]) if len(listed) == limit else None)

    def put(self, mailbox: Mailbox, numbers: Sequence[Number], revision: int | None = None) -> int:
        """Store *mailbox* with exactly these numbers, all or nothing, and return its revision.

        Raises: NumberTakenError, ConflictError, WireError.
        """
        for number in numbers:
            if number.mailbox_id != mailbox.id:
                raise NumberTakenError(number.number)
        for _ in range(TURNS - 1):
            try:
                return self._put(mailbox, numbers, revision)
            except NumberTakenError:
                raise
            except ConflictError:
                if revision is not None:
                    raise
        return self._put(mailbox, numbers, revision)

    def _put(self, mailbox: Mailbox, numbers: Sequence[Number], revision: int | None) -> int:
        wanted = {number.number: number for number in numbers}
        before = self._table.get(key(MAILBOX, mailbox.id), CONFIG)
        known = 0 if before is None else _revision(before)
        if revision not in {None, known}:
            raise ConflictError("the mailbox was changed")
        is_ours = Condition("attribute_not_exists(#pk) OR #mailbox_id = :mailbox_id", {"mailbox_id": mailbox.id})
        # Sound that was kept for a text stays good for it.
        known_spoken = frozenset() if before is None else mailbox_from(before).spoken
        mailbox = replace(mailbox, spoken=_of(mailbox, mailbox.spoken | known_spoken))
        item = mailbox_item(mailbox, list(wanted.values()), known + 1)
        writes: list[Write] = [Put(item, _is_as_known(before))]
        writes += [Put(number_item(number, mailbox), is_ours) for number in wanted.values()]
        dropped = [E164(each) for each in (before.texts("numbers") if before else ()) if each not in wanted]
        writes += [Delete(key(NUMBER, number), CONFIG, is_ours) for number in dropped]
        writes += _relisted(mailbox, () if before is None else _listed(before), is_ours)
        if len(writes) > MOST_WRITES:
            raise WireError("too many numbers and readers change at once: first store it without some of the old ones")
        try:
            self._table.write_all(writes)
        except AllRefusedError as exc:
            refused = dict(zip([None, *wanted, *dropped], exc.refused, strict=False))
            taken = next((number for number, is_refused in refused.items() if number and is_refused), None)
            if taken is not None:
                raise NumberTakenError(taken) from exc
            raise ConflictError("the mailbox was changed") from exc
        return known + 1

    def spoken(self, mailbox_id: MailboxId, digests: AbstractSet[PhraseDigest]) -> None:
        """Write down in each number, and then in the mailbox, that these phrases can be played.

        Raises: NotFoundError.
        """
        fields = self._fields(mailbox_id)
        mailbox = mailbox_from(fields)
        self._write_spoken(fields, _of(mailbox, mailbox.spoken | digests))

    def lost(self, mailbox_id: MailboxId, digest: PhraseDigest) -> None:
        """Write down in each number, and then in the mailbox, that this phrase is lost. Raises: NotFoundError."""
        fields = self._fields(mailbox_id)
        known = mailbox_from(fields).spoken
        if digest in known:
            self._write_spoken(fields, known - {digest})

    def _write_spoken(self, fields: Fields, digests: frozenset[PhraseDigest]) -> None:
        mailbox_id = fields.text("id")
        changes: Item = {SPOKEN: spoken_values(digests)}
        is_ours = Condition("#mailbox_id = :mailbox_id", {"mailbox_id": mailbox_id})
        for number in fields.texts("numbers"):
            with suppress(RefusedError):  # it was given to another mailbox meanwhile
                self._table.update(Update(key(NUMBER, number), CONFIG, changes, is_ours))
        with suppress(RefusedError):
            self._table.update(Update(key(MAILBOX, mailbox_id), CONFIG, changes, IS_THERE))

    def _fields(self, mailbox_id: MailboxId) -> Fields:
        fields = self._table.get(key(MAILBOX, mailbox_id), CONFIG)
        if fields is None:
            raise NotFoundError("mailbox")
        return fields


def _of(mailbox: Mailbox, digests: AbstractSet[PhraseDigest]) -> frozenset[PhraseDigest]:
    """Return which of *digests* are phrases of the mailbox as it is now."""
    return frozenset(phrase.digest for phrase in mailbox.phrases) & digests


def _relisted(mailbox: Mailbox, listed: Iterable[str], is_ours: Condition) -> list[Write]:
    """Return the writes after which exactly the mailbox's readers find it in their lists."""
    before, wanted = set(listed), dict.fromkeys(mailbox.readers)
    new: list[Write] = [Put(reader_item(reader, mailbox.id)) for reader in wanted if reader not in before]
    gone = sorted(before - set(wanted))
    return new + [Delete(key(READER, reader), key(MAILBOX, mailbox.id), is_ours) for reader in gone]


def _listed(fields: Fields) -> tuple[str, ...]:
    """Return whose lists have a mailbox; none had one that was stored before there were lists."""
    return fields.maybe_texts(READERS_LISTED)


def _revision(fields: Fields) -> int:
    return fields.maybe_count(REVISION) or 0


def _is_as_known(before: Fields | None) -> Condition:
    if before is None:
        return IS_NEW
    if REVISION not in before.values:
        return Condition(f"attribute_not_exists(#{REVISION})")
    return Condition(f"#{REVISION} = :known", {"known": _revision(before)})
