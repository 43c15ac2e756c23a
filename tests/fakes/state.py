"""What the in-memory stores share, so that the facts of a call show all that was written of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from telephony.calls import Call, CallSid
from telephony.consent import ConsentProof, ConsentStep
from telephony.coverage import Track
from telephony.deliveries import Delivery, DeliveryId
from telephony.erasure import Tombstone
from telephony.errors import UpstreamError
from telephony.hooks import HookId
from telephony.jobs import Job, JobId
from telephony.keeping import START, Place
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.opt_outs import OptOut
from telephony.pauses import Pause
from telephony.postings import Document
from telephony.recordings import Recording, RecordingSid
from telephony.repairs import Repair
from telephony.streams import MediaStream, StreamSid, Ticket, TicketId
from telephony.transcripts import Utterance
from telephony.usage import Usage


@dataclass
class State:
    """Everything stored; `is_down` makes every access fail as an unreachable table does."""

    is_down: bool = False
    numbers: dict[E164, Number] = field(default_factory=dict)
    mailboxes: dict[MailboxId, Mailbox] = field(default_factory=dict)
    revisions: dict[MailboxId, int] = field(default_factory=dict)
    calls: dict[CallSid, Call] = field(default_factory=dict)
    recordings: dict[tuple[CallSid, RecordingSid], Recording] = field(default_factory=dict)
    streams: dict[tuple[CallSid, StreamSid], MediaStream] = field(default_factory=dict)
    utterances: dict[tuple[CallSid, Track, int, StreamSid, int], Utterance] = field(default_factory=dict)
    repairs: dict[tuple[CallSid, RecordingSid], Repair] = field(default_factory=dict)
    repaired: dict[tuple[CallSid, str, int], Utterance] = field(default_factory=dict)
    tickets: dict[TicketId, Ticket] = field(default_factory=dict)
    used_tickets: set[TicketId] = field(default_factory=set)
    deliveries: dict[DeliveryId, Delivery] = field(default_factory=dict)
    links: dict[CallSid, tuple[str, datetime]] = field(default_factory=dict)
    consents: dict[tuple[CallSid, ConsentStep], ConsentProof] = field(default_factory=dict)
    dials: dict[tuple[MailboxId, str], int] = field(default_factory=dict)
    pauses: dict[tuple[CallSid, int], Pause] = field(default_factory=dict)
    open_calls: dict[CallSid, datetime] = field(default_factory=dict)
    usage: dict[tuple[MailboxId, date], Usage] = field(default_factory=dict)
    counted: set[CallSid] = field(default_factory=set)
    documents: dict[CallSid, Document] = field(default_factory=dict)
    jobs: dict[JobId, Job] = field(default_factory=dict)
    expiry_place: Place = START
    erased: dict[CallSid, Tombstone] = field(default_factory=dict)
    enlisted: dict[tuple[MailboxId, datetime], set[CallSid]] = field(default_factory=dict)
    slots: dict[tuple[MailboxId, datetime], datetime | None] = field(default_factory=dict)
    opt_outs: dict[tuple[E164, E164], tuple[datetime, OptOut | None]] = field(default_factory=dict)
    hook_secrets: dict[tuple[MailboxId, HookId], list[tuple[str, datetime | None]]] = field(default_factory=dict)
    """The newest first, each with the end of its validity."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Hold the state to oneself. Raises: UpstreamError while the table is down."""
        with self.lock:
            if self.is_down:
                raise UpstreamError("dynamodb", "EndpointConnectionError", retryable=True)
            yield
