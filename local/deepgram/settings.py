"""How a server is set up, beside who may use it and which recogniser it has."""

from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The service's own numbers; the defaults are what was seen of Deepgram, unless said."""

    interim_step_ms: int = 1_000
    """Audio between two interims."""
    longest_silence_ms: int = 5_000
    """A window in which nobody speaks is final at this length."""
    idle_ms: int = 10_000
    """A stream without audio or text for so long is closed."""
    max_streams: int = 150
    """Live streams at a time; the next handshake is answered 429."""
    threads: int = 2
    """Segments decoded at a time, for all streams together. Ours: Deepgram has no such limit."""
    max_body_bytes: int = 64 * 1024 * 1024
    """Of a batch request, or of what its URL leads to. Ours, to bound the memory; Deepgram's is 2 GB."""
    fetch_timeout_s: float = 10.0
    """To read the URL of a batch request."""
    float32_times: bool = False
    """Give times with the small errors of 32-bit floats, as Deepgram does. Off, so that tests may compare them."""
    answers_empty_finalize: bool = True
    """Answer a Finalize although no audio is pending; Deepgram does not promise to."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment may say about the recogniser."""

    local_stt_model_dir: Path | None = None
    """A folder with Moonshine tiny-en's three files; None for those of the installed package."""
