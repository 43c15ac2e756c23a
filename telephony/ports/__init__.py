"""What the domain asks of the world: of AWS, Twilio and Deepgram when it runs, of memory in the tests.

Every method may raise UpstreamError. Every write may be repeated without harm.
"""

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
from telephony.ports.telling import DigestStore, HookPoster, HookSecrets, OptOutStore

__all__ = [
    "AudioStore",
    "BatchTranscriber",
    "Bulletin",
    "CallPage",
    "CallSource",
    "CallStore",
    "Clock",
    "DeliveryStore",
    "DigestStore",
    "Directory",
    "FollowUps",
    "HookPoster",
    "HookSecrets",
    "LinkStore",
    "NumberMemory",
    "NumberSource",
    "OptOutStore",
    "RecordingSource",
    "RecordingStore",
    "RepairStore",
    "SecretStore",
    "Texter",
    "TicketStore",
    "TranscriptStore",
    "Transcription",
]
