"""Files of sound that no library here writes."""

import struct


def box(name: bytes, content: bytes, *, is_long: bool = False) -> bytes:
    """Return one box of an MP4; with *is_long*, its size is where big ones have it."""
    if is_long:
        return struct.pack(">I4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), name) + content


def moov(length_ms: int, *handlers: bytes, version: int = 0) -> bytes:
    """Return what an MP4 says of itself: how long it is, and what its tracks, one of sound, are of."""
    times = (
        struct.pack(">QQIQ", 0, 0, 600, length_ms * 6 // 10)
        if version
        else struct.pack(">IIII", 0, 0, 600, length_ms * 6 // 10)
    )
    tracks = [
        box(
            b"trak",
            box(b"tkhd", bytes(84)) + box(b"mdia", box(b"mdhd", bytes(24)) + box(b"hdlr", bytes(8) + of + bytes(13))),
        )
        for of in handlers or (b"soun",)
    ]
    return box(b"moov", box(b"mvhd", bytes([version, 0, 0, 0]) + times + bytes(80)) + b"".join(tracks))


FTYP = box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom")

M4A = FTYP + moov(3_000) + box(b"mdat", bytes(1_000))
"""Three seconds, as it says; what would be sound in it is none."""
