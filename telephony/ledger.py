"""Ledger: how well one track's sound reached us, counted chunk by chunk, and the figure that sums it up."""

from dataclasses import dataclass

from telephony.coverage import Track

QUIET_DBFS = -35.0
"""Speech on a telephone line lies at about -25 dBFS; ten below that, people have to strain to follow."""

_MOST_FOR_MISSING = 60.0
_MOST_FOR_CLIPPED = 20.0
_MOST_FOR_QUIET = 20.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What came of one track, and how it sounded.

    Attributes:
        chunks: media messages, all of them.
        repeated: chunks that brought nothing new: repeats, and latecomers whose time was given up.
        reordered: chunks that came after a later one and were put in their place.
        received_ms: how much call time the sound spans, lost chunks included.
        missing_ms: what of that was lost on the way to us and laid as silence.
        level_dbfs: the mean power of what was not silent, 0 being the loudest square wave; None when all was silent.
        clipped_share: 0 to 1, how many samples stood at the end of the scale.
        silent_share: 0 to 1, how many samples were silence or the faint noise of a line.
    """

    track: Track
    chunks: int = 0
    repeated: int = 0
    reordered: int = 0
    received_ms: int = 0
    missing_ms: int = 0
    level_dbfs: float | None = None
    clipped_share: float = 0.0
    silent_share: float = 0.0

    @property
    def quality(self) -> int:
        """100, less 6 for each percent missing, 10 for each percent clipped, and 1 for each dB under QUIET_DBFS.

        These take 60, 20 and 20 at most. A track on which nothing was said loses nothing for being quiet.
        """
        missing_share = self.missing_ms / self.received_ms if self.received_ms else 0.0
        quiet_db = 0.0 if self.level_dbfs is None else max(0.0, QUIET_DBFS - self.level_dbfs)
        lost = min(_MOST_FOR_MISSING, 600 * missing_share)
        lost += min(_MOST_FOR_CLIPPED, 1_000 * self.clipped_share)
        lost += min(_MOST_FOR_QUIET, quiet_db)
        return round(100 - lost)
