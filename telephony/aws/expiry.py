"""ExpiryStore on DynamoDB: one item."""

from typing import Final

from telephony.aws.attributes import Item
from telephony.aws.dynamodb import Table
from telephony.aws.item_keys import keys
from telephony.aws.table import EXPIRY, ROUND, key
from telephony.aws.writes import Put
from telephony.keeping import START, Place
from telephony.numbers import MailboxId

_PARTITION: Final = key(ROUND, EXPIRY)


class DynamoExpiry:
    """How far the search for calls that are kept no longer has come; see `telephony.ports.ExpiryStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def place(self) -> Place:
        """Return where to go on; the start, if it was never written down."""
        fields = self._table.get(_PARTITION, ROUND)
        if fields is None:
            return START
        return Place(MailboxId(fields.text("mailbox_id")), fields.maybe_text("after"))

    def remember(self, place: Place) -> None:
        """Write down where to go on."""
        item: Item = {**keys(_PARTITION, ROUND, ROUND), "mailbox_id": place.mailbox_id, "after": place.after}
        self._table.put(Put(item))
