"""A recording as Twilio makes it is read and cut; what is none is refused."""

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.coverage import Interval
from telephony.errors import WireError
from telephony.wire import wav
from telephony.wire.wav import Sound

MS = bytes(16)


def _file(frames: bytes, *, channels: int = 1, rate: int = 8_000, width: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setframerate(rate)
        file.setsampwidth(width)
        file.writeframes(frames)
    return buffer.getvalue()


def test_a_mono_recording_is_read_and_written_back() -> None:
    frames = bytes(range(160)) * 5
    sound = wav.parse(_file(frames))

    assert sound == Sound(frames)
    assert sound.length_ms == 50
    assert wav.parse(sound.as_wav()) == sound


def test_of_a_stereo_recording_the_first_channel_is_the_callers() -> None:
    frames = b"".join(bytes((at, 0, 0xFF, 0x7F)) for at in range(160))

    assert wav.parse(_file(frames, channels=2)).samples == b"".join(bytes((at, 0)) for at in range(160))


def test_a_part_of_it_is_cut_by_time() -> None:
    sound = Sound(b"".join(bytes((at, 0)) * 8 for at in range(200)))

    assert sound.cut(Interval(50, 52)).samples == bytes((50, 0)) * 8 + bytes((51, 0)) * 8
    assert sound.cut(Interval(190, 900)).length_ms == 10


def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    whole = _file(MS * 100)

    assert wav.parse(whole[:-801]).length_ms == 49


@pytest.mark.parametrize(
    "audio",
    [
        b"",
        b"RIFF",
        b"<html>not found</html>",
        _file(MS)[:30],
        _file(MS, rate=16_000),
        _file(MS, width=1),
        _file(MS * 3, channels=3),
        b"RIFF\x24\0\0\0WAVEfmt \x12\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0\0\0data\0\0\0\0",
    ],
    ids=["nothing", "four bytes", "a web page", "half a header", "16 kHz", "8 bits", "three channels", "mu-law"],
)
def test_what_is_no_recording_of_twilios_is_refused(audio: bytes) -> None:
    with pytest.raises(WireError, match="the recording"):
        wav.parse(audio)


def test_a_recording_that_is_too_long_is_refused() -> None:
    with pytest.raises(WireError, match="too long"):
        wav.parse(bytes(wav.MAX_BYTES + 1))


@given(st.binary(max_size=80), st.integers(0, 60), st.binary(max_size=6))
def test_whatever_comes_is_read_or_refused(noise: bytes, at: int, patch: bytes) -> None:
    whole = _file(MS * 5)
    for audio in (noise, whole[:12] + noise, whole[:at] + patch + whole[at + len(patch) :]):
        try:
            sound = wav.parse(audio)
        except WireError:
            continue
        assert len(sound.samples) <= len(audio)
