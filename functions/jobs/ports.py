"""What the jobs ask of the world."""

from dataclasses import dataclass

from telephony.metrics import Meter
from telephony.ports.erasure import CallScan, ErasureStore, ExpiryStore, SoundEraser, TwilioCopies
from telephony.ports.jobs import JobQueue, JobStore
from telephony.ports.search import SearchIndex
from telephony.ports.services import CallSource, Clock
from telephony.ports.stores import AudioStore, CallStore, Directory, RecordingStore


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
    expiry: ExpiryStore
    audio: AudioStore
    sound: SoundEraser
    twilio_calls: CallSource
    twilio_copies: TwilioCopies
    index: SearchIndex
    clock: Clock
    meter: Meter
