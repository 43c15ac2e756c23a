"""Audio as it comes in, to linear samples of one channel each at 8 kHz."""

import io
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from local.deepgram.recogniser import SAMPLE_RATE, Pcm
from local.deepgram.refusals import CORRUPT_AUDIO, NOT_DECODED_LOCALLY, Refused


class Encoding(StrEnum):
    """The raw encodings that are read; Deepgram knows more."""

    MULAW = "mulaw"
    LINEAR16 = "linear16"

    @property
    def width_bytes(self) -> int:
        """Bytes of one sample of one channel."""
        return 1 if self is Encoding.MULAW else 2


def _mulaw_table() -> Pcm:
    """Return the linear value of each mu-law code. Source: ITU-T G.711, table 2a."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 0x07)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


MULAW_TO_LINEAR = _mulaw_table()


class Intake:
    """The audio of one stream, in chunks cut anywhere, to equally long channels of samples at 8 kHz."""

    def __init__(self, encoding: Encoding, *, sample_rate: int, channels: int, separate: bool) -> None:
        self._encoding = encoding
        self._channels = channels
        self._separate = separate
        self._frame_bytes = encoding.width_bytes * channels
        self._sample_rate = sample_rate
        self._rest = b""
        self._received_bytes = 0
        tracks = channels if separate else 1
        self._resamplers = [
            soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="int16")
            for _ in range(tracks if sample_rate != SAMPLE_RATE else 0)
        ]

    @property
    def received_s(self) -> float:
        """Seconds of audio received, by its bytes alone."""
        return self._received_bytes / (self._frame_bytes * self._sample_rate)

    def take(self, chunk: bytes, *, last: bool = False) -> list[Pcm]:
        """Return the new samples of each channel; with *last*, those that the resampler still held as well."""
        self._received_bytes += len(chunk)
        data = self._rest + chunk
        whole = len(data) // self._frame_bytes * self._frame_bytes
        self._rest = data[whole:]
        tracks = self._tracks(data[:whole])
        if not self._resamplers:
            return tracks
        return [
            resampler.resample_chunk(track, last=last)
            for resampler, track in zip(self._resamplers, tracks, strict=True)
        ]

    def _tracks(self, data: bytes) -> list[Pcm]:
        if self._encoding is Encoding.MULAW:
            samples = MULAW_TO_LINEAR[np.frombuffer(data, np.uint8)]
        else:
            samples = np.frombuffer(data, "<i2").astype(np.int16)
        return _split(samples.reshape(-1, self._channels), separate=self._separate)


def read_file(body: bytes, *, separate: bool) -> list[Pcm]:
    """Return each channel of an audio file at 8 kHz; all in one unless *separate*.

    Raises: Refused, when it is no audio file that can be read; MP4 is none, for want of a library that decodes AAC.
    """
    try:
        # As int16 it would give samples that are fractions in the file as nothing but 0, 1 and -1.
        fractions, sample_rate = soundfile.read(io.BytesIO(body), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, ValueError) as exc:
        raise Refused(NOT_DECODED_LOCALLY if body[4:8] == b"ftyp" else CORRUPT_AUDIO) from exc
    samples = np.clip(fractions * 32_768, -32_768, 32_767).astype(np.int16)
    tracks = _split(samples, separate=separate)
    if sample_rate == SAMPLE_RATE:
        return tracks
    return [soxr.resample(track, sample_rate, SAMPLE_RATE) for track in tracks]


def _split(samples: npt.NDArray[np.int16], *, separate: bool) -> list[Pcm]:
    """Return the columns of *samples*, or the mean of them when they are not wanted one by one."""
    channels = samples.shape[1]
    if separate:
        return [np.ascontiguousarray(samples[:, index]) for index in range(channels)]
    if channels == 1:
        return [samples[:, 0]]
    return [samples.mean(axis=1).astype(np.int16)]
