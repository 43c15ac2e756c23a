"""What the jobs ask of the world."""

from dataclasses import dataclass

from telephony.metrics import Meter
from telephony.ports import (
    AudioStore,
    CallScan,
    CallSource,
    CallStore,
    Clock,
    Directory,
    ErasureStore,
    JobQueue,
    JobStore,
    RecordingStore,
    SearchIndex,
    SoundEraser,
    TwilioCopies,
)


@dataclass(frozen=True, slots=True)
class JobsPorts:
    """The jobs' share of the ports."""

    jobs: JobStore
    queue: JobQueue
    directory: Directory
    calls: CallStore
    scan: CallScan
    recordings: RecordingStore
    erasure: ErasureStore
    audio: AudioStore
    sound: SoundEraser
    twilio_calls: CallSource
    twilio_copies: TwilioCopies
    index: SearchIndex
    clock: Clock
    meter: Meter
