"""Lambda's events, read into the calls and mailboxes they are about, and the answer that names what failed.

Whatever an event holds, nothing is raised: a record that cannot be read is logged and passed over, because Lambda would
hand it out again and again, and everything behind it in the shard would wait.
Source: AWS Lambda, "Using Lambda with DynamoDB streams" and "with SQS", partial batch responses.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from telephony.aws import followups, table
from telephony.aws.followups import Preparation
from telephony.calls import CallSid, parse_call_sid
from telephony.errors import TelephonyError, WireError
from telephony.log import logger
from telephony.numbers import MailboxId

T = TypeVar("T")

BEGIN_S: Final = 180
"""No call of a batch is begun later than this; the rest is handed out again, so that one slow call ends in time."""

BatchResult = dict[str, list[dict[str, str]]]
"""Lambda's `batchItemFailures`."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A reason to follow a call, or to prepare a mailbox.

    Attributes:
        identifier: by which Lambda knows the record or message.
    """

    subject: CallSid | Preparation
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailboxes:
    """What is done about mailboxes.

    A mailbox that has changed is only put on the queue: speaking takes long, and the changes of calls would wait.
    """

    prepare: Callable[[MailboxId], None]
    queue: Callable[[MailboxId], None]


def _pass_over(_mailbox_id: MailboxId) -> None:
    """Leave a mailbox alone."""


class Waker:
    """Follows every call that an event names, and prepares every mailbox.

    Without *mailboxes* only calls are looked after.
    """

    def __init__(
        self,
        follow: Callable[[CallSid], None],
        monotonic_s: Callable[[], float] = time.monotonic,
        *,
        mailboxes: Mailboxes | None = None,
    ) -> None:
        self._follow = follow
        self._monotonic_s = monotonic_s
        self._mailboxes = mailboxes or Mailboxes(prepare=_pass_over, queue=_pass_over)

    def on_table_change(self, event: object) -> BatchResult:
        """Follow each call whose items changed, once, in order.

        The calls behind a failed one are followed all the same, so that it does not hold them up; Lambda then repeats
        everything from the first failure on, which changes nothing for those that went well.
        """
        failed = self._followed(_readable(event, _table_change), self._mailboxes.queue)
        return _failures(failed[:1])

    def on_follow_up(self, event: object) -> BatchResult:
        """Follow the call of each message, or prepare its mailbox."""
        return _failures(self._followed(_readable(event, _follow_up), self._mailboxes.prepare))

    def _followed(self, wakes: Iterator[Wake], on_mailbox: Callable[[MailboxId], None]) -> list[Wake]:
        """Do what *wakes* are for, once for each; return the wakes of those that failed or must wait, in order."""
        end_s = self._monotonic_s() + BEGIN_S
        outcomes: dict[CallSid | Preparation, bool] = {}
        failed = []
        for wake in wakes:
            if wake.subject not in outcomes:
                outcomes[wake.subject] = self._monotonic_s() < end_s and self._succeeds(wake.subject, on_mailbox)
            if not outcomes[wake.subject]:
                failed.append(wake)
        return failed

    def _succeeds(self, subject: CallSid | Preparation, on_mailbox: Callable[[MailboxId], None]) -> bool:
        named = {"mailbox_id": subject.mailbox_id} if isinstance(subject, Preparation) else {"call_sid": subject}
        try:
            if isinstance(subject, Preparation):
                on_mailbox(subject.mailbox_id)
            else:
                self._follow(subject)
        except TelephonyError as exc:
            logger().warning("follow-failed", error=str(exc), **named)
            return False
        except Exception:  # noqa: BLE001 - the outermost edge: a bug ends this one's turn, not the others'
            logger().error("follow-crashed", exc_info=True, **named)
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
    noun, _, name = _text(_field(change, "Keys", dict), table.PARTITION_KEY).partition("#")
    is_gone = _field(record, "eventName", str) == "REMOVE"
    if is_gone or noun not in {table.CALL, table.MAILBOX}:
        return None
    if not table.wakes_pipeline(_field(change, "NewImage", dict)):
        return None
    subject = parse_call_sid(name) if noun == table.CALL else Preparation(MailboxId(name))
    return Wake(subject, _field(change, "SequenceNumber", str))


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
