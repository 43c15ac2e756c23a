"""What we write is a WAV of mu-law that others read."""

import io

import numpy as np
import pytest
import soundfile

from local.twilio import mulaw
from telephony.wire import mulaw_wav

TONE = mulaw.tone(20)


@pytest.mark.parametrize("samples", [TONE, TONE[:-1]])
def test_a_library_reads_what_was_written(samples: bytes) -> None:
    content = mulaw_wav.wrap(samples)
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.format, file.subtype, file.samplerate, file.channels) == ("WAV", "ULAW", 8_000, 1)
        assert np.array_equal(file.read(dtype="int16"), mulaw.decode(samples))


def test_the_simulated_telephone_line_takes_it_as_it_is() -> None:
    assert mulaw.from_wav(mulaw_wav.wrap(TONE)) == TONE
