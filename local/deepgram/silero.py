"""Silero's voice activity detector at 8 kHz, on onnxruntime; the model lies beside this file."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from local.deepgram.recogniser import SAMPLE_RATE, Pcm
from local.deepgram.weights import WeightsFile, verified

WINDOW = 256
"""Samples the model takes at a time: 32 ms."""

_CONTEXT = 32
_MODEL = WeightsFile("silero_vad.onnx", "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3")


class SileroModel:
    """The loaded model, shared by all streams."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = verified(Path(__file__).parent / "models", _MODEL)
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def detector(self) -> "SileroVoice":
        """Return a detector for one channel of one stream."""
        return SileroVoice(self._session)


class SileroVoice:
    """Judges window after window of one channel, with the memory of those before."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._context: npt.NDArray[np.float32] = np.zeros(_CONTEXT, np.float32)
        self._state: npt.NDArray[np.float32] = np.zeros((2, 1, 128), np.float32)
        self._rate = np.array(SAMPLE_RATE, np.int64)

    def __call__(self, window: Pcm) -> float:
        """Return the probability that *window*, of WINDOW samples, is speech. About 0.1 ms of CPU."""
        samples = window.astype(np.float32) / np.float32(32_768)
        fed = np.concatenate([self._context, samples])[None]
        probability, self._state = self._session.run(None, {"input": fed, "state": self._state, "sr": self._rate})
        self._context = samples[-_CONTEXT:]
        return float(probability[0, 0])
