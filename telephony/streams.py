"""MediaStream: Twilio's live sound of a call, and the ticket that lets it in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from telephony.calls import CallSid
from telephony.coverage import Coverage, Track
from telephony.ledger import Ledger
from telephony.mailboxes import Listening
from telephony.numbers import MailboxId

StreamSid = NewType("StreamSid", str)
TicketId = NewType("TicketId", str)

NO_STREAM = StreamSid("")
"""Stands for the stream of words that came by none, or of which it was not written down."""

TICKET_LIFETIME = timedelta(seconds=60)
"""Twilio opens the stream within a second or two of the TwiML; a minute forgives a slow start and little else."""


class TicketPurpose(StrEnum):
    """What a ticket admits to."""

    MEDIA = "media"
    CAPTIONS = "captions"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to open one socket, once, for one call.

    Attributes:
        id: unguessable; 128 bits or more of randomness.
        tracks: which tracks of the call the stream will bring. A ticket for none lets no sound in: it shows whether
            tickets are taken, the stream is then closed as one that went well, and nothing of it is kept.
        expires_at: from this moment on it is refused, also before the table has cleared it away.
    """

    id: TicketId
    purpose: TicketPurpose
    call_sid: CallSid
    mailbox_id: MailboxId
    expires_at: datetime
    listening: Listening = field(default_factory=Listening)
    tracks: tuple[Track, ...] = (Track.INBOUND,)


class StreamState(StrEnum):
    """A stream is open until its end was written."""

    OPEN = "open"
    ENDED = "ended"


class StreamEnd(StrEnum):
    """How a stream ended."""

    STOPPED = "stopped"
    """Twilio said stop."""
    LOST = "lost"
    """The socket went away without a stop."""
    REFUSED = "refused"
    """We closed it: it broke the protocol or a bound."""


@dataclass(frozen=True, slots=True)
class MediaStream:
    """One stream of a call as the streamer wrote it down; complete once `state` is ENDED.

    Attributes:
        started_at: when call time 0 was: the arrival of Twilio's `start`.
        coverage: one for each track, in the order the tracks were announced.
        trouble: why sound did not become text, in a few words for the operator; empty when all went well.
        ledger: one for each track, in the same order; none in streams of before it was kept.
        reconnects: how often a connection to the recogniser had to be tried again, all tracks together.
    """

    sid: StreamSid
    call_sid: CallSid
    started_at: datetime
    coverage: tuple[Coverage, ...]
    state: StreamState = StreamState.OPEN
    end: StreamEnd | None = None
    ended_at: datetime | None = None
    trouble: str = ""
    ledger: tuple[Ledger, ...] = ()
    reconnects: int = 0
