"""Counting calls goes on among others who count, and gives up in a crowd."""

import pytest

from telephony.aws.attributes import Fields, encode_item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.outgoing import TRIES, DynamoOutgoing
from telephony.aws.writes import Put, Update
from telephony.errors import ConflictError
from telephony.outgoing import TooManyCallsError
from tests import examples


class _Crowded(Table):
    """A table on which others are first, *rivals* times."""

    def __init__(self, rivals: int) -> None:
        self.rivals = rivals
        self.calls = 1

    def put(self, write: Put) -> None:
        raise RefusedError(self._stored())

    def update(self, write: Update) -> Fields:
        if self.rivals:
            self.rivals -= 1
            self.calls += 1
            raise RefusedError(self._stored())
        return self._stored()

    def _stored(self) -> Fields:
        return Fields(encode_item({"calls": self.calls}))


def test_a_call_is_counted_after_others() -> None:
    table = _Crowded(TRIES - 1)
    DynamoOutgoing(table).count(examples.MAILBOX.id, examples.NOON, most=100)
    assert table.calls == TRIES


def test_in_a_crowd_it_is_given_up() -> None:
    with pytest.raises(ConflictError):
        DynamoOutgoing(_Crowded(TRIES)).count(examples.MAILBOX.id, examples.NOON, most=100)


def test_others_may_use_up_the_hour_meanwhile() -> None:
    with pytest.raises(TooManyCallsError):
        DynamoOutgoing(_Crowded(TRIES)).count(examples.MAILBOX.id, examples.NOON, most=3)
