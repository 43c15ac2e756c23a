"""AudioStore and SoundEraser in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

from telephony.errors import NotFoundError


@dataclass
class MemoryAudio:
    """Keeps recordings; keeps the promises of `telephony.ports.AudioStore`, but that its addresses lead nowhere."""

    sound: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, audio: bytes, content_type: str) -> None:
        """Store *audio* over what was there."""
        self.sound[key] = audio
        self.content_types[key] = content_type

    def get(self, key: str) -> bytes:
        """Return what was stored. Raises: NotFoundError."""
        if key not in self.sound:
            raise NotFoundError("audio")
        return self.sound[key]

    def erase(self, prefix: str) -> int:
        """Remove what has a key with *prefix*, and return how many: the promises of `SoundEraser`."""
        gone = [key for key in self.sound if key.startswith(prefix)]
        for key in gone:
            del self.sound[key]
        return len(gone)

    def count(self, prefix: str) -> int:
        """Return how many there are."""
        return sum(key.startswith(prefix) for key in self.sound)

    def upload_url(self, key: str, size_bytes: int, content_type: str, lifetime: timedelta) -> str:
        """Return an address that names the key, the size and the lifetime in seconds."""
        return f"https://audio.example/{key}?size={size_bytes}&expires={int(lifetime.total_seconds())}"

    def url(
        self, key: str, lifetime: timedelta, file_name: str | None = None, *, content_type: str = "audio/wav"
    ) -> str:
        """Return an address that names the key, the lifetime in seconds, the file, and what it is if no sound."""
        name = "" if file_name is None else f"&name={file_name}"
        what = "" if content_type == "audio/wav" else f"&type={content_type}"
        return f"https://audio.example/{key}?expires={int(lifetime.total_seconds())}{name}{what}"
