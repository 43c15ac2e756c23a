"""WAV as Twilio records it: 16-bit PCM at 8 kHz, mono, or stereo with the caller in the first channel.

Source: https://www.twilio.com/docs/voice/api/recording, "Fetch a Recording's media file".
"""

import io
import wave
from dataclasses import dataclass

from telephony.coverage import Interval
from telephony.errors import WireError

SAMPLE_RATE = 8_000
SAMPLE_BYTES = 2
MAX_CHANNELS = 2
MAX_BYTES = 150_000_000
"""More than two and a half hours of mono, and less than a function's memory."""

_BYTES_PER_MS = SAMPLE_RATE * SAMPLE_BYTES // 1_000


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of a recording.

    Attributes:
        samples: 16-bit little-endian, at 8 kHz.
    """

    samples: bytes

    @property
    def length_ms(self) -> int:
        """How long it is, without a last part of a millisecond."""
        return len(self.samples) // _BYTES_PER_MS

    def cut(self, part: Interval) -> "Sound":
        """Return this part of it."""
        return Sound(self.samples[part.start_ms * _BYTES_PER_MS : part.end_ms * _BYTES_PER_MS])

    def as_wav(self) -> bytes:
        """Return it as a WAV file."""
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(self.samples)
        return buffer.getvalue()


def parse(audio: bytes) -> Sound:
    """Read the caller's channel, the first one, of a recording. Raises: WireError, whatever *audio* is."""
    if len(audio) > MAX_BYTES:
        raise WireError("the recording is too long")
    try:
        with wave.open(io.BytesIO(audio), "rb") as file:
            channels = file.getnchannels()
            if (file.getframerate(), file.getsampwidth()) != (SAMPLE_RATE, SAMPLE_BYTES):
                raise WireError("the recording is not 16-bit sound at 8 kHz")
            if channels > MAX_CHANNELS:
                raise WireError("the recording has too many channels")
            frames = file.readframes(len(audio))
    except (EOFError, OverflowError, RuntimeError, ValueError, wave.Error) as exc:
        raise WireError(f"the recording is not a WAV: {type(exc).__name__}") from exc
    return Sound(_first_channel(frames, channels))


def _first_channel(frames: bytes, channels: int) -> bytes:
    frames = frames[: len(frames) // (channels * SAMPLE_BYTES) * channels * SAMPLE_BYTES]
    if channels == 1:
        return frames
    samples = memoryview(frames).cast("h")  # both bytes of a sample move together, so their order does not matter
    return samples[::channels].tobytes()
