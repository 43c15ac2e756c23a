"""What a file of sound is, and how long, by its bytes alone; or why it is none that we take."""

import io
import struct

import numpy as np
import pytest
import soundfile

from telephony.errors import WireError
from telephony.recordings import SoundFile, SoundFormat
from telephony.wire import sound_file
from telephony.wire.sound_file import MAX_PARTS
from tests import sounds

ENCODER_MS = 250
"""How much silence an MP3 may have around what was put into it, at the slowest rate."""


def _written(kind: str, subtype: str, rate: int, channels: int) -> bytes:
    file = io.BytesIO()
    tone = np.sin(np.arange(3 * rate) / 20) / 3
    soundfile.write(file, np.stack([tone] * channels, axis=1), rate, format=kind, subtype=subtype)
    return file.getvalue()


def _refusal(file: bytes) -> str:
    with pytest.raises(WireError) as caught:
        sound_file.read(file)
    return str(caught.value)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        *(("WAV", subtype) for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "ULAW", "ALAW")),
        ("WAVEX", "PCM_24"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
    ],
)
def test_the_length_of_a_file_is_what_it_says(kind: str, subtype: str, rate: int, channels: int) -> None:
    found = sound_file.read(_written(kind, subtype, rate, channels))
    assert found == SoundFile(SoundFormat.WAV if kind == "WAVEX" else SoundFormat[kind], 3_000)


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_opus_counts_at_its_own_rate_without_what_is_skipped(rate: int) -> None:
    assert sound_file.read(_written("OGG", "OPUS", rate, 1)) == SoundFile(SoundFormat.OGG, 3_000)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("tags", [b"", b"ID3\x04\0\0\0\0\x02\x01" + bytes(257), b"ID3\x03\0\0\0\0\0\x02\0\0\0\0\0"])
def test_an_mp3_is_as_long_as_its_frames(rate: int, tags: bytes) -> None:
    file = tags + _written("MP3", "MPEG_LAYER_III", rate, 2)
    found = sound_file.read(file)
    assert found.format is SoundFormat.MP3
    assert found == sound_file.read(file + b"TAG".ljust(128, b"\0"))
    assert 3_000 <= found.length_ms <= 3_000 + ENCODER_MS


def test_a_compressed_wav_is_as_long_as_its_average_says() -> None:
    found = sound_file.read(_written("WAV", "GSM610", 8_000, 1))
    assert (found.format, found.length_ms) == (SoundFormat.WAV, 3_000)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 48_000])
def test_a_wav_that_was_never_finished_or_is_cut_off_is_as_long_as_what_is_there(size: int) -> None:
    file = bytearray(_written("WAV", "PCM_16", 8_000, 1))
    at = file.index(b"data")
    file[at + 4 : at + 8] = struct.pack("<I", size)
    assert sound_file.read(bytes(file[: at + 8 + 16_000])).length_ms == 1_000


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("is_long", [False, True])
def test_an_mp4_is_as_long_as_its_head_says_wherever_that_stands(version: int, *, is_long: bool) -> None:
    head, rest = sounds.moov(61_500, version=version), sounds.box(b"mdat", bytes(5_000), is_long=is_long)
    for parts in (head + rest, rest + head):
        assert sound_file.read(sounds.FTYP + parts) == SoundFile(SoundFormat.MP4, 61_500)
    to_the_end = bytes(4) + head[4:]
    assert sound_file.read(sounds.FTYP + rest + to_the_end).length_ms == 61_500


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "empty"),
        (b"RIFF", "no sound that we know"),
        (b"<!doctype html><title>Sign in</title>", "no sound that we know"),
        (b"RIFF\x24\0\0\0AVI LIST", "no sound that we know"),
        (b"\x1a\x45\xdf\xa3webm", "no sound that we know"),
        (b"RIFF\x24\0\0\0WAVE<!doctype html><title>Sign in</title>", "cut off"),
        (b"RIFF\x24\0\0\0WAVEdata\x04\0\0\0\0\0\0\0", "does not say how long"),
        (b"RIFF\x24\0\0\0WAVE" + b"junk\0\0\0\0" * (MAX_PARTS + 1), "too many parts"),
        (b"fLaC\0\0\0\x22", "cut off"),
        (b"fLaC\0\0\0\x22" + bytes(34), "does not say how long"),
        (b"OggS", "cut off"),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x07\x80theora", "neither Opus nor Vorbis"),
        (sounds.FTYP + sounds.moov(1_000, b"soun", b"vide"), "a video"),
        (sounds.FTYP + sounds.moov(1_000, b"text"), "no sound"),
        (sounds.FTYP + sounds.moov(0), "does not say how long"),
        (sounds.FTYP + sounds.box(b"mdat", bytes(100)), "cut off, or no sound"),
        (sounds.FTYP + b"\0\0\0\x01mdat", "cut off"),
        (sounds.FTYP + b"\0\0\0\x07moov" + bytes(99), "no sizes"),
        (sounds.FTYP + sounds.box(b"free", b"") * (MAX_PARTS + 1), "too many parts"),
        (b"ID3\x04\0\0\0\0\0\0" + b"<html>", "no sound that we know"),
        (b"ID3\x04\0\0\0\0\0\0" + b"\xff" * 9_999, "no sound that we know"),
        (b"\xff\xfb\x90\x64" + bytes(9_999), "no sound that we know"),
    ],
)
def test_what_is_no_sound_is_refused_with_the_reason(file: bytes, why: str) -> None:
    assert why in _refusal(file)


def _page(serial: int, granule: int, packet: bytes, *, is_first: bool = False) -> bytes:
    head = struct.pack("<4sBBqIIIBB", b"OggS", 0, 2 if is_first else 0, granule, serial, 0, 0, 1, len(packet))
    return head + packet


def test_an_ogg_of_several_streams_or_without_a_count_is_refused() -> None:
    first = _page(7, 0, b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0), is_first=True)
    last = _page(7, 48_312, b"sound")

    assert sound_file.read(first + last + _page(7, -1, b"sound")).length_ms == 1_000
    assert "more than one" in _refusal(first + _page(8, 0, b"\x80theora", is_first=True) + last)
    assert "more than one" in _refusal(first + last + _page(8, 48_000, b"sound"))
    assert "does not say" in _refusal(first + _page(7, -1, b"sound") * MAX_PARTS)
    assert "does not say" in _refusal(first.replace(bytes(8), b"\xff" * 8, 1) + _page(7, -1, b"sound"))
    assert sound_file.read(first + _page(7, 100, b"sound")).length_ms == 0
