"""What may go wrong on purpose: each fault is a field, off by default."""

import json
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How the server misbehaves. Replace it as a whole while the server runs: `server.faults = Faults(...)`.

    Open streams obey the new one from their next message on. Milliseconds of audio are those the stream has received.
    """

    refuse_handshakes: int = 0
    """How many of the next live handshakes are refused, with *refuse_status*."""
    refuse_posts: int = 0
    """How many of the next batch requests are refused, with *refuse_status*."""
    refuse_status: int = 503
    open_late_ms: int = 0
    """How long each handshake waits for its answer."""
    close_after_ms: int | None = None
    """Close the stream once this much audio has come, with *close_code* and *close_reason*, without Metadata."""
    close_code: int = 1011
    close_reason: str = ""
    reset_after_ms: int | None = None
    """Reset the TCP connection once this much audio has come: no closing handshake."""
    silent_after_ms: int | None = None
    """Take audio but send nothing more, not even Metadata, once this much audio has come."""
    cuts: int | None = None
    """How many streams *close_after_ms*, *reset_after_ms* and *silent_after_ms* may strike; None for all."""
    is_gone_once_cut: bool = False
    """Refuse every live handshake, with *refuse_status*, from the first stream on that one of these struck."""
    finals_late_ms: int = 0
    """How much later than it could be each final Results message is sent; what follows it waits for it."""
    repeat_results: int = 0
    """How often each Results message is sent again."""
    garbage: str | None = None
    """A text frame sent before each Results message."""

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Return the faults that a JSON object of these fields asks for. Raises: ValueError."""
        try:
            return cls(**json.loads(content))
        except TypeError as exc:
            raise ValueError(f"not the fields of a fault: {exc}") from exc


class FaultPlan:
    """The faults in force and what is left of those that count down."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._handshakes = faults.refuse_handshakes
        self._posts = faults.refuse_posts
        self._cuts = faults.cuts
        self._has_cut = False

    def refuses_handshake(self) -> bool:
        """Say whether this handshake is refused; counts it."""
        self._handshakes -= 1
        return self._handshakes >= 0 or (self._has_cut and self.faults.is_gone_once_cut)

    def refuses_post(self) -> bool:
        """Say whether this batch request is refused; counts it."""
        self._posts -= 1
        return self._posts >= 0

    def cuts_at(self, received_ms: float, after_ms: int | None) -> bool:
        """Say whether a stream that has *received_ms* of audio is cut now by the fault due *after_ms*; counts it."""
        if after_ms is None or received_ms < after_ms or self._cuts == 0:
            return False
        if self._cuts is not None:
            self._cuts -= 1
        self._has_cut = True
        return True
