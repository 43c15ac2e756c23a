"""One recogniser for every stream of the process, on as many threads as it is given."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from local.deepgram.query import ListenOptions
from local.deepgram.recogniser import SAMPLE_RATE, Heard, Pcm, Recogniser
from local.deepgram.segmenter import Rules, Segmenter

_SAMPLES_PER_MS = SAMPLE_RATE // 1_000


@dataclass(frozen=True, slots=True)
class Hearing:
    """Decodes segments without holding up the event loop."""

    recogniser: Recogniser
    pool: ThreadPoolExecutor

    async def decode(self, audio: Pcm, *, complete: bool) -> Heard:
        """Return what is heard in *audio*; nothing in nothing."""
        if not audio.size:
            return Heard((), 0)
        if self.recogniser.is_quick:
            return self.recogniser.transcribe(audio, complete=complete)
        transcribe = partial(self.recogniser.transcribe, audio, complete=complete)
        return await asyncio.get_running_loop().run_in_executor(self.pool, transcribe)

    def segmenters(
        self, options: ListenOptions, *, channels: int, interim_step_ms: int | None, longest_silence_ms: int
    ) -> Iterator[Segmenter]:
        """Yield a segmenter for each of *channels*, set as *options* ask."""
        rules = Rules(
            interim_step=_samples(interim_step_ms),
            endpoint=_samples(options.endpointing_ms),
            utterance_end=_samples(options.utterance_end_ms),
            longest_silence=longest_silence_ms * _SAMPLES_PER_MS,
        )
        for _ in range(channels):
            yield Segmenter(self.recogniser.tuning, rules, self.recogniser.detector())


def _samples(ms: int | None) -> int | None:
    return None if ms is None else ms * _SAMPLES_PER_MS
