"""RepairStore on DynamoDB."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.items import utterance_item
from telephony.aws.repair_items import repair_item
from telephony.aws.writes import Condition, Put
from telephony.errors import ConflictError
from telephony.repairs import Repair
from telephony.transcripts import Utterance

TOGETHER: Final = 50
"""Utterances in one transaction; DynamoDB takes 100. A batch write would need the right to erase."""


class DynamoRepairs:
    """What was done to fill transcripts; see `telephony.ports.RepairStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, attempt: Repair) -> None:
        """Set out on *attempt*. Raises: ConflictError if as many attempts have begun."""
        # boto3 repeats a request whose answer was lost; without our mark we would lose to ourselves.
        mark = uuid4().hex
        is_next = Condition("attribute_not_exists(#pk) OR #attempts < :attempts", {"attempts": attempt.attempts})
        try:
            self._table.put(Put({**repair_item(attempt), "begun_by": mark}, is_next))
        except RefusedError as exc:
            if exc.stored is None or exc.stored.maybe_text("begun_by") != mark:
                raise ConflictError("the attempt has begun") from exc

    def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
        """Store the words, then what became of the attempt. Raises: ConflictError if another has begun since."""
        for start in range(0, len(utterances), TOGETHER):
            self._table.write_all([Put(utterance_item(said)) for said in utterances[start : start + TOGETHER]])
        is_ours = Condition("#attempts = :attempts", {"attempts": attempt.attempts})
        try:
            self._table.put(Put(repair_item(attempt), is_ours))
        except RefusedError as exc:
            raise ConflictError("another attempt has begun") from exc
