"""Cursor: where a page of the archive ended, as text for whoever reads the next one.

It names its mailbox and a place, and no key: whatever a stranger writes into it, only that mailbox is read.
"""

import base64
import binascii
import json
import re
from typing import Final

from telephony.aws.attributes import Item
from telephony.aws.items import call_item
from telephony.aws.table import (
    ARCHIVE_PARTITION_KEY,
    ARCHIVE_SORT_KEY,
    CALL,
    MAILBOX,
    PARTITION_KEY,
    SORT_KEY,
    key,
)
from telephony.calls import Call
from telephony.errors import WireError
from telephony.numbers import MailboxId

MAX_CHARACTERS: Final = 1_000
_PLACE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z#(CA[0-9a-fA-F]{32})", re.ASCII)


def after(call: Call) -> str:
    """Return the cursor of the page that begins after *call*."""
    return pack(call.mailbox_id, str(call_item(call)[ARCHIVE_SORT_KEY]))


def pack(owner: str, place: str) -> str:
    """Return the cursor of the page of *owner*'s list that begins after *place*."""
    return base64.urlsafe_b64encode(json.dumps([owner, place]).encode()).decode("ascii").rstrip("=")


def unpack(cursor: str, owner: str) -> str:
    """Return the place that *cursor* stands for. Raises: WireError if it is not one of *owner*'s."""
    whose, place = _read(cursor)
    if whose != owner or not place:
        raise WireError("cursor is not one of yours")
    return place


def parse(cursor: str, mailbox_id: MailboxId) -> Item:
    """Return the keys of the call that *cursor* stands after. Raises: WireError if it is not this mailbox's."""
    mailbox, place = _read(cursor)
    found = _PLACE.fullmatch(place)
    if mailbox != mailbox_id or found is None:
        raise WireError("cursor is not one of this mailbox's")
    return {
        PARTITION_KEY: key(CALL, found[1]),
        SORT_KEY: CALL,
        ARCHIVE_PARTITION_KEY: key(MAILBOX, mailbox_id),
        ARCHIVE_SORT_KEY: place,
    }


def _read(cursor: str) -> tuple[str, str]:
    try:
        if len(cursor) > MAX_CHARACTERS:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [str(mailbox), str(place)]:
                return mailbox, place
            case _:
                raise ValueError("not two texts")
    # RecursionError: json.loads() on "[[[[...".
    except (binascii.Error, RecursionError, ValueError) as exc:
        raise WireError("cursor is not one of ours") from exc
