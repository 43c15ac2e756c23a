"""Answer: what CloudFormation is told, and how. A custom resource that does not answer blocks its stack for an hour.

Source: CloudFormation user guide, "Custom resource response objects".
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import requests

from functions.provision.event import Envelope
from telephony.errors import UpstreamError

MAX_REASON_CHARS: Final = 1_000
"""The whole answer may have 4,096 bytes."""
ATTEMPTS: Final = 3
PAUSE_S: Final = 1.0
"""Before the second attempt; doubled before the third."""
TIMEOUT_S: Final = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went.

    Attributes:
        reason: why it failed, in plain words; CloudFormation shows it to whoever deploys. Blank for a success.
        data: what the template can read of the resource.
    """

    reason: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


def body(envelope: Envelope, answer: Answer) -> bytes:
    """Return *answer* as CloudFormation takes it."""
    fields = {
        "Status": "FAILED" if answer.reason else "SUCCESS",
        "Reason": answer.reason[:MAX_REASON_CHARS],
        "PhysicalResourceId": envelope.stable_id,
        "StackId": envelope.stack_id,
        "RequestId": envelope.request_id,
        "LogicalResourceId": envelope.logical_id,
        "Data": dict(answer.data),
    }
    return json.dumps(fields).encode()


def deliver(envelope: Envelope, answer: Answer, sleep: Callable[[float], None] = time.sleep) -> None:
    """Tell CloudFormation. Raises: UpstreamError; Lambda then runs the function again, twice, minutes apart."""
    content = body(envelope, answer)
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(PAUSE_S * 2 ** (attempt - 1))
        try:
            # The address is signed for a request without a content type.
            done = requests.put(envelope.response_url, content, headers={"Content-Type": ""}, timeout=TIMEOUT_S)
        except requests.RequestException:
            continue
        if done.ok:
            return
    raise UpstreamError("cloudformation", "no answer was taken", retryable=True)
