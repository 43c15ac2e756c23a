"""TicketStore on DynamoDB."""

import re
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import uuid4

from telephony.aws.attributes import Fields
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.items import ticket_from, ticket_item
from telephony.aws.table import TICKET, key
from telephony.aws.writes import IS_NEW, Condition, Put, Update
from telephony.calls import CallSid
from telephony.errors import TicketError, TicketFault
from telephony.streams import Ticket, TicketId, TicketPurpose

_OPAQUE: Final = re.compile(r"[!-~]{1,256}", re.ASCII)  # a stranger chose it, and a key has its limits


class DynamoTickets:
    """Tickets for sockets; see `telephony.ports.TicketStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def issue(self, ticket: Ticket) -> None:
        """Store a ticket that can be claimed once, however often it is issued."""
        with suppress(RefusedError):  # a repeat; had it been used, it stays used
            self._table.put(issuing(ticket))

    def claim(self, ticket_id: TicketId, purpose: TicketPurpose, call_sid: CallSid | None, now: datetime) -> Ticket:
        """Use up a ticket, at most once in the whole fleet. Raises: TicketError."""
        if _OPAQUE.fullmatch(ticket_id) is None:
            raise TicketError(TicketFault.UNKNOWN)
        # boto3 repeats a request whose answer was lost; our own mark tells that from a rival.
        mark = uuid4().hex
        usable = "#purpose = :purpose AND #expires_at > :now AND attribute_not_exists(#used_by)"
        condition = Condition(usable, {"purpose": purpose.value, "now": now})
        if call_sid is not None:
            condition = Condition(f"{usable} AND #call_sid = :call_sid", {**condition.values, "call_sid": call_sid})
        try:
            return ticket_from(
                self._table.update(Update(key(TICKET, ticket_id), TICKET, {"used_by": mark, "used_at": now}, condition))
            )
        except RefusedError as exc:
            stored = exc.stored
            if stored is not None and stored.maybe_text("used_by") == mark:
                return ticket_from(stored)
            raise TicketError(_fault(stored, purpose, call_sid)) from exc


def issuing(ticket: Ticket) -> Put:
    """Return the write that stores *ticket* unless it is there."""
    return Put(ticket_item(ticket), IS_NEW)


def _fault(stored: Fields | None, purpose: TicketPurpose, call_sid: CallSid | None) -> TicketFault:
    if stored is None or stored.text("purpose") != purpose:
        return TicketFault.UNKNOWN
    if call_sid not in {None, stored.text("call_sid")}:
        return TicketFault.WRONG_CALL
    return TicketFault.USED if stored.maybe_text("used_by") else TicketFault.EXPIRED
