"""Directory on DynamoDB."""

from collections.abc import Sequence

from telephony.aws.dynamodb import AllRefusedError, Table
from telephony.aws.mailbox_items import mailbox_from, mailbox_item, number_from, number_item
from telephony.aws.table import CONFIG, KEEPING, MAILBOX, NUMBER, key
from telephony.aws.writes import Condition, Delete, Put, Write
from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number


class DynamoDirectory:
    """Which number belongs to which mailbox; see `telephony.ports.Directory`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def answering(self, number: E164) -> tuple[Number, Mailbox]:
        """Return what answers *number*, in one read. Raises: NotFoundError."""
        fields = self._table.get(key(NUMBER, number), CONFIG)
        if fields is None:
            raise NotFoundError("number")
        return number_from(fields), mailbox_from(fields.fields("mailbox"))

    def mailbox(self, mailbox_id: MailboxId) -> Mailbox:
        """Return a mailbox. Raises: NotFoundError."""
        fields = self._table.get(key(MAILBOX, mailbox_id), CONFIG)
        if fields is None:
            raise NotFoundError("mailbox")
        return mailbox_from(fields)

    def keeping(self, limit: int) -> tuple[MailboxId, ...]:
        """Return up to *limit* mailboxes that say how long they keep calls."""
        return tuple(MailboxId(each.text("id")) for each in self._table.oldest(KEEPING, "~", limit))

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
        writes: list[Write] = [Put(mailbox_item(mailbox, list(wanted)))]
        writes += [Put(number_item(number, mailbox), is_ours) for number in wanted.values()]
        writes += [Delete(key(NUMBER, dropped), CONFIG, is_ours) for dropped in known if dropped not in wanted]
        try:
            self._table.write_all(writes)
        except AllRefusedError as exc:
            raise ValueError("a number is another mailbox's") from exc
