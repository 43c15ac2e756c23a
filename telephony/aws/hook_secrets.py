"""HookSecrets on DynamoDB, whose every item is encrypted with the stack's key."""

import secrets
from typing import Final

from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import keys
from telephony.aws.table import HOOK, SECRET, key
from telephony.aws.writes import IS_NEW, Put
from telephony.hooks import HookId
from telephony.numbers import MailboxId

SECRET_BYTES: Final = 32


class DynamoHookSecrets:
    """With what a program can tell that it is us; see `telephony.ports.HookSecrets`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def secret(self, mailbox_id: MailboxId, hook_id: HookId) -> str:
        """Return a hook's secret, which is made when it is first asked for."""
        partition = key(HOOK, mailbox_id, hook_id)
        known = self._table.get(partition, SECRET)
        if known is not None:
            return known.text("secret")
        secret = secrets.token_hex(SECRET_BYTES)
        try:
            self._table.put(Put({**keys(partition, SECRET, SECRET), "secret": secret}, IS_NEW))
        except RefusedError:  # somebody was faster, and nobody removes one
            return self.secret(mailbox_id, hook_id)
        return secret
