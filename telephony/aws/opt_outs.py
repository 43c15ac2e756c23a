"""OptOutStore on DynamoDB."""

import contextlib
from collections.abc import Collection
from datetime import datetime
from itertools import product

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import Key, RefusedError, Table
from telephony.aws.item_keys import keys, sid_after
from telephony.aws.table import OPT_OUT, PARTITION_KEY, RECIPIENT, SORT_KEY, key
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
        fields = self._table.get(*_place(recipient, sender))
        return None if fields is None else _opt_out_from(fields)

    def among(self, recipients: Collection[E164], senders: Collection[E164]) -> tuple[OptOut, ...]:
        """Return what was written down, and not lifted: a read for each pair, a hundred of them at once."""
        places = [_place(*pair) for pair in product(dict.fromkeys(recipients), dict.fromkeys(senders))]
        found = map(_opt_out_from, self._table.get_all(places, is_consistent=False))
        return tuple(each for each in found if each is not None)

    def _write(self, recipient: E164, sender: E164, at: datetime, source: OptOutSource | None) -> None:
        item: Item = {
            **keys(*_place(recipient, sender), OPT_OUT),
            "changed_at": at,
            "source": None if source is None else source.value,
        }
        is_later = Condition("attribute_not_exists(#pk) OR #changed_at <= :at", {"at": at})
        with contextlib.suppress(RefusedError):  # what is there is newer
            self._table.put(Put(item, is_later))


def _place(recipient: E164, sender: E164) -> Key:
    return key(RECIPIENT, recipient), key(OPT_OUT, sender)


def _opt_out_from(fields: Fields) -> OptOut | None:
    """Read an opt-out; None if it was lifted."""
    source = fields.maybe_text("source")
    if source is None:
        return None
    recipient = E164(sid_after(RECIPIENT, fields.text(PARTITION_KEY)))
    sender = E164(sid_after(OPT_OUT, fields.text(SORT_KEY)))
    return OptOut(recipient, sender, fields.at("changed_at"), OptOutSource(source))
