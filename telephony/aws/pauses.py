"""PauseStore on DynamoDB, and its items."""

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.item_keys import call_sid_of, keys
from telephony.aws.table import CALL, PAUSE, key
from telephony.aws.writes import IS_NEW, Condition, Put, Update
from telephony.errors import ConflictError, NotFoundError
from telephony.pauses import Pause

_NUMBER_DIGITS = 3


class DynamoPauses:
    """Pauses of calls; see `telephony.ports.PauseStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, pause: Pause) -> None:
        """Store a pause. Raises: ConflictError."""
        try:
            self._table.put(Put(pause_item(pause), IS_NEW))
        except RefusedError as exc:
            raise ConflictError("the call was paused meanwhile") from exc

    def change(self, pause: Pause) -> None:
        """Store what became of a pause that is not over. Raises: NotFoundError."""
        goes_on = Condition("attribute_exists(#pk) AND attribute_not_exists(#ended_at)")
        changes: Item = {"ended_at": pause.ended_at, "is_recording_paused": int(pause.is_recording_paused)}
        try:
            self._table.update(Update(key(CALL, pause.call_sid), _sort_key(pause), changes, goes_on))
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("pause") from exc


def pause_item(pause: Pause) -> Item:
    """Write a pause."""
    return {
        **keys(key(CALL, pause.call_sid), _sort_key(pause), PAUSE),
        "number": pause.number,
        "started_at": pause.started_at,
        "requested_by": pause.requested_by,
        "ended_at": pause.ended_at,
        "is_recording_paused": int(pause.is_recording_paused),
    }


def pause_from(fields: Fields) -> Pause:
    """Read a pause."""
    return Pause(
        call_sid=call_sid_of(fields),
        number=fields.count("number"),
        started_at=fields.at("started_at"),
        requested_by=fields.text("requested_by"),
        ended_at=fields.maybe_at("ended_at"),
        is_recording_paused=bool(fields.count("is_recording_paused")),
    )


def _sort_key(pause: Pause) -> str:
    return key(PAUSE, f"{pause.number:0{_NUMBER_DIGITS}}")
