"""Somebody may write a secret between our reading and our writing."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from telephony.aws.attributes import Fields, encode_item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.hook_secrets import DynamoHookSecrets
from telephony.aws.writes import Put
from telephony.errors import ConflictError
from telephony.hooks import HookId
from tests import examples

CRM = HookId("crm")


class _Busy(Table):
    """A table whose readers see one secret after the other, and on which others are always first to write."""

    def __init__(self, seen: Sequence[str | None]) -> None:
        self._seen = iter(seen)

    def get(self, partition: str, sort: str) -> Fields | None:
        del partition, sort
        secret = next(self._seen)
        return None if secret is None else self._stored(secret)

    def put(self, write: Put) -> None:
        del write
        raise RefusedError(self._stored("another's"))

    def _stored(self, secret: str) -> Fields:
        return Fields(encode_item({"secret": secret}))


@pytest.mark.parametrize("known", ["old", None])
def test_who_rotates_a_secret_that_was_changed_meanwhile_is_told_so(known: str | None) -> None:
    store = DynamoHookSecrets(_Busy([known]))
    with pytest.raises(ConflictError, match="changed meanwhile"):
        store.rotate(examples.MAILBOX.id, CRM, now=examples.NOON, keep=timedelta(days=1))


def test_who_signs_first_at_the_same_time_as_another_signs_with_theirs() -> None:
    store = DynamoHookSecrets(_Busy([None, "another's"]))
    assert store.valid(examples.MAILBOX.id, CRM, examples.NOON) == ("another's",)
