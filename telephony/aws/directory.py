"""Directory on DynamoDB."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace

from telephony.aws.attributes import Item
from telephony.aws.dynamodb import AllRefusedError, RefusedError, Table
from telephony.aws.mailbox_items import SPOKEN, mailbox_from, mailbox_item, number_from, number_item, spoken_values
from telephony.aws.table import CONFIG, MAILBOX, NUMBER, key
from telephony.aws.writes import IS_THERE, Condition, Delete, Put, Update, Write
from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.phrases import PhraseDigest


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
        fields = self._table.get(key(MAILBOX, mailbox_id), CONFIG)
        if fields is None:
            raise NotFoundError("mailbox")
        return mailbox_from(fields)

    def put(self, mailbox: Mailbox, numbers: Sequence[Number]) -> None:
        """Store *mailbox* with exactly these numbers, at most 50, all or nothing.

        Raises: ValueError if a number is another mailbox's.
        """
        if any(number.mailbox_id != mailbox.id for number in numbers):
            raise ValueError("a number is another mailbox's")
        wanted = {number.number: number for number in numbers}
        before = self._table.get(key(MAILBOX, mailbox.id), CONFIG)
        known = before.texts("numbers") if before else ()
        is_ours = Condition("attribute_not_exists(#pk) OR #mailbox_id = :mailbox_id", {"mailbox_id": mailbox.id})
        # Sound that was kept for a text stays good for it.
        known_spoken = mailbox_from(before).spoken if before else frozenset()
        mailbox = replace(mailbox, spoken=_of(mailbox, mailbox.spoken | known_spoken))
        writes: list[Write] = [Put(mailbox_item(mailbox, list(wanted)))]
        writes += [Put(number_item(number, mailbox), is_ours) for number in wanted.values()]
        writes += [Delete(key(NUMBER, dropped), CONFIG, is_ours) for dropped in known if dropped not in wanted]
        try:
            self._table.write_all(writes)
        except AllRefusedError as exc:
            raise ValueError("a number is another mailbox's") from exc

    def spoken(self, mailbox_id: MailboxId, digests: AbstractSet[PhraseDigest]) -> None:
        """Write down in each number, and then in the mailbox, that these phrases can be played.

        Raises: NotFoundError.
        """
        fields = self._table.get(key(MAILBOX, mailbox_id), CONFIG)
        if fields is None:
            raise NotFoundError("mailbox")
        mailbox = mailbox_from(fields)
        changes: Item = {SPOKEN: spoken_values(_of(mailbox, mailbox.spoken | digests))}
        is_ours = Condition("#mailbox_id = :mailbox_id", {"mailbox_id": mailbox_id})
        for number in fields.texts("numbers"):
            with suppress(RefusedError):  # it was given to another mailbox meanwhile
                self._table.update(Update(key(NUMBER, number), CONFIG, changes, is_ours))
        with suppress(RefusedError):
            self._table.update(Update(key(MAILBOX, mailbox_id), CONFIG, changes, IS_THERE))


def _of(mailbox: Mailbox, digests: AbstractSet[PhraseDigest]) -> frozenset[PhraseDigest]:
    """Return which of *digests* are phrases of the mailbox as it is now."""
    return frozenset(phrase.digest for phrase in mailbox.phrases) & digests
