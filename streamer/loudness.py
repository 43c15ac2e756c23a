"""How loud one track is, from a sample in every sixteen. Sans-I/O."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

EVERY: Final = 16
"""A mean needs no more: 500 samples a second, at a tenth of a microsecond a chunk."""

_GATHER: Final = 4_096
"""Samples counted in one go."""

_SILENT: Final = 64
"""Up to this, of 32,124, a sample is silence or the noise of a quiet line."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What the samples add up to; see `telephony.ledger.Ledger`."""

    level_dbfs: float | None
    clipped_share: float
    silent_share: float


def _amplitude(code: int) -> int:
    """Return how far from 0 the sample of a mu-law code lies. Source: ITU-T G.711."""
    exponent, mantissa = ~code >> 4 & 0x07, ~code & 0x0F
    return ((2 * mantissa + 33) << (exponent + 2)) - 132


_AMPLITUDES = tuple(_amplitude(code) for code in range(256))
_LOUDEST = max(_AMPLITUDES)


class Loudness:
    """Takes sound, and tells its level."""

    def __init__(self) -> None:
        self._gathered = bytearray()
        self._counts: Counter[int] = Counter()

    def add(self, audio: bytes) -> None:
        """Count mu-law *audio* in."""
        self._gathered += audio[::EVERY]
        if len(self._gathered) > _GATHER:
            self._count()

    def measure(self) -> Measure:
        """Return the level of all that was added."""
        self._count()
        total = self._counts.total()
        sounding = {code: count for code, count in self._counts.items() if _AMPLITUDES[code] > _SILENT}
        voiced = sum(sounding.values())
        clipped = sum(count for code, count in sounding.items() if _AMPLITUDES[code] == _LOUDEST)
        power = sum(count * _AMPLITUDES[code] ** 2 for code, count in sounding.items())
        return Measure(
            level_dbfs=round(10 * math.log10(power / voiced / _LOUDEST**2), 1) if voiced else None,
            clipped_share=round(clipped / total, 4) if total else 0.0,
            silent_share=round(1 - voiced / total, 4) if total else 0.0,
        )

    def _count(self) -> None:
        self._counts.update(self._gathered)
        self._gathered.clear()
