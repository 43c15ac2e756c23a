"""What every item begins with, and what its keys say."""

from telephony.aws.attributes import Fields, Item
from telephony.aws.table import CALL, KIND, PARTITION_KEY, SORT_KEY
from telephony.calls import CallSid


def keys(partition: str, sort: str, kind: str) -> Item:
    """Return what every item begins with."""
    return {PARTITION_KEY: partition, SORT_KEY: sort, KIND: kind}


def sid_after(noun: str, text: str) -> str:
    """Return what follows *noun* in a key."""
    return text.removeprefix(f"{noun}#")


def call_sid_of(fields: Fields) -> CallSid:
    """Return whose item it is, of any item that belongs to a call."""
    return CallSid(sid_after(CALL, fields.text(PARTITION_KEY)))
