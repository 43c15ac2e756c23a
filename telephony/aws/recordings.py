"""RecordingStore on DynamoDB."""

from contextlib import suppress

from telephony.aws.attributes import Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.items import recording_item
from telephony.aws.table import CALL, ERASED, RECORDING, key
from telephony.aws.writes import IS_THERE, Condition, Put, Update
from telephony.calls import CallSid
from telephony.errors import NotFoundError
from telephony.recordings import Recording, RecordingSid


class DynamoRecordings:
    """Recordings as Twilio reports them; see `telephony.ports.RecordingStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def report(self, recording: Recording) -> None:
        """Store *recording* unless as much or more is known of it, or its call was erased."""
        is_news = Condition(
            "attribute_not_exists(#pk) OR #status_rank < :status_rank", {"status_rank": recording.status.rank}
        )
        # What is written between this reading and an erasure is found when the erased call is looked at again.
        if self._table.get(key(CALL, recording.call_sid), ERASED) is not None:
            return
        with suppress(RefusedError):
            self._table.put(Put(recording_item(recording), is_news))

    def stored(self, call_sid: CallSid, recording_sid: RecordingSid, key: str) -> None:
        """Write down where our copy is. Raises: NotFoundError."""
        try:
            self._table.update(_update(call_sid, recording_sid, {"stored_key": key, "trouble": ""}, IS_THERE))
        except RefusedError as exc:
            raise NotFoundError("recording") from exc

    def failed(self, call_sid: CallSid, recording_sid: RecordingSid, trouble: str) -> None:
        """Write down that there will be no copy, unless there is one. Raises: NotFoundError."""
        has_no_copy = Condition("attribute_exists(#pk) AND attribute_not_exists(#stored_key)")
        try:
            self._table.update(_update(call_sid, recording_sid, {"trouble": trouble}, has_no_copy))
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("recording") from exc


def _update(call_sid: CallSid, recording_sid: RecordingSid, changes: Item, only_if: Condition) -> Update:
    return Update(key(CALL, call_sid), key(RECORDING, recording_sid), changes, only_if)
