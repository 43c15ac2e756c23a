"""Files of sound that people bring: what kind each is, by its first bytes, and how long, as it says itself.

Nothing is decoded: whether there is speech in it, Deepgram says. What is a video, or does not say how long it is, is
refused.

Sources: RFC 2361 (WAV), RFC 9639 (FLAC), RFC 3533 and RFC 7845 (Ogg, Opus in it), the Vorbis I specification, ISO/IEC
14496-12 (MP4), ISO/IEC 11172-3 and 13818-3 (MP3).
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from telephony.errors import WireError
from telephony.recordings import SoundFile, SoundFormat

MAX_PARTS: Final = 1_000
"""Chunks, boxes or pages that are looked at on one level of a file, and stretches of an MP3 that are none."""

LENGTH_UNKNOWN: Final = "it does not say how long it is"

_PLAIN_WAV: Final = {0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE}
"""PCM, fractions, A-law, mu-law, and what is one of these with more said of it: a block is a sample of each channel."""

_OPUS_RATE: Final = 48_000
_NO_GRANULE: Final = -1
_OGG_READ: Final = 18
"""How much is read of a page's head."""
_BEGINS_STREAM: Final = 0x02

_FRAME_READ: Final = 3
"""How many bytes of an MP3's frame are read; below, what they say in their bits."""
_SYNC_AND_LAYER: Final = 0xFFE600
_SYNC_AND_LAYER_3: Final = 0xFFE200
_NO_KBPS: Final = {0, 15}
_NO_RATE: Final = 3
_MPEG_1: Final = 3
_MPEG_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MPEG_1_KBPS: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG_2_KBPS: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def read(file: bytes) -> SoundFile:
    """Return what *file* is. Raises: WireError, and nothing else whatever *file* is, which says why in a few words."""
    try:
        if file[:4] == b"RIFF" and file[8:12] == b"WAVE":
            return SoundFile(SoundFormat.WAV, _wav_ms(file))
        if file[:4] == b"fLaC":
            return SoundFile(SoundFormat.FLAC, _flac_ms(file))
        if file[:4] == b"OggS":
            return SoundFile(SoundFormat.OGG, _ogg_ms(file))
        if file[4:8] == b"ftyp":
            return SoundFile(SoundFormat.MP4, _mp4_ms(file))
        if (start := _mp3_start(file)) is not None:
            return SoundFile(SoundFormat.MP3, _mp3_ms(file, start))
    except (IndexError, struct.error) as exc:
        raise WireError("it is cut off") from exc
    raise WireError("it is no sound that we know" if file else "it is empty")


def _wav_ms(file: bytes) -> int:
    at, bytes_per_s = 12, 0
    for _ in range(MAX_PARTS):
        name, size = struct.unpack_from("<4sI", file, at)
        at += 8
        if name == b"fmt ":
            kind, _, rate, average, block = struct.unpack_from("<HHIIH", file, at)
            bytes_per_s = rate * block if kind in _PLAIN_WAV else average
        if name == b"data":
            return _ms(min(size, len(file) - at), bytes_per_s)
        at += size + size % 2
    raise WireError("it has too many parts")


def _flac_ms(file: bytes) -> int:
    (said,) = struct.unpack_from(">Q", file, 18)  # of the first block: 20 bits, 3, 5, and 36
    samples = said & (1 << 36) - 1
    if not samples:
        raise WireError(LENGTH_UNKNOWN)
    return _ms(samples, said >> 44)


def _ogg_ms(file: bytes) -> int:
    serial, lengths = struct.unpack_from("<I", file, 14)[0], file[27 : 27 + file[26]]
    packet_at = 27 + len(lengths)
    packet, next_at = file[packet_at : packet_at + 30], packet_at + sum(lengths)
    if packet.startswith(b"OpusHead"):
        rate, skipped = _OPUS_RATE, struct.unpack_from("<H", packet, 10)[0]
    elif packet.startswith(b"\x01vorbis"):
        rate, skipped = struct.unpack_from("<I", packet, 12)[0], 0
    else:
        raise WireError("it has neither Opus nor Vorbis first")
    if file[next_at : next_at + 4] == b"OggS" and file[next_at + 5] & _BEGINS_STREAM:
        raise WireError("it has more than one stream")
    return _ms(max(0, _last_granule(file, serial) - skipped), rate)


def _last_granule(file: bytes, serial: int) -> int:
    at = len(file) - _OGG_READ + len(b"OggS")
    for _ in range(MAX_PARTS):
        at = file.rfind(b"OggS", 0, at)
        if at < 0:
            break
        granule, page_serial = struct.unpack_from("<qI", file, at + 6)
        if page_serial != serial:
            raise WireError("it has more than one stream")
        if granule != _NO_GRANULE:
            return int(granule)
    raise WireError(LENGTH_UNKNOWN)


def _mp4_ms(file: bytes) -> int:
    moov = next((each for each in _boxes(file, 0, len(file)) if each[0] == b"moov"), None)
    if moov is None:
        raise WireError("it is cut off, or no sound")
    length_ms, handlers = 0, set()
    for name, start, end in _boxes(file, *moov[1:]):
        if name == b"mvhd":
            scale, length = struct.unpack_from(
                *((">IQ", file, start + 20) if file[start] else (">II", file, start + 12))
            )
            length_ms = _ms(length, scale)
        if name == b"trak":
            handlers |= set(_handlers(file, start, end))
    if b"vide" in handlers:
        raise WireError("it is a video")
    if b"soun" not in handlers:
        raise WireError("it has no sound")
    if not length_ms:
        raise WireError(LENGTH_UNKNOWN)
    return length_ms


def _handlers(file: bytes, start: int, end: int) -> Iterator[bytes]:
    """Yield what a track is of."""
    for name, media_at, media_end in _boxes(file, start, end):
        if name == b"mdia":
            for inner, at, _ in _boxes(file, media_at, media_end):
                if inner == b"hdlr":
                    yield file[at + 8 : at + 12]


def _boxes(file: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes between *start* and *end*: the name of each, and where its content is."""
    for _ in range(MAX_PARTS):
        if start + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", file, start)
        head = 8
        if size == 1:
            head, size = 16, struct.unpack_from(">Q", file, start + 8)[0]
        elif size == 0:
            size = end - start
        if size < head:
            raise WireError("its parts have no sizes")
        yield name, start + head, min(start + size, end)
        start += size
    raise WireError("it has too many parts")


def _mp3_start(file: bytes) -> int | None:
    """Return where an MP3's first frame should be; None if *file* is none."""
    if file[:3] == b"ID3":
        size = 0
        for each in file[6:10]:
            size = size << 7 | each & 0x7F
        return 10 + size
    return 0 if _frame(file[:_FRAME_READ]) is not None else None


def _mp3_ms(file: bytes, start: int) -> int:
    at, length_us, frames, strays = start, 0, 0, 0
    while at < len(file):
        frame = _frame(file[at : at + _FRAME_READ])
        if frame is not None:
            size, frame_us = frame
            at, length_us, frames = at + size, length_us + frame_us, frames + 1
            continue
        strays += 1
        at = file.find(b"\xff", at + 1)
        if at < 0 or strays > MAX_PARTS:
            break
    # Bytes of anything have what looks like a frame here and there, but not one behind the other.
    if frames <= strays + 1:
        raise WireError("it is no sound that we know")
    return length_us // 1_000


@lru_cache
def _frame(head: bytes) -> tuple[int, int] | None:
    """Return how many bytes, and how many microseconds, a frame of an MP3 has that begins so; None if none does."""
    said = int.from_bytes(head.ljust(_FRAME_READ, b"\0"))
    version, kbps, rate = said >> 11 & 3, said >> 4 & 15, said >> 2 & 3
    is_layer_3 = said & _SYNC_AND_LAYER == _SYNC_AND_LAYER_3
    if not is_layer_3 or version not in _MPEG_RATES or kbps in _NO_KBPS or rate == _NO_RATE:
        return None
    hertz = _MPEG_RATES[version][rate]
    samples, table = (1_152, _MPEG_1_KBPS) if version == _MPEG_1 else (576, _MPEG_2_KBPS)
    return samples * 125 * table[kbps] // hertz + (said >> 1 & 1), samples * 1_000_000 // hertz


def _ms(count: int, per_s: int) -> int:
    if not per_s:
        raise WireError(LENGTH_UNKNOWN)
    return int(count * 1_000 // per_s)
