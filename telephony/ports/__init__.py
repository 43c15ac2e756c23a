"""What the domain asks of the world: of AWS, Twilio and Deepgram when it runs, of memory in the tests.

Every method may raise UpstreamError. Every write may be repeated without harm.
"""

from telephony.ports.consents import ConsentStore
from telephony.ports.control import CallControl, StreamOrder
from telephony.ports.erasure import CallScan, ErasureStore, ScannedCalls, SoundEraser, TwilioCopies
from telephony.ports.idempotency import IdempotencyStore
from telephony.ports.jobs import JobQueue, JobStore
from telephony.ports.outgoing import OutgoingStore
from telephony.ports.pauses import PauseStore
from telephony.ports.search import INDEXING_LEASE, SearchIndex
from telephony.ports.services import (
    BatchTranscriber,
    Bulletin,
    CallSource,
    Clock,
    FollowUps,
    NumberSource,
    RecordingSource,
    SecretStore,
    Texter,
    Transcription,
)
from telephony.ports.speech import SpeechSynthesiser
from telephony.ports.stores import (
    AudioStore,
    CallPage,
    CallStore,
    DeliveryStore,
    Directory,
    LinkStore,
    MailboxPage,
    NumberMemory,
    RecordingStore,
    RepairStore,
    StoredMailbox,
    TicketStore,
    TranscriptStore,
)
from telephony.ports.subscribers import Subscribers
from telephony.ports.telling import DigestStore, HookPoster, HookSecrets, OptOutStore
from telephony.ports.uploads import UploadStore
from telephony.ports.usage import UsageStore

__all__ = [
    "INDEXING_LEASE",
    "AudioStore",
    "BatchTranscriber",
    "Bulletin",
    "CallControl",
    "CallPage",
    "CallScan",
    "CallSource",
    "CallStore",
    "Clock",
    "ConsentStore",
    "DeliveryStore",
    "DigestStore",
    "Directory",
    "ErasureStore",
    "FollowUps",
    "HookPoster",
    "HookSecrets",
    "IdempotencyStore",
    "JobQueue",
    "JobStore",
    "LinkStore",
    "MailboxPage",
    "NumberMemory",
    "NumberSource",
    "OptOutStore",
    "OutgoingStore",
    "PauseStore",
    "RecordingSource",
    "RecordingStore",
    "RepairStore",
    "ScannedCalls",
    "SearchIndex",
    "SecretStore",
    "SoundEraser",
    "SpeechSynthesiser",
    "StoredMailbox",
    "StreamOrder",
    "Subscribers",
    "Texter",
    "TicketStore",
    "TranscriptStore",
    "Transcription",
    "TwilioCopies",
    "UploadStore",
    "UsageStore",
]
