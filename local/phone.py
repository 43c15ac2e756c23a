"""What a telephone does to a sound file: any WAV becomes 8 kHz mu-law."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from local.twilio.mulaw import encode

RATE = 8_000
PEAK = 32_767
MAX_SECONDS = 3_600


class SoundError(Exception):
    """The file can't be phoned in; the text says why and what to do."""


def mu_law(path: Path) -> bytes:
    """Return the sound of *path*, of any sample rate and any number of channels, as 8 kHz mono mu-law.

    Raises: SoundError, and nothing else whatever the file is.
    """
    if not path.is_file():
        raise SoundError(f"there is no file {path}")
    try:
        info = soundfile.info(str(path))
        if info.duration > MAX_SECONDS:
            raise SoundError(f"{path} is {info.duration / 60:.0f} minutes long; an hour is the most")
        samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as exc:
        raise SoundError(f"{path} is no sound file that can be read ({exc.error_string}); give a WAV") from exc
    # TypeError: a name that ends in .raw, of which the library has to be told what is in it.
    except (soundfile.SoundFileError, TypeError, ValueError) as exc:
        raise SoundError(f"{path} is no sound file that can be read ({exc}); give a WAV") from exc
    if not len(samples):
        raise SoundError(f"{path} holds no sound")
    if not np.isfinite(samples).all():
        raise SoundError(f"{path} holds samples that are no numbers; save it again, or as 16-bit WAV")
    mono = soxr.resample(samples.mean(axis=1), rate, RATE)
    return encode((np.clip(mono, -1.0, 1.0) * PEAK).astype(np.int16))
