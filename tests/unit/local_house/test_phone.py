"""Any sound file can be phoned in; what is none says so."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

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
