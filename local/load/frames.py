"""Frames of a load test: sound that says which frame it is and when it was sent, in Twilio's messages.

Each frame is 20 ms of mu-law, 160 bytes. The first sixteen are a stamp: magic, the frame's number, and the monotonic
clock of this machine when it was sent. Whoever gets the sound on the same machine knows what was lost, and how late it
is.
"""

import base64
import struct
from typing import Final

FRAME_MS: Final = 20
FRAME_BYTES: Final = 160

MAGIC: Final = b"RLd1"
_STAMP: Final = struct.Struct(">4sIQ")
_HEAD_BYTES: Final = 18
"""The stamp and two bytes of sound: a multiple of three, so that its base64 needs no padding."""
_REST: Final = bytes((at * 7_919 >> 4) % 255 for at in range(_HEAD_BYTES, FRAME_BYTES))
_REST_BASE64: Final = base64.b64encode(_REST)


def payload(number: int, sent_ns: int) -> bytes:
    """Return the base64 of frame *number*, sent at *sent_ns* of the monotonic clock."""
    return base64.b64encode(_STAMP.pack(MAGIC, number, sent_ns) + b"\x2a\x55") + _REST_BASE64


def head(number: int, track: bytes = b"inbound") -> bytes:
    """Return what a media message with frame *number* begins with, up to its payload; the same for all streams."""
    return b'{"event":"media","sequenceNumber":"%d","media":{"track":"%b","chunk":"%d","timestamp":"%d","payload":"' % (
        number + 2,
        track,
        number + 1,
        number * FRAME_MS,
    )


def tail(stream_sid: str) -> bytes:
    """Return what a stream's media messages end with."""
    return b'"},"streamSid":"' + stream_sid.encode() + b'"}'


def read_stamps(sound: bytes | memoryview, frame_bytes: int = FRAME_BYTES) -> list[tuple[int, int]]:
    """Return number and time of each frame in *sound*, which begins with a frame; what has no stamp is left out."""
    stamps = []
    for at in range(0, len(sound) - _STAMP.size + 1, frame_bytes):
        magic, number, sent_ns = _STAMP.unpack_from(sound, at)
        if magic == MAGIC:
            stamps.append((number, sent_ns))
    return stamps
