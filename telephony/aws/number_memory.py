"""NumberMemory on DynamoDB."""

from dataclasses import asdict

from telephony.aws.attributes import Item
from telephony.aws.dynamodb import Table
from telephony.aws.item_keys import keys
from telephony.aws.table import NUMBER, PREVIOUS, key
from telephony.aws.writes import Put
from telephony.number_addresses import NumberAddresses, Remembered
from telephony.numbers import E164


class DynamoNumberMemory:
    """Whom Twilio asked before it asked us; see `telephony.ports.NumberMemory`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def recall(self, number: E164) -> Remembered | None:
        """Return what is remembered of a number; None when nothing is."""
        fields = self._table.get(key(NUMBER, number), PREVIOUS)
        if fields is None:
            return None
        before = fields.fields("before")
        addresses = NumberAddresses(**{name: before.text(name) for name in before.values})
        return Remembered(addresses, fields.texts("ours"))

    def remember(self, number: E164, remembered: Remembered) -> None:
        """Remember this, and forget what was remembered before."""
        item: Item = {
            **keys(key(NUMBER, number), PREVIOUS, PREVIOUS),
            "before": dict(asdict(remembered.before)),
            "ours": list(remembered.ours),
        }
        self._table.put(Put(item))
