"""Lets the pipeline die: `python -m tests.e2e.faults.mortal CALL_SID JUMP_S`, with the pipeline's own environment.

The call is followed by one process after the other. Each dies, without a word, right after the first write to the
outside that none before it has died after: before it has asked anybody for anything else. JUMP_S later, on the
pipeline's clock, the next is born, until some have lived to their end. Prints what the others died after, as a JSON
list.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.pipeline.handler import on_follow_up
from telephony.aws.followups import body
from telephony.calls import parse_call_sid
from telephony.clock import SystemClock

MOST: Final = 60
"""Processes; a call's writes are a dozen or two."""
ENOUGH: Final = 3
"""Lives in a row: what one writes wakes the next, and nothing is left to do after the last."""
REQUEST: Final = re.compile(rb"(GET|PUT|POST|DELETE|HEAD) (\S+) HTTP/1\.1\r\n")
TARGET: Final = re.compile(rb"(?i)x-amz-target: (\S+)")
WRITES: Final = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem", "SendMessage")
WHAT: Final = ("Key", "UpdateExpression", "ConditionExpression")


class Watch:
    """Listens to what this process sends over HTTP, and ends it after the first write that is not among *seen*."""

    def __init__(self, seen: frozenset[str], die: Callable[[str], None]) -> None:
        self._seen = seen
        self._die = die
        self._sent = b""

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event of Python's."""
        if event != "http.client.send" or not isinstance(arguments[1], bytes | bytearray):
            return
        data = bytes(arguments[1])
        if REQUEST.match(data) is None:
            self._sent += data
            return
        write = written(self._sent)
        if write and write not in self._seen:
            self._die(write)
        self._sent = data


def written(request: bytes) -> str:
    """Name the write that a request was; return "" when it was none, or there was none."""
    line = REQUEST.match(request)
    if line is None:
        return ""
    method, path = line[1].decode(), line[2].decode()
    content = request.partition(b"\r\n\r\n")[2]
    if target := TARGET.search(request):
        name = target[1].decode().rpartition(".")[2]
        return f"{name} {_item(content)}".strip() if name in WRITES else ""
    if b"Action=Publish" in content:
        return "SNS Publish"
    is_write = method == "PUT" or (method == "POST" and path.endswith("/Messages.json"))
    return f"{method} {path}" if is_write else ""


def _item(content: bytes) -> str:
    """Name the item that DynamoDB is to write, and how, but for the values."""
    fields = json.loads(content)
    if "MessageBody" in fields:
        return ""
    keys = [fields.get("Item", {}).get(key) for key in ("pk", "sk")]
    return json.dumps([keys, *(fields.get(name) for name in WHAT), sorted(fields.get("RequestItems", {}))])


def live(call_sid: str, seen: frozenset[str], age: timedelta, out: int) -> None:
    """Follow the call, and write to *out* what this process died after; nothing when it lived. Does not return."""

    def die(write: str) -> None:
        os.write(out, write.encode())
        os._exit(9)

    def now(_clock: SystemClock) -> datetime:
        return datetime.now(UTC) + age

    SystemClock.now = now  # type: ignore[assignment, method-assign] # the time that this process lives in
    sys.addaudithook(Watch(seen, die).hear)
    result = on_follow_up({"Records": [{"messageId": "1", "body": body(parse_call_sid(call_sid))}]}, None)
    os._exit(0 if result == {"batchItemFailures": []} else 1)


def main() -> int:
    """Let processes die until enough have lived; return 1 if that takes too long, or one fails."""
    call_sid, jump = sys.argv[1], timedelta(seconds=float(sys.argv[2]))
    deaths: list[str] = []
    lives = 0
    for age in range(MOST):
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            live(call_sid, frozenset(deaths), jump * age, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            last = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        if last:
            deaths.append(last)
            lives = 0
            continue
        lives += 1
        if os.waitstatus_to_exitcode(status) or lives == ENOUGH:
            print(json.dumps(deaths))  # noqa: T201 - this is what it is run for
            return os.waitstatus_to_exitcode(status)
    return 1


if __name__ == "__main__":
    sys.exit(main())
