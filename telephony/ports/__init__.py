"""What the domain asks of the world: of AWS, Twilio and Deepgram when it runs, of memory in the tests.

Every method may raise UpstreamError. Every write may be repeated without harm.
"""

from telephony.ports.consents import ConsentStore
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
    NumberMemory,
    RecordingStore,
    RepairStore,
    TicketStore,
    TranscriptStore,
)

__all__ = [
    "AudioStore",
    "BatchTranscriber",
    "Bulletin",
    "CallPage",
    "CallSource",
    "CallStore",
    "Clock",
    "ConsentStore",
    "DeliveryStore",
    "Directory",
    "FollowUps",
    "LinkStore",
    "NumberMemory",
    "NumberSource",
    "RecordingSource",
    "RecordingStore",
    "RepairStore",
    "SecretStore",
    "SpeechSynthesiser",
    "Texter",
    "TicketStore",
    "TranscriptStore",
    "Transcription",
]
