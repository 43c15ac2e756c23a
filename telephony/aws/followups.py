"""FollowUps on SQS: a message that cannot be seen before its time."""

import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from telephony.aws.clients import translated
from telephony.calls import CallSid, parse_call_sid
from telephony.errors import WireError

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
        delay_s = min(MAX_DELAY_S, max(0, math.ceil(delay.total_seconds())))
        with translated("sqs"):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body(call_sid), DelaySeconds=delay_s)


def body(call_sid: CallSid) -> str:
    """Return the message that asks to look at a call."""
    return json.dumps({"call_sid": call_sid})


def parse(text: str) -> CallSid:
    """Read a message's body. Raises: WireError."""
    try:
        match json.loads(text):
            case {"call_sid": str(call_sid)}:
                return parse_call_sid(call_sid)
            case _:
                raise WireError("a follow-up names its call_sid")
    except (RecursionError, ValueError) as exc:
        raise WireError("a follow-up is JSON") from exc
