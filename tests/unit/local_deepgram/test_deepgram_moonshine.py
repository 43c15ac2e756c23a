"""The real recogniser on human speech, and on what is none."""

from itertools import pairwise
from pathlib import Path

import jiwer
import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr
from hypothesis import given
from hypothesis import strategies as st

from local.deepgram.moonshine import PAD, MoonshineRecogniser, model_input, spread
from local.deepgram.recogniser import SAMPLE_RATE, Pcm
from local.deepgram.server import DeepgramServer
from local.deepgram.weights import WeightsError
from tests.unit.local_deepgram.line import KEY, Message, alternative, dial, finals, listen, text

MAX_ERROR_RATE = 0.10
SPEECH = Path(__file__).parents[3] / "local" / "speech" / "sense-and-sensibility.wav"


def telephone_speech() -> bytes:
    """Return the sample as 8 kHz mu-law."""
    samples, sample_rate = soundfile.read(SPEECH, dtype="float32")
    return mulaw(soxr.resample(samples, sample_rate, SAMPLE_RATE))


def mulaw(samples: npt.NDArray[np.float32]) -> bytes:
    """Encode samples from -1 to 1. Source: ITU-T G.711."""
    linear = np.clip(samples * 32_768, -32_635, 32_635).astype(np.int32)
    biased = np.abs(linear) + 0x84
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    codes: npt.NDArray[np.uint8] = (~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)
    return codes.tobytes()


def normal(words: str) -> str:
    bare = "".join(letter if letter.isalnum() else " " for letter in words.lower())
    return " ".join("mister" if word == "mr" else word for word in bare.split())


def error_rate(heard: str) -> float:
    rate: float = jiwer.wer(normal(SPEECH.with_suffix(".txt").read_text()), normal(heard))
    return rate


def to_pcm(samples: npt.NDArray[np.float64]) -> Pcm:
    return (samples * 32_767).astype(np.int16)


async def test_a_streamed_voicemail_is_written_down_with_few_errors(moonshine: MoonshineRecogniser) -> None:
    async with (
        DeepgramServer(recogniser=moonshine, api_keys={KEY}) as server,
        dial(server, interim_results="true", endpointing="300") as line,
    ):
        speech = telephone_speech()
        begun = 3 * SAMPLE_RATE
        await line.send(speech[:begun])
        while not alternative(interim := await line.next())["transcript"]:
            pass
        assert not interim["is_final"]
        await line.send(speech[begun:])
        messages = await line.finish()
    assert error_rate(text(messages)) < MAX_ERROR_RATE
    check_words(messages)


def check_words(messages: list[Message]) -> None:
    """The words of each final are in order, within its window, and as sure as words are."""
    for final in finals(messages):
        words = alternative(final)["words"]
        assert all(one["end"] <= other["start"] for one, other in pairwise(words))
        for word in words:
            assert final["start"] <= word["start"] < word["end"] <= final["start"] + final["duration"] + 1e-6
            assert 0 < word["confidence"] <= 1


async def test_a_recorded_voicemail_is_written_down_with_few_errors(moonshine: MoonshineRecogniser) -> None:
    samples, sample_rate = soundfile.read(SPEECH, dtype="int16")
    heard = listen(moonshine, [soxr.resample(samples, sample_rate, SAMPLE_RATE)])
    assert error_rate(" ".join(word for word, _, _ in heard.words)) < MAX_ERROR_RATE


SECONDS = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
TONES = {
    "silence": SECONDS * 0,
    "dial tone": 0.2 * (np.sin(2 * np.pi * 350 * SECONDS) + np.sin(2 * np.pi * 440 * SECONDS)),
    "ringback": 0.2 * (np.sin(2 * np.pi * 440 * SECONDS) + np.sin(2 * np.pi * 480 * SECONDS)) * (SECONDS % 3 < 1),
    "digits": 0.3 * (np.sin(2 * np.pi * 697 * SECONDS) + np.sin(2 * np.pi * 1209 * SECONDS)) * (SECONDS % 0.4 < 0.2),
    "beep": 0.5 * np.sin(2 * np.pi * 1000 * SECONDS) * (SECONDS < 1),
    "noise": 0.02 * np.random.default_rng(7).standard_normal(len(SECONDS)),
}


@pytest.mark.parametrize("sound", TONES)
def test_no_word_is_heard_where_nobody_speaks(moonshine: MoonshineRecogniser, sound: str) -> None:
    assert listen(moonshine, [to_pcm(TONES[sound])]).words == []


def test_the_model_is_given_silence_behind_the_speech() -> None:
    given_to_model = model_input(np.full(SAMPLE_RATE, 8_000, np.int16))
    assert len(given_to_model) == 2 * (SAMPLE_RATE + PAD)
    assert np.abs(given_to_model[-PAD:]).max() < 1e-3
    assert np.abs(given_to_model).max() < 0.5


def test_too_little_sound_has_no_words(moonshine: MoonshineRecogniser) -> None:
    assert moonshine.transcribe(np.zeros(10, np.int16), complete=True).words == ()


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=30), st.integers(160, 16_000), st.integers(0, 30_000))
def test_words_share_the_audio_in_their_order(texts: list[str], length: int, loudness: int) -> None:
    pcm = np.full(length, loudness, np.int16)
    words = spread([(one, 0.9) for one in texts], pcm)
    assert [word.punctuated for word in words] == texts
    assert all(0 <= word.start < word.end <= length for word in words)
    assert all(one.start <= other.start and one.end <= other.end for one, other in pairwise(words))


def test_weights_that_are_missing_or_others_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"encoder_model\.ort cannot be read"):
        MoonshineRecogniser(tmp_path)
    (tmp_path / "encoder_model.ort").write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"has sha256 d9298a10d1b0.*, expected 94e90a4654fc"):
        MoonshineRecogniser(tmp_path)
