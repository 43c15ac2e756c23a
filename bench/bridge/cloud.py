"""The cloud: what our streamer asks of AWS, answered as fast as can be and counted, so that its own cost is seen.

    python -m bench.bridge.cloud

Answers GetSecretValue, and of DynamoDB PutItem, BatchWriteItem and UpdateItem, which is the claim of a ticket: any
ticket is good, and belongs to the call that its name holds. `GET /stats` tells what was asked since the last time.
"""

import asyncio
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import orjson
import uvloop

from telephony.aws.attributes import encode_item
from telephony.aws.items import ticket_item
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.mailboxes import Listening
from telephony.numbers import MailboxId
from telephony.streams import Ticket, TicketId, TicketPurpose

ACCOUNT_SID: Final = "AC" + "0" * 32
AUTH_TOKEN: Final = "0123456789abcdef0123456789abcdef"  # noqa: S105 - a made-up one
TWILIO_SECRET: Final = json.dumps({"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN})
DEEPGRAM_SECRET: Final = json.dumps({"api_key": "key"})
_SECRETS: Final = {"twilio": TWILIO_SECRET, "deepgram": DEEPGRAM_SECRET}


class Counts:
    """What was asked since it was last told."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.items = 0
        self.bytes = 0

    def tell(self) -> dict[str, object]:
        """Return what was asked, and begin anew."""
        said = {"requests": dict(self.requests), "items": self.items, "bytes": self.bytes}
        self.__init__()  # type: ignore[misc] # as new
        return said


class Connection(asyncio.Protocol):
    """One client's connection: requests one after the other."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end]).decode("latin-1").lower()
            length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
            if len(self._buffer) < end + 4 + length:
                return
            body = bytes(self._buffer[end + 4 : end + 4 + length])
            del self._buffer[: end + 4 + length]
            self._answer(self._reply(head, body))

    def _reply(self, head: str, body: bytes) -> dict[str, Any]:
        if head.startswith("get /stats"):
            return self._counts.tell()
        operation = next(line for line in head.split("\r\n") if line.startswith("x-amz-target:")).rpartition(".")[2]
        self._counts.requests[operation] += 1
        self._counts.bytes += len(body)
        match operation:
            case "getsecretvalue":
                name = orjson.loads(body)["SecretId"]
                return {"ARN": name, "Name": name, "SecretString": _SECRETS[name]}
            case "updateitem":
                return {"Attributes": _ticket(orjson.loads(body)["Key"]["pk"]["S"].partition("#")[2])}
            case "batchwriteitem":
                self._counts.items += body.count(b'"PutRequest"')
                return {"UnprocessedItems": {}}
            case _:
                self._counts.items += 1
                return {}

    def _answer(self, answer: dict[str, Any]) -> None:
        assert self._transport is not None
        body = orjson.dumps(answer)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


def _ticket(ticket_id: str) -> dict[str, Any]:
    ticket = Ticket(
        id=TicketId(ticket_id),
        purpose=TicketPurpose.MEDIA,
        call_sid=CallSid("CA" + ticket_id),
        mailbox_id=MailboxId("bench"),
        expires_at=datetime.now(UTC) + timedelta(minutes=1),
        listening=Listening(),
        tracks=(Track.INBOUND,),
    )
    return dict(encode_item(ticket_item(ticket)))


async def serve() -> None:
    """Serve until the process is stopped."""
    counts = Counts()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(counts), "127.0.0.1", 0, backlog=1_024)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
