"""TicketStore in memory."""

from datetime import datetime

from telephony.calls import CallSid
from telephony.errors import TicketError, TicketFault
from telephony.streams import Ticket, TicketId, TicketPurpose
from tests.fakes.state import State


class MemoryTickets:
    """Keeps tickets; keeps the promises of `telephony.ports.TicketStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def issue(self, ticket: Ticket) -> None:
        """Store a ticket that can be claimed once, however often it is issued."""
        with self._state.reached():
            self._state.tickets.setdefault(ticket.id, ticket)

    def claim(self, ticket_id: TicketId, purpose: TicketPurpose, call_sid: CallSid | None, now: datetime) -> Ticket:
        """Use up a ticket. Raises: TicketError."""
        with self._state.reached():
            ticket = self._state.tickets.get(ticket_id)
            if ticket is None or ticket.purpose is not purpose:
                raise TicketError(TicketFault.UNKNOWN)
            if call_sid not in {None, ticket.call_sid}:
                raise TicketError(TicketFault.WRONG_CALL)
            if ticket_id in self._state.used_tickets:
                raise TicketError(TicketFault.USED)
            if now >= ticket.expires_at:
                raise TicketError(TicketFault.EXPIRED)
            self._state.used_tickets.add(ticket_id)
            return ticket
