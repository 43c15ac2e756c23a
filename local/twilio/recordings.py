"""What callers left behind."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from local.twilio.mulaw import SAMPLES_PER_MS


class RecordingStatus(StrEnum):
    """Twilio's words."""

    IN_PROGRESS = "in-progress"
    PROCESSING = "processing"
    COMPLETED = "completed"


@dataclass(slots=True, kw_only=True)
class Recording:
    """A recording of one call; its media exists once it is completed."""

    sid: str
    call_sid: str
    started_at: datetime
    url: str
    """Where its media is fetched; without an extension, as Twilio gives it out."""
    status: RecordingStatus = RecordingStatus.IN_PROGRESS
    source: str = "RecordVerb"
    audio: bytes = b""
    """8 kHz mu-law."""
    refusals: int = 0
    """How often its media will still be answered with 404 although it is ready."""

    @property
    def duration_s(self) -> int:
        """The length in whole seconds."""
        return round(len(self.audio) / SAMPLES_PER_MS / 1_000)
