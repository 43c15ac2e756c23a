"""What the domain asks of the world: of AWS, Twilio and Deepgram when it runs, of memory in the tests.

Every method may raise UpstreamError. Every write may be repeated without harm.
"""

from telephony.ports.erasure import CallScan, ErasureStore, ScannedCalls, SoundEraser, TwilioCopies
from telephony.ports.jobs import JobQueue, JobStore
from telephony.ports.search import SearchIndex
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
from telephony.ports.stores import (
    AudioStore,
    CallPage,
    CallStore,
    DeliveryStore,
    Directory,
    LinkStore,
    NumberMemory,
    RecordingStore,
    RepairStore,
    TicketStore,
    TranscriptStore,
)
from telephony.ports.uploads import UploadStore

__all__ = [
    "AudioStore",
    "BatchTranscriber",
    "Bulletin",
    "CallPage",
    "CallScan",
    "CallSource",
    "CallStore",
    "Clock",
    "DeliveryStore",
    "Directory",
    "ErasureStore",
    "FollowUps",
    "JobQueue",
    "JobStore",
    "LinkStore",
    "NumberMemory",
    "NumberSource",
    "RecordingSource",
    "RecordingStore",
    "RepairStore",
    "ScannedCalls",
    "SearchIndex",
    "SecretStore",
    "SoundEraser",
    "Texter",
    "TicketStore",
    "TranscriptStore",
    "Transcription",
    "TwilioCopies",
    "UploadStore",
]
