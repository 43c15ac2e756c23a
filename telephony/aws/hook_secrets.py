"""HookSecrets on DynamoDB, whose every item is encrypted with the stack's key."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import keys
from telephony.aws.table import HOOK, SECRET, key
from telephony.aws.writes import IS_NEW, Condition, Put
from telephony.errors import ConflictError
from telephony.hooks import HookId
from telephony.numbers import MailboxId

SECRET_BYTES: Final = 32


class DynamoHookSecrets:
    """With what a program can tell that it is us; see `telephony.ports.HookSecrets`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def issue(self, mailbox_id: MailboxId, hook_id: HookId) -> str:
        """Make the secret of a hook that is new, and return it."""
        item = _item(mailbox_id, hook_id)
        self._table.put(Put(item))
        return str(item["secret"])

    def rotate(self, mailbox_id: MailboxId, hook_id: HookId, *, now: datetime, keep: timedelta) -> str:
        """Return a new secret; the one before stays valid for *keep*. Raises: ConflictError."""
        known = self._known(mailbox_id, hook_id)
        item = _item(mailbox_id, hook_id)
        only_if = IS_NEW
        if known is not None:
            current = known.text("secret")
            only_if = Condition("#secret = :known", {"known": current})
            if keep:
                if len(_valid(known, now)) > 1:
                    raise ConflictError("the secret before this one is still valid")
                item |= {"previous": current, "previous_until": now + keep}
        try:
            self._table.put(Put(item, only_if))
        except RefusedError as exc:
            # Our own write, whose answer was lost, refuses its repetition.
            if exc.stored is None or exc.stored.text("secret") != item["secret"]:
                raise ConflictError("the secret was changed meanwhile") from exc
        return str(item["secret"])

    def valid(self, mailbox_id: MailboxId, hook_id: HookId, now: datetime) -> tuple[str, ...]:
        """Return with which secrets to sign, the newest first; one is made if there is none."""
        known = self._known(mailbox_id, hook_id)
        if known is not None:
            return _valid(known, now)
        item = _item(mailbox_id, hook_id)
        try:
            self._table.put(Put(item, IS_NEW))
        except RefusedError:  # somebody was faster, and nobody removes one
            return self.valid(mailbox_id, hook_id, now)
        return (str(item["secret"]),)

    def _known(self, mailbox_id: MailboxId, hook_id: HookId) -> Fields | None:
        return self._table.get(key(HOOK, mailbox_id, hook_id), SECRET)


def _item(mailbox_id: MailboxId, hook_id: HookId) -> Item:
    """Return the item of a new secret."""
    return {**keys(key(HOOK, mailbox_id, hook_id), SECRET, SECRET), "secret": secrets.token_hex(SECRET_BYTES)}


def _valid(fields: Fields, now: datetime) -> tuple[str, ...]:
    current, until = fields.text("secret"), fields.maybe_at("previous_until")
    return (current,) if until is None or now >= until else (current, fields.text("previous"))
