"""The telephone's sound: 8 kHz mu-law, one byte a sample, and the WAV that Twilio makes of it."""

import io
import math
import re
import wave

import numpy as np
import numpy.typing as npt

SAMPLES_PER_MS = 8
FRAME_MS = 20
FRAME_SAMPLES = SAMPLES_PER_MS * FRAME_MS
SILENCE = b"\xff"
VOICED_PEAK = 256
"""A 20 ms window whose loudest sample is below this (-42 dBFS) is silent."""

_BIAS = 0x84

_MULAW_WAV = re.compile(
    rb"RIFF.{4}WAVEfmt (?:\x12|\x10)\0{3}\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0(?:\0\0)?"
    rb"(?:fact\x04\0{3}.{4})?data(.{4})",
    re.DOTALL,
)
"""The head of a WAV of mu-law at 8 kHz, mono, whose length stands in its group; the wave module reads PCM alone."""


def _decoding_table() -> npt.NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int64) & 0xFF
    exponent = (code >> 4) & 7
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << exponent) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_DECODED = _decoding_table()


def decode(audio: bytes) -> npt.NDArray[np.int16]:
    """Return the 16-bit samples of mu-law *audio* (ITU-T G.711)."""
    return _DECODED[np.frombuffer(audio, dtype=np.uint8)]


def encode(samples: npt.NDArray[np.int16]) -> bytes:
    """Return 16-bit *samples* as mu-law (ITU-T G.711)."""
    wide = samples.astype(np.int64)
    magnitude = np.minimum(np.abs(wide), 32_635) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int64) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(wide < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def is_voiced(audio: bytes) -> bool:
    """Tell whether anything in mu-law *audio* is loud enough to count as sound."""
    return (
        audio.count(SILENCE) != len(audio) and int(np.abs(decode(audio).astype(np.int32)).max(initial=0)) >= VOICED_PEAK
    )


def trimmed(audio: bytes) -> bytes:
    """Return *audio* without the silent 20 ms windows at both ends; all of it when it is silent throughout."""
    windows = range(0, len(audio), FRAME_SAMPLES)
    voiced = [at for at in windows if is_voiced(audio[at : at + FRAME_SAMPLES])]
    return audio[voiced[0] : voiced[-1] + FRAME_SAMPLES] if voiced else audio


def tone(duration_ms: int, *, hertz: int = 1_000, peak: int = 8_000) -> bytes:
    """Return a sine of *duration_ms* as mu-law."""
    at = np.arange(duration_ms * SAMPLES_PER_MS) / (SAMPLES_PER_MS * 1_000)
    return encode((np.sin(2 * math.pi * hertz * at) * peak).astype(np.int16))


def wav(audio: bytes) -> bytes:
    """Return mu-law *audio* as Twilio serves recordings: WAV, 8 kHz, 16-bit PCM, mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLES_PER_MS * 1_000)
        sound.writeframes(decode(audio).astype("<i2").tobytes())
    return file.getvalue()


def from_wav(content: bytes) -> bytes:
    """Return a WAV of 8 kHz, mono, of mu-law or 16-bit PCM, as mu-law. Raises: ValueError for any other."""
    found = _MULAW_WAV.match(content)
    if found is not None:
        return content[found.end() : found.end() + int.from_bytes(found[1], "little")]
    try:
        with wave.open(io.BytesIO(content)) as sound:
            shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            samples = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as exc:
        raise ValueError(f"not a WAV of PCM: {exc!r}") from exc
    if shape != (1, 2, SAMPLES_PER_MS * 1_000):
        raise ValueError(f"channels, bytes a sample and sampling rate are {shape}, not (1, 2, 8000)")
    return encode(np.frombuffer(samples[: len(samples) // 2 * 2], dtype="<i2").astype(np.int16))
