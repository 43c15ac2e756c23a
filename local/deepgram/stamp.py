"""Audio with a number in every 100 ms, and the recogniser that reads it: what is lost or moved becomes a wrong word.

A block is 800 mu-law codes: a mark that occurs nowhere else, then codes that follow from the number alone. A block
counts only if all 800 are as they were written, so one that lost, gained or changed a byte is reported as DAMAGED.
No code stands for silence, and none is changed by a way through 16-bit samples and back.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from local.deepgram.audio import MULAW_TO_LINEAR
from local.deepgram.recogniser import Heard, Pcm, Tuning, Word

BLOCK_BYTES = 800
"""One word: 100 ms of 8 kHz mu-law."""
SILENCE = 0xFF
"""The mu-law code of silence."""
DAMAGED = "damaged"
"""The word for sound that is not an intact block."""
MAX_NUMBER = 99_999
FIGURES = 90_000
"""Blocks from this number on are spoken figures, of which a card's number can be made."""

_DIGITS = 5
_MARK = bytes(range(0xA0, 0xA8))
# 64 codes of middling loudness, none of the mark's.
_ALPHABET = np.array([*range(0x30, 0x50), *range(0xB0, 0xD0)], np.uint8)
_DIGIT_OF = {int(_ALPHABET[digit]): digit for digit in range(10)}
_SILENT = bytes([SILENCE])
_NO_CODE = 0x00
_NUMBER_AT = slice(len(_MARK), len(_MARK) + _DIGITS)


def stamp(first: int, count: int) -> bytes:
    """Return *count* blocks of mu-law audio, numbered from *first*; each is heard as `word(number)`, 100 ms long."""
    return b"".join(_block(number) for number in range(first, first + count))


def word(number: int) -> str:
    """Return the word that block *number* is heard as; from FIGURES on, four figures."""
    return f"w{number:0{_DIGITS}d}" if number < FIGURES else f"{number - FIGURES:04d}"


class StampedVoice:
    """Anything but silence is speech."""

    def __call__(self, window: Pcm) -> float:
        """Return 1 when *window* has a sample that is not zero, else 0."""
        return float(window.any())


class StampedRecogniser:
    """Reads stamped audio exactly, whatever its alignment; deterministic, and much faster than it plays."""

    tuning = Tuning(window=160, pre_roll=1_600, tail=800, least_voiced=0, longest=5 * 8_000)
    is_quick = True

    def detector(self) -> StampedVoice:
        """Return a detector; it has no state."""
        return StampedVoice()

    def transcribe(self, pcm: Pcm, *, complete: bool) -> Heard:
        """Return a word for each intact block and DAMAGED for each stretch of other sound between them."""
        codes = _to_mulaw(pcm)
        settled = len(codes) if complete else _start_of_cut_block(codes)
        words: list[Word] = []
        done = 0
        for at, number in _intact_blocks(codes):
            words += _damage(codes, done, at)
            done = at + BLOCK_BYTES
            words.append(Word(word(number), at, done, 1.0))
        return Heard((*words, *_damage(codes, done, settled)), settled)


@lru_cache(maxsize=4_096)
def _block(number: int) -> bytes:
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError(f"block number {number} is not from 0 to {MAX_NUMBER}")
    digits = bytes(_ALPHABET[int(digit)] for digit in f"{number:0{_DIGITS}d}")
    noise = hashlib.shake_128(digits).digest(BLOCK_BYTES - len(_MARK) - _DIGITS)
    return _MARK + digits + _ALPHABET[np.frombuffer(noise, np.uint8) % len(_ALPHABET)].tobytes()


def _intact_blocks(codes: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each intact block starts, and its number."""
    at = codes.find(_MARK)
    while at >= 0:
        number = _number(codes[at:][_NUMBER_AT])
        intact = number is not None and codes.startswith(_block(number), at)
        if number is not None and intact:
            yield at, number
        at = codes.find(_MARK, at + (BLOCK_BYTES if intact else 1))


def _start_of_cut_block(codes: bytes) -> int:
    """Return where the block begins whose first part ends *codes*; their length when there is none."""
    for at in range(max(0, len(codes) - BLOCK_BYTES + 1), len(codes)):
        if codes[at] == _MARK[0] and _begins_block(codes[at:]):
            return at
    return len(codes)


def _begins_block(part: bytes) -> bool:
    if len(part) < _NUMBER_AT.stop:
        return part.startswith(_MARK) or _MARK.startswith(part)
    number = _number(part[_NUMBER_AT])
    return part.startswith(_MARK) and number is not None and _block(number).startswith(part)


def _number(digits: bytes) -> int | None:
    values = [_DIGIT_OF.get(digit) for digit in digits]
    if len(values) < _DIGITS or None in values:
        return None
    return int("".join(map(str, values)))


def _damage(codes: bytes, start: int, end: int) -> list[Word]:
    """Return DAMAGED for what sounds between *start* and *end*, nothing for silence."""
    stray = codes[start:end]
    sound = stray.strip(_SILENT)
    if not sound:
        return []
    begins = start + len(stray) - len(stray.lstrip(_SILENT))
    return [Word(DAMAGED, begins, begins + len(sound), 0.0)]


def _to_mulaw(pcm: Pcm) -> bytes:
    """Return the code of each sample that is exactly a code's value, and a code of no block for any other."""
    return _LINEAR_TO_MULAW[pcm.astype(np.int32) + 32_768].tobytes()


def _linear_table() -> npt.NDArray[np.uint8]:
    table = np.full(65_536, _NO_CODE, np.uint8)
    table[MULAW_TO_LINEAR[::-1].astype(np.int32) + 32_768] = np.arange(255, -1, -1, dtype=np.uint8)
    table[32_768] = SILENCE  # two codes stand for zero
    return table


_LINEAR_TO_MULAW = _linear_table()
