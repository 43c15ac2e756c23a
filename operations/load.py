"""Load: opens media streams on the owner's deployment as Twilio would, and says how they fared.

Every stream opens one at Deepgram, which is billed by the minute: so there is a ceiling, and a question first. What the
streamer wrote down of the made-up calls is taken out of the table again.
"""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from twilio.request_validator import RequestValidator

from local.load.generator import Admission, Generator, Load
from operations.errors import OperationError
from operations.terminal import Terminal
from telephony.aws.table import CALL, PARTITION_KEY, SORT_KEY, TICKET, key
from telephony.calls import CallSid
from telephony.numbers import MailboxId
from telephony.ports.stores import TicketStore
from telephony.streams import TICKET_LIFETIME, Ticket, TicketId, TicketPurpose
from telephony.wire.callbacks import TICKET_PARAMETER
from telephony.wire.signature import SIGNATURE_HEADER

MOST_STREAMS: Final = 500
MOST_SECONDS: Final = 3_600
DEEPGRAM_DOLLARS_A_MINUTE: Final = 0.0077
"""The highest price found for Nova-3, live, one channel: docs/cost.md."""

LATE_MS: Final = 20
"""A generator that falls a frame behind has put less load on than it says."""

_BATCH: Final = 25
"""Source: BatchWriteItem API."""


class Eraser(Protocol):
    """Takes items out of the table."""

    def __call__(self, partitions: Iterable[str]) -> int:
        """Take out all items of these partitions, and return how many there were. Raises: OperationError."""
        ...


@dataclass(slots=True)
class LoadTest:
    """One load test.

    Attributes:
        url: where the streams are opened.
        auth_token: Twilio's, with which the upgrades are signed.
        tickets: where each stream's ticket is issued.
        erase: takes away what the streams left behind.
    """

    url: str
    auth_token: str
    tickets: TicketStore
    erase: Eraser
    terminal: Terminal
    _calls: list[CallSid] = field(default_factory=list)
    _tickets: list[TicketId] = field(default_factory=list)

    def run(self, streams: int, seconds: int) -> bool:
        """Open *streams* for *seconds*, and return whether all went well. Raises: OperationError."""
        if not 1 <= streams <= MOST_STREAMS or not 1 <= seconds <= MOST_SECONDS:
            raise OperationError(f"1 to {MOST_STREAMS} streams for 1 to {MOST_SECONDS} seconds")
        dollars = streams * seconds / 60 * DEEPGRAM_DOLLARS_A_MINUTE
        self.terminal.say(
            f"{streams} streams for {seconds} s to {self.url}: Deepgram may bill about {dollars:.2f} dollars for them, "
            f"and they count against how many your project may have at once."
        )
        if not self.terminal.confirm("Go on?"):
            raise OperationError("nothing was opened")
        try:
            load = asyncio.run(self._hold(streams, seconds))
        finally:
            partitions = [key(CALL, each) for each in self._calls] + [key(TICKET, each) for each in self._tickets]
            self.terminal.say(f"{self.erase(partitions)} items of the made-up calls were taken out of the table again.")
        return self._tell(load, streams)

    async def _hold(self, streams: int, seconds: int) -> Load:
        signature = RequestValidator(self.auth_token).compute_signature(self.url, {})
        generator = Generator(self.url, lambda: self._admit(signature))
        try:
            await generator.open(streams)
            await asyncio.sleep(seconds)
        finally:
            await generator.close()
        return generator.load

    def _admit(self, signature: str) -> Admission:
        call_sid = CallSid(f"CA{secrets.token_hex(16)}")
        ticket = Ticket(
            id=TicketId(secrets.token_urlsafe(24)),
            purpose=TicketPurpose.MEDIA,
            call_sid=call_sid,
            mailbox_id=MailboxId("load-test"),
            expires_at=datetime.now(UTC) + TICKET_LIFETIME,
        )
        self.tickets.issue(ticket)
        self._calls.append(call_sid)
        self._tickets.append(ticket.id)
        return Admission(call_sid, {SIGNATURE_HEADER: signature}, {TICKET_PARAMETER: ticket.id})

    def _tell(self, load: Load, streams: int) -> bool:
        self.terminal.say(
            f"{load.streams} of {streams} streams were opened, {load.refused} refused, {load.lost} lost; "
            f"{load.frames} frames of 20 ms were sent, the last of them at worst {load.late_ms:.0f} ms late."
        )
        for trouble in dict.fromkeys(load.troubles):
            self.terminal.say(f"  {trouble}")
        if load.late_ms > LATE_MS:
            self.terminal.say("This machine could not keep up: it put less load on than it says.")
        return not load.refused and not load.lost and not load.troubles


@dataclass(frozen=True, slots=True)
class TableEraser:
    """Takes items out of a table with the owner's own credentials."""

    client: Any
    table_name: str

    def __call__(self, partitions: Iterable[str]) -> int:
        """Take out all items of these partitions, and return how many there were."""
        taken = 0
        for partition in partitions:
            found = [
                {PARTITION_KEY: item[PARTITION_KEY], SORT_KEY: item[SORT_KEY]}
                for page in self.client.get_paginator("query").paginate(
                    TableName=self.table_name,
                    KeyConditionExpression="#pk = :pk",
                    ExpressionAttributeNames={"#pk": PARTITION_KEY},
                    ExpressionAttributeValues={":pk": {"S": partition}},
                )
                for item in page["Items"]
            ]
            for start in range(0, len(found), _BATCH):
                batch = found[start : start + _BATCH]
                self.client.batch_write_item(
                    RequestItems={self.table_name: [{"DeleteRequest": {"Key": each}} for each in batch]}
                )
            taken += len(found)
        return taken
