"""A WAV file of mu-law at 8 kHz, mono: what Twilio's `<Play>` plays as it is.

Source: RFC 2361 (WAVE_FORMAT_MULAW), and https://www.twilio.com/docs/voice/twiml/play.
"""

import struct
from typing import Final

SAMPLE_RATE: Final = 8_000
_FORMAT_MULAW: Final = 7
_FORMAT: Final = struct.pack("<HHIIHHH", _FORMAT_MULAW, 1, SAMPLE_RATE, SAMPLE_RATE, 1, 8, 0)


def wrap(samples: bytes) -> bytes:
    """Return a file with these samples, a byte each."""
    chunks = _chunk(b"fmt ", _FORMAT) + _chunk(b"fact", struct.pack("<I", len(samples))) + _chunk(b"data", samples)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
