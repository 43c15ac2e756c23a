"""Cursor of a search: where its answer ended, as text for whoever reads on.

It names its mailbox and a place, and carries a digest of what was asked, so that it goes on with nothing else. Whatever
a stranger writes into it, only that mailbox is read.
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from telephony.errors import WireError
from telephony.numbers import MailboxId
from telephony.places import Place

MOST_CHARACTERS: Final = 1_000
_DIGEST_BYTES = 12
_PLACE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z#CA[0-9a-fA-F]{31}.~?", re.ASCII)


def write(mailbox_id: MailboxId, asked: Sequence[str], rest: Place) -> str:
    """Return the cursor of an answer to *asked* that goes on at *rest*."""
    content = json.dumps([mailbox_id, _digest(asked), rest])
    return base64.urlsafe_b64encode(content.encode()).decode("ascii").rstrip("=")


def read(cursor: str, mailbox_id: MailboxId, asked: Sequence[str]) -> Place:
    """Return where to go on. Raises: WireError if the cursor is not one of this mailbox's and of this query's."""
    mailbox, digest, place = _read(cursor)
    if mailbox != mailbox_id or digest != _digest(asked) or _PLACE.fullmatch(place) is None:
        raise WireError("cursor is not one of this search's")
    return Place(place)


def _digest(asked: Sequence[str]) -> str:
    return blake2b(json.dumps(list(asked)).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _read(cursor: str) -> tuple[str, str, str]:
    try:
        if len(cursor) > MOST_CHARACTERS:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [str(mailbox), str(digest), str(place)]:
                return mailbox, digest, place
            case _:
                raise ValueError("not three texts")
    # RecursionError: json.loads() on "[[[[...".
    except (binascii.Error, RecursionError, ValueError) as exc:
        raise WireError("cursor is not one of ours") from exc
