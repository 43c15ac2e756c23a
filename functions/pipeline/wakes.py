"""Lambda's events, read into the calls that must be followed, and the answer that names what failed.

Whatever an event holds, nothing is raised: a record that cannot be read is logged and passed over, because Lambda would
hand it out again and again, and everything behind it in the shard would wait.
Source: AWS Lambda, "Using Lambda with DynamoDB streams" and "with SQS", partial batch responses.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from telephony.aws import followups, table
from telephony.calls import CallSid, parse_call_sid
from telephony.errors import TelephonyError, WireError
from telephony.log import logger

T = TypeVar("T")

BEGIN_S: Final = 180
"""No call of a batch is begun later than this; the rest is handed out again, so that one slow call ends in time."""

BatchResult = dict[str, list[dict[str, str]]]
"""Lambda's `batchItemFailures`."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A reason to follow a call.

    Attributes:
        identifier: by which Lambda knows the record or message.
    """

    call_sid: CallSid
    identifier: str


class Waker:
    """Follows every call that an event names."""

    def __init__(self, follow: Callable[[CallSid], None], monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._follow = follow
        self._monotonic_s = monotonic_s

    def on_table_change(self, event: object) -> BatchResult:
        """Follow each call whose items changed, once, in order.

        The calls behind a failed one are followed all the same, so that it does not hold them up; Lambda then repeats
        everything from the first failure on, which changes nothing for those that went well.
        """
        failed = self._followed(_readable(event, _table_change))
        return _failures(failed[:1])

    def on_follow_up(self, event: object) -> BatchResult:
        """Follow the call of each message."""
        return _failures(self._followed(_readable(event, _follow_up)))

    def _followed(self, wakes: Iterator[Wake]) -> list[Wake]:
        """Follow the calls of *wakes*, each call once; return the wakes of those that failed or must wait, in order."""
        end_s = self._monotonic_s() + BEGIN_S
        outcomes: dict[CallSid, bool] = {}
        failed = []
        for wake in wakes:
            if wake.call_sid not in outcomes:
                outcomes[wake.call_sid] = self._monotonic_s() < end_s and self._succeeds(wake.call_sid)
            if not outcomes[wake.call_sid]:
                failed.append(wake)
        return failed

    def _succeeds(self, call_sid: CallSid) -> bool:
        try:
            self._follow(call_sid)
        except TelephonyError as exc:
            logger().warning("follow-failed", call_sid=call_sid, error=str(exc))
            return False
        except Exception:  # noqa: BLE001 - the outermost edge: a bug ends this call's turn, not the others'
            logger().error("follow-crashed", call_sid=call_sid, exc_info=True)
            return False
        return True


def _failures(wakes: list[Wake]) -> BatchResult:
    return {"batchItemFailures": [{"itemIdentifier": wake.identifier} for wake in wakes]}


def _readable(event: object, read: Callable[[object], Wake | None]) -> Iterator[Wake]:
    records = event.get("Records") if isinstance(event, dict) else None
    for record in records if isinstance(records, list) else ():
        try:
            wake = read(record)
        except (KeyError, TypeError, WireError) as exc:
            logger().error("record-unreadable", error=type(exc).__name__)
            continue
        if wake is not None:
            yield wake


def _table_change(record: object) -> Wake | None:
    change = _field(record, "dynamodb", dict)
    noun, _, call_sid = _text(_field(change, "Keys", dict), table.PARTITION_KEY).partition("#")
    is_gone = _field(record, "eventName", str) == "REMOVE"
    if is_gone or noun != table.CALL or not table.wakes_pipeline(_field(change, "NewImage", dict)):
        return None
    return Wake(parse_call_sid(call_sid), _field(change, "SequenceNumber", str))


def _follow_up(record: object) -> Wake:
    return Wake(followups.parse(_field(record, "body", str)), _field(record, "messageId", str))


def _text(keys: object, name: str) -> str:
    return _field(_field(keys, name, dict), "S", str)


def _field(holder: object, name: str, kind: type[T]) -> T:
    """Return a field of a JSON object. Raises: TypeError or KeyError if it is not there or not of this kind."""
    if not isinstance(holder, dict):
        raise TypeError("not a JSON object")
    value = holder[name]
    if not isinstance(value, kind):
        raise TypeError(f"{name} is not of type {kind.__name__}")
    return value
