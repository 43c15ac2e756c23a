"""What the domain asks of the world: of AWS, Twilio and Deepgram when it runs, of memory in the tests.

Every method may raise UpstreamError. Every write may be repeated without harm.
"""

from telephony.ports.consents import ConsentStore
from telephony.ports.control import CallControl, StreamOrder
from telephony.ports.idempotency import IdempotencyStore
from telephony.ports.outgoing import OutgoingStore
from telephony.ports.pauses import PauseStore
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
    "CallControl",
    "CallPage",
    "CallSource",
    "CallStore",
    "Clock",
    "ConsentStore",
    "DeliveryStore",
    "Directory",
    "FollowUps",
    "IdempotencyStore",
    "LinkStore",
    "NumberMemory",
    "NumberSource",
    "OutgoingStore",
    "PauseStore",
    "RecordingSource",
    "RecordingStore",
    "RepairStore",
    "SecretStore",
    "SpeechSynthesiser",
    "StreamOrder",
    "Texter",
    "TicketStore",
    "TranscriptStore",
    "Transcription",
]
