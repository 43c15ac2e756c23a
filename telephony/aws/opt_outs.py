"""OptOutStore on DynamoDB."""

import contextlib
from datetime import datetime

from telephony.aws.attributes import Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import keys
from telephony.aws.table import OPT_OUT, RECIPIENT, key
from telephony.aws.writes import Condition, Put
from telephony.numbers import E164
from telephony.opt_outs import OptOut, OptOutSource


class DynamoOptOuts:
    """Who wants no SMS from which number; see `telephony.ports.OptOutStore`.

    An opt-out that was lifted stays as an item without a source, so that an older write does not bring it back.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def mark(self, opt_out: OptOut) -> None:
        """Write down that somebody wants none."""
        self._write(opt_out.recipient, opt_out.sender, opt_out.since, opt_out.source)

    def lift(self, recipient: E164, sender: E164, at: datetime) -> None:
        """Write down that somebody wants SMS again."""
        self._write(recipient, sender, at, None)

    def opt_out(self, recipient: E164, sender: E164) -> OptOut | None:
        """Return what was written down; None when nothing was, or it was lifted."""
        fields = self._table.get(key(RECIPIENT, recipient), key(OPT_OUT, sender))
        source = None if fields is None else fields.maybe_text("source")
        if fields is None or source is None:
            return None
        return OptOut(recipient, sender, fields.at("changed_at"), OptOutSource(source))

    def _write(self, recipient: E164, sender: E164, at: datetime, source: OptOutSource | None) -> None:
        item: Item = {
            **keys(key(RECIPIENT, recipient), key(OPT_OUT, sender), OPT_OUT),
            "changed_at": at,
            "source": None if source is None else source.value,
        }
        is_later = Condition("attribute_not_exists(#pk) OR #changed_at <= :at", {"at": at})
        with contextlib.suppress(RefusedError):  # what is there is newer
            self._table.put(Put(item, is_later))
