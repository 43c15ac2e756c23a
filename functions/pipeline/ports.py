"""What the pipeline asks of the world."""

from collections.abc import Callable
from dataclasses import dataclass

from telephony.metrics import Meter
from telephony.ports.search import SearchIndex
from telephony.ports.services import BatchTranscriber, Bulletin, CallSource, Clock, FollowUps, RecordingSource, Texter
from telephony.ports.speech import SpeechSynthesiser
from telephony.ports.stores import (
    AudioStore,
    CallStore,
    DeliveryStore,
    Directory,
    LinkStore,
    RecordingStore,
    RepairStore,
    TranscriptStore,
)
from telephony.ports.telling import DigestStore, HookPoster, HookSecrets
from telephony.ports.usage import UsageStore


@dataclass(frozen=True, slots=True)
class PipelinePorts:
    """The pipeline's share of the ports.

    Attributes:
        public_origin: where links in messages to people lead, without a slash at its end.
        sleep: waits for so many seconds.
    """

    directory: Directory
    calls: CallStore
    recordings: RecordingStore
    repairs: RepairStore
    transcripts: TranscriptStore
    deliveries: DeliveryStore
    digests: DigestStore
    links: LinkStore
    usage: UsageStore
    search: SearchIndex
    audio: AudioStore
    source: RecordingSource
    transcriber: BatchTranscriber
    speech: SpeechSynthesiser
    twilio_calls: CallSource
    texter: Texter
    bulletin: Bulletin
    hook_secrets: HookSecrets
    hook_poster: HookPoster
    follow_ups: FollowUps
    clock: Clock
    meter: Meter
    public_origin: str
    sleep: Callable[[float], None]
