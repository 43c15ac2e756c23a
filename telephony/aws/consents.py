"""ConsentStore on DynamoDB, and its items."""

from contextlib import suppress

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import call_sid_of, keys
from telephony.aws.table import CALL, CONSENT, key
from telephony.aws.writes import IS_NEW, Put
from telephony.consent import ConsentProof, ConsentStep


class DynamoConsents:
    """Proofs of consent; see `telephony.ports.ConsentStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, proof: ConsentProof) -> None:
        """Store *proof* unless there is one of this step."""
        with suppress(RefusedError):
            self._table.put(Put(proof_item(proof), IS_NEW))


def proof_from(fields: Fields) -> ConsentProof:
    """Read a proof."""
    return ConsentProof(
        call_sid=call_sid_of(fields),
        step=ConsentStep(fields.text("step")),
        at=fields.at("at"),
        text=fields.text("text"),
        webhook=fields.text("webhook"),
        key=fields.text("key"),
    )


def proof_item(proof: ConsentProof) -> Item:
    """Write a proof."""
    return {
        **keys(key(CALL, proof.call_sid), key(CONSENT, proof.step), CONSENT),
        "step": proof.step.value,
        "at": proof.at,
        "text": proof.text,
        "version": proof.version,
        "webhook": proof.webhook,
        "key": proof.key,
    }
