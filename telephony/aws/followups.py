"""FollowUps on SQS: a message that cannot be seen before its time."""

import json
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from telephony.aws.clients import translated
from telephony.calls import CallSid, parse_call_sid
from telephony.errors import WireError
from telephony.numbers import MailboxId

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_S: Final = 900
"""Source: SQS SendMessage API, DelaySeconds."""


class SqsFollowUps:
    """Looks at calls again later; see `telephony.ports.FollowUps`."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def schedule(self, call_sid: CallSid, delay: timedelta) -> None:
        """Send `{"call_sid": ...}`, seen after *delay* or 15 minutes, whichever is shorter; never in the past."""
        self._send(body(call_sid), min(MAX_DELAY_S, max(0, math.ceil(delay.total_seconds()))))

    def prepare(self, mailbox_id: MailboxId) -> None:
        """Send `{"mailbox_id": ...}`; the queue repeats what failed."""
        self._send(json.dumps({"mailbox_id": mailbox_id}), 0)

    def _send(self, message: str, delay_s: int) -> None:
        with translated("sqs"):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=message, DelaySeconds=delay_s)


def body(call_sid: CallSid) -> str:
    """Return the message that asks to look at a call."""
    return json.dumps({"call_sid": call_sid})


@dataclass(frozen=True, slots=True)
class Preparation:
    """A mailbox whose phrases are to be spoken."""

    mailbox_id: MailboxId


def parse(text: str) -> CallSid | Preparation:
    """Read a message's body. Raises: WireError."""
    try:
        match json.loads(text):
            case {"call_sid": str(call_sid)}:
                return parse_call_sid(call_sid)
            case {"mailbox_id": str(mailbox_id)} if mailbox_id:
                return Preparation(MailboxId(mailbox_id))
            case _:
                raise WireError("a follow-up names its call_sid, or a mailbox_id")
    except (RecursionError, ValueError) as exc:
        raise WireError("a follow-up is JSON") from exc
