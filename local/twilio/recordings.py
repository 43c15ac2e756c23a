"""What callers left behind."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from local.twilio.mulaw import SAMPLES_PER_MS, SILENCE


class RecordingStatus(StrEnum):
    """Twilio's words."""

    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
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
    pauses: list[tuple[int, float]] = field(default_factory=list)
    """From when to when it was held, on the exchange's clock; an infinite end while it is."""
    refusals: int = 0
    """How often its media will still be answered with 404 although it is ready."""

    @property
    def is_paused(self) -> bool:
        """Whether it is held now."""
        return bool(self.pauses) and math.isinf(self.pauses[-1][1])

    def pause(self, at_ms: int) -> None:
        """Put silence into it from now on."""
        if not self.is_paused:
            self.pauses.append((at_ms, math.inf))

    def resume(self, at_ms: int) -> None:
        """Let it have sound again."""
        if self.is_paused:
            self.pauses[-1] = (self.pauses[-1][0], at_ms)

    def held(self, audio: bytes, began_ms: int) -> bytes:
        """Return *audio*, which began then, with silence where it was held."""
        for from_ms, to_ms in self.pauses:
            start = max(0, (from_ms - began_ms) * SAMPLES_PER_MS)
            end = len(audio) if math.isinf(to_ms) else max(start, int(to_ms - began_ms) * SAMPLES_PER_MS)
            audio = audio[:start] + SILENCE * (min(end, len(audio)) - min(start, len(audio))) + audio[end:]
        return audio

    @property
    def duration_s(self) -> int:
        """The length in whole seconds."""
        return round(len(self.audio) / SAMPLES_PER_MS / 1_000)
