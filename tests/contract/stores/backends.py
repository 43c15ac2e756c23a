"""The tables that every store's promises are checked on, and what they are filled with."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Protocol

from telephony.calls import Call, CallSid
from telephony.coverage import Coverage, Interval, Track
from telephony.jobs import Job, JobId, JobKind
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId
from telephony.ports.consents import ConsentStore
from telephony.ports.erasure import CallScan, ErasureStore, ExpiryStore
from telephony.ports.idempotency import IdempotencyStore
from telephony.ports.jobs import JobStore
from telephony.ports.outgoing import OutgoingStore
from telephony.ports.pauses import PauseStore
from telephony.ports.search import SearchIndex
from telephony.ports.stores import (
    CallStore,
    DeliveryStore,
    Directory,
    LinkStore,
    RecordingStore,
    RepairStore,
    TicketStore,
    TranscriptStore,
)
from telephony.ports.telling import DigestStore, HookSecrets, OptOutStore
from telephony.ports.usage import UsageStore
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from telephony.streams import MediaStream, StreamSid, Ticket, TicketId, TicketPurpose
from telephony.transcripts import Utterance, Word

NOW = datetime(2026, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC)
REGION = "us-east-1"


class AnyTable(Protocol):
    """All stores of one table, wherever it is."""

    @property
    def directory(self) -> Directory: ...
    @property
    def calls(self) -> CallStore: ...
    @property
    def expiry(self) -> ExpiryStore: ...
    @property
    def recordings(self) -> RecordingStore: ...
    @property
    def transcripts(self) -> TranscriptStore: ...
    @property
    def repairs(self) -> RepairStore: ...
    @property
    def tickets(self) -> TicketStore: ...
    @property
    def deliveries(self) -> DeliveryStore: ...
    @property
    def links(self) -> LinkStore: ...
    @property
    def usage(self) -> UsageStore: ...
    @property
    def idempotency(self) -> IdempotencyStore: ...
    @property
    def search(self) -> SearchIndex: ...
    @property
    def jobs(self) -> JobStore: ...
    @property
    def erasure(self) -> ErasureStore: ...
    @property
    def scan(self) -> CallScan: ...
    @property
    def digests(self) -> DigestStore: ...
    @property
    def opt_outs(self) -> OptOutStore: ...
    @property
    def hook_secrets(self) -> HookSecrets: ...
    @property
    def pauses(self) -> PauseStore: ...
    @property
    def outgoing(self) -> OutgoingStore: ...
    @property
    def consents(self) -> ConsentStore: ...


def any_call_sid() -> CallSid:
    return CallSid("CA" + secrets.token_hex(16))


def any_number() -> E164:
    return E164(f"+1415{secrets.randbelow(10**7):07}")


def any_mailbox(**changes: object) -> Mailbox:
    return Mailbox(id=MailboxId(f"praxis-{secrets.token_hex(4)}"), name="Praxis Dr. Grün ☎", **changes)  # type: ignore[arg-type] # a test's own fields


def any_call(mailbox_id: str = "", started_at: datetime = NOW) -> Call:
    return Call(
        sid=any_call_sid(),
        mailbox_id=MailboxId(mailbox_id or f"m-{secrets.token_hex(4)}"),
        number=E164("+14155550100"),
        caller="+14155550199",
        started_at=started_at,
    )


def any_ticket(call_sid: CallSid, purpose: TicketPurpose = TicketPurpose.MEDIA) -> Ticket:
    return Ticket(
        id=TicketId(secrets.token_urlsafe(16)),
        purpose=purpose,
        call_sid=call_sid,
        mailbox_id=MailboxId("praxis"),
        expires_at=NOW + timedelta(seconds=60),
    )


def any_recording(call_sid: CallSid, status: RecordingStatus = RecordingStatus.COMPLETED) -> Recording:
    return Recording(RecordingSid("RE" + secrets.token_hex(16)), call_sid, status, 9_000, NOW)


def any_job(mailbox_id: str = "", requested_at: datetime = NOW, **changes: object) -> Job:
    return Job(
        id=JobId(secrets.token_hex(16)),
        kind=JobKind.EXPORT,
        mailbox_id=MailboxId(mailbox_id or f"m-{secrets.token_hex(4)}"),
        requested_by="ada",
        requested_at=requested_at,
        changed_at=requested_at,
        **changes,  # type: ignore[arg-type] # a test's own fields
    )


def any_stream(call_sid: CallSid, received_ms: int = 0) -> MediaStream:
    coverage = Coverage(Track.INBOUND, received_ms, (Interval(20, 40),), (Interval(0, received_ms),))
    return MediaStream(StreamSid("MZ" + secrets.token_hex(16)), call_sid, NOW, (coverage,))


def any_utterance(call_sid: CallSid, start_ms: int, text: str = "Grüße, 日本 🎉") -> Utterance:
    words = tuple(
        Word(word, start_ms + 100 * place, start_ms + 100 * place + 90, 1 / (3 + place))
        for place, word in enumerate(text.split())
    )
    return Utterance(call_sid, Track.INBOUND, start_ms, start_ms + 1_000, words)
