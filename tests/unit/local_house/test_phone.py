"""Any sound file can be phoned in; what is none says so."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.phone import RATE, SoundError, mu_law


def _tone(rate: int, seconds: float = 0.5) -> "np.typing.NDArray[np.float32]":
    at = np.arange(int(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)


def _decoded(audio: bytes, folder: Path) -> "np.typing.NDArray[np.float32]":
    path = folder / "back.raw"
    path.write_bytes(audio)
    samples, _ = soundfile.read(str(path), samplerate=RATE, channels=1, format="RAW", subtype="ULAW", dtype="float32")
    return np.asarray(samples, dtype=np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_stereo_become_the_same_8_khz_mono(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.column_stack([_tone(rate)] * channels), rate)
    heard = _decoded(mu_law(path), tmp_path)
    assert len(heard) == pytest.approx(RATE * 0.5, abs=2)
    middle = slice(1_000, 3_000)
    assert np.abs(heard[middle] - _tone(RATE)[middle]).max() < 0.03


def test_a_file_that_is_no_sound_says_so(tmp_path: Path) -> None:
    path = tmp_path / "letter.wav"
    path.write_text("Dear Sir or Madam")
    with pytest.raises(SoundError, match=r"letter\.wav is no sound file that can be read"):
        mu_law(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="there is no file"):
        mu_law(tmp_path / "nothing.wav")


def test_an_empty_sound_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0, np.float32), RATE)
    with pytest.raises(SoundError, match="holds no sound"):
        mu_law(path)


def test_sound_without_a_header_says_so(tmp_path: Path) -> None:
    path = tmp_path / "sound.raw"
    path.write_bytes(bytes(1_000))
    with pytest.raises(SoundError, match=r"sound\.raw is no sound file that can be read .*give a WAV"):
        mu_law(path)


@pytest.mark.parametrize("sample", [float("nan"), float("inf"), float("-inf")])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, sample: float) -> None:
    path = tmp_path / "broken.wav"
    tone = _tone(RATE)
    tone[100] = sample
    soundfile.write(path, tone, RATE, subtype="FLOAT")
    with pytest.raises(SoundError, match="no numbers"):
        mu_law(path)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x03\x00\x01\x00", b"ID3", b"OggS"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_but_a_sound_error_comes_of_any_file(tmp_path: Path, content: bytes, head: bytes) -> None:
    path = tmp_path / "any.wav"
    path.write_bytes(head + content)
    with contextlib.suppress(SoundError):
        assert mu_law(path)
