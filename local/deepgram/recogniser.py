"""What the server asks of a recogniser: a voice detector for each stream, and the words of a stretch of audio."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 8_000
"""Hz. Everything behind the wire is telephone band: detectors, recognisers and positions in the audio."""

Pcm = npt.NDArray[np.int16]
"""Linear 16-bit samples, one channel, at SAMPLE_RATE."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written in a sentence, and where it was heard."""

    punctuated: str
    start: int
    """Samples from the first one of the audio that was given."""
    end: int
    confidence: float

    @property
    def bare(self) -> str:
        """The word in lower case, without the punctuation around it."""
        if self.punctuated.startswith("["):  # a tag in place of what was redacted
            return self.punctuated
        return self.punctuated.lower().strip(".,;:!?\"'()[]-\N{HORIZONTAL ELLIPSIS}") or self.punctuated.lower()


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a stretch of audio, and how many of its samples they settle.

    What lies after *settled* is the beginning of a word that was cut; it must be given again with what follows it.
    """

    words: tuple[Word, ...]
    settled: int


class VoiceDetector(Protocol):
    """Says how likely each stretch of one stream is speech. It may keep state: one for each channel of each stream."""

    def __call__(self, window: Pcm) -> float:
        """Return the probability (0 to 1) that *window*, of `Tuning.window` samples, is speech."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How audio is cut into segments for a recogniser. Lengths in samples, thresholds as probabilities."""

    window: int
    """How much a voice detector takes at a time."""
    voice_on: float = 0.5
    voice_off: float = 0.35
    pre_roll: int
    """Audio before the first voiced window that belongs to the segment."""
    tail: int
    """Audio after the last voiced window that belongs to the segment."""
    least_voiced: int
    """A segment with less speech than this has no words."""
    longest: int
    """A segment is ended here although nobody paused."""


class Recogniser(Protocol):
    """Turns speech into words. One serves every stream; `transcribe` is called from several threads at once."""

    @property
    def tuning(self) -> Tuning:
        """How its audio is to be cut."""
        ...

    @property
    def is_quick(self) -> bool:
        """Whether `transcribe` may run in the event loop because it takes next to no time."""
        ...

    def detector(self) -> VoiceDetector:
        """Return a fresh voice detector for one channel of one stream."""
        ...

    def transcribe(self, pcm: Pcm, *, complete: bool) -> Heard:
        """Return the words of *pcm*, one segment of at most `tuning.longest` samples or a little more.

        Unless *complete*, speech goes on after it, and the recogniser may leave a cut word at the end unsettled.
        """
        ...
