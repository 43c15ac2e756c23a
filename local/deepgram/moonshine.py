"""Moonshine tiny-en, an English recogniser of 27 million parameters, on onnxruntime.

Measured on telephone-band recordings of people: about 3 % of words wrong where it is quiet, 27 % at 10 dB of noise.
"""

import importlib.util
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import soxr

from local.deepgram.recogniser import SAMPLE_RATE, Heard, Pcm, Tuning, Word
from local.deepgram.silero import WINDOW, SileroModel, SileroVoice
from local.deepgram.weights import WeightsError, WeightsFile, verified

PAD = int(0.8 * SAMPLE_RATE)
"""Zeros put behind each segment: without them the model fumbles the last words, and errs twice as often."""

_ENCODER = WeightsFile("encoder_model.ort", "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221")
_DECODER = WeightsFile("decoder_model_merged.ort", "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0")
_TOKENIZER = WeightsFile("tokenizer.bin", "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d")
_MODEL_RATE = 16_000
_BEGIN, _END = 1, 2
_TOKENS_PER_S = 8.0
"""A fence against its habit of repeating itself; nobody speaks so fast."""
_HEADS, _HEAD_SIZE = 8, 36
_SPACE = "\N{LOWER ONE EIGHTH BLOCK}".encode()

_FAINT = 3.0
"""Loudness, of 32,768, below which nothing is voice."""

_Tensor = npt.NDArray[np.float32]


def installed_weights() -> Path:
    """Return the folder of the weights inside the installed package `moonshine-voice`, which is not imported.

    Raises: WeightsError, when the package is not there.
    """
    spec = importlib.util.find_spec("moonshine_voice")
    if spec is None or spec.origin is None:
        raise WeightsError("moonshine-voice==0.1.0 is not installed; install it, or name a folder with its weights")
    return Path(spec.origin).parent / "assets" / "tiny-en"


@dataclass(frozen=True, slots=True)
class _Token:
    piece: bytes
    """Begins with a space where a word begins."""
    log_probability: float


class MoonshineRecogniser:
    """Recognises English. Thread-safe; each call of `transcribe` uses one core."""

    tuning = Tuning(
        window=WINDOW,
        pre_roll=int(0.20 * SAMPLE_RATE),  # more confuses it
        tail=int(0.10 * SAMPLE_RATE),
        least_voiced=int(0.10 * SAMPLE_RATE),
        longest=15 * SAMPLE_RATE,  # it loops on segments of more than about 20 s
    )
    is_quick = False

    def __init__(self, weights: Path | None = None) -> None:
        """Load the model and the voice detector, in about 0.3 s. Raises: WeightsError."""
        folder = weights or installed_weights()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._encoder, self._decoder = (
            onnxruntime.InferenceSession(str(verified(folder, file)), options, providers=["CPUExecutionProvider"])
            for file in (_ENCODER, _DECODER)
        )
        self._memory_names = [one.name for one in self._decoder.get_inputs() if one.name.startswith("past")]
        self._output_names = [one.name.replace("present", "past_key_values") for one in self._decoder.get_outputs()]
        self._pieces = _read_pieces(verified(folder, _TOKENIZER).read_bytes())
        self._voice = SileroModel()

    def detector(self) -> SileroVoice:
        """Return a voice detector. The model writes words to silence, so it must never hear any."""
        return self._voice.detector()

    def transcribe(self, pcm: Pcm, *, complete: bool) -> Heard:  # noqa: ARG002 - it cannot tell a cut word from another
        """Return the words of *pcm*; their times are shared out by letters, right to about 0.1 s."""
        if len(pcm) < self.tuning.least_voiced:
            return Heard((), len(pcm))
        limit = int(len(pcm) / SAMPLE_RATE * _TOKENS_PER_S) + 8
        tokens = self._decode(model_input(pcm)[None], limit)
        return Heard(tuple(spread(_words(tokens), pcm)), len(pcm))

    def _decode(self, heard: _Tensor, limit: int) -> list[_Token]:
        """Return the likeliest tokens, one after the other."""
        mask = np.ones(heard.shape, np.int64)
        states = self._encoder.run(None, {"input_values": heard, "attention_mask": mask})[0]
        memory: dict[str, Any] = {name: np.zeros((1, _HEADS, 1, _HEAD_SIZE), np.float32) for name in self._memory_names}
        fixed = {"encoder_hidden_states": states, "encoder_attention_mask": mask}
        tokens: list[_Token] = []
        last = _BEGIN
        for step in range(limit):
            fed = {"input_ids": np.array([[last]], np.int64), "use_cache_branch": np.array([step > 0])}
            logits, *present = self._decoder.run(None, {**fixed, **fed, **memory})
            scores = logits[0, -1]
            last = int(scores.argmax())
            if last == _END:
                break
            tokens.append(_Token(self._pieces[last], -float(np.log(np.exp(scores - scores[last]).sum()))))
            # The encoder's half of the memory is written by the first step alone.
            memory |= {
                name: value
                for name, value in zip(self._output_names[1:], present, strict=True)
                if step == 0 or ".decoder." in name
            }
        return tokens


def model_input(pcm: Pcm) -> _Tensor:
    """Return *pcm* as the model wants it: from -1 to 1, at 16 kHz, with PAD behind it."""
    samples = np.pad(pcm.astype(np.float32) / np.float32(32_768), (0, PAD))
    resampled: _Tensor = soxr.resample(samples, SAMPLE_RATE, _MODEL_RATE)
    return resampled


def _read_pieces(table: bytes) -> list[bytes]:
    """Return the tokens' texts: each is led by its length, in one byte, or in two from 128 up."""
    pieces = []
    at = 0
    while at < len(table):
        length, at = table[at], at + 1
        if length >= 128:  # noqa: PLR2004 - the high bit
            length, at = table[at] * 128 + length - 128, at + 1
        pieces.append(table[at : at + length].replace(_SPACE, b" "))
        at += length
    return pieces


def _words(tokens: list[_Token]) -> list[tuple[str, float]]:
    """Return each word with the geometric mean of its tokens' probabilities."""
    groups: list[list[_Token]] = []
    for token in tokens:
        if token.piece.startswith(b" ") or not groups:
            groups.append([])
        groups[-1].append(token)
    words = [
        (
            b"".join(token.piece for token in group).decode("utf-8", "ignore").strip(),
            float(np.exp(np.mean([token.log_probability for token in group]))),
        )
        for group in groups
    ]
    return [(text, sureness) for text, sureness in words if text]


def spread(texts: list[tuple[str, float]], pcm: Pcm) -> list[Word]:
    """Give each of *texts* its share, by letters, of the 20 ms frames of *pcm* that are loud enough to be voice."""
    if not texts:
        return []
    frame = SAMPLE_RATE // 50
    frames = pcm[: len(pcm) // frame * frame].reshape(-1, frame).astype(np.float32)
    loudness = np.sqrt((frames**2).mean(axis=1))
    voiced = np.flatnonzero(loudness >= max(0.04 * np.percentile(loudness, 95), _FAINT))
    if not len(voiced):
        voiced = np.arange(len(loudness))
    edges = np.concatenate([[0], np.cumsum([len(text) + 2 for text, _ in texts])])
    shares = (edges / edges[-1] * len(voiced)).astype(int)
    words = []
    for (text, sureness), (first, after) in zip(texts, pairwise(shares), strict=True):
        start = int(voiced[min(first, len(voiced) - 1)]) * frame
        end = (int(voiced[min(max(after - 1, first), len(voiced) - 1)]) + 1) * frame
        words.append(Word(text, start, end, sureness))
    return words
