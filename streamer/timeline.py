"""One track's sound, laid end to end: byte 8·n is always millisecond n of the call. Sans-I/O."""

from telephony.coverage import ROUNDING_MS, Interval, merged
from telephony.errors import WireError
from telephony.wire.media_streams import BYTES_PER_MS, SILENCE, Media

MAX_GAP_MS = 30_000
"""How far a chunk may jump ahead; else a peer could choose how much memory and money a message costs us."""

MAX_LENGTH_MS = 4 * 3600 * 1000
"""Twilio ends a call after four hours unless it is asked otherwise; we never ask."""

MAX_MISSING = 1_000
"""Lost stretches that are told apart; beyond that, the last one grows."""

REORDER_MS = 100
"""How much newer sound a missing chunk is waited for: five chunks of 20 ms, and one message to Deepgram."""


class Timeline:
    """Lays the chunks of one track end to end, in order, and fills what was lost with silence.

    A chunk that comes early is held back until what is missing before it has come, or until there is so much newer
    sound that it never will.
    """

    def __init__(self) -> None:
        self._laid_bytes = 0
        self._early: dict[int, bytes] = {}
        self._missing: list[Interval] = []
        self.chunks = 0
        """Chunks that came."""
        self.repeated = 0
        """Chunks that brought nothing new: repeats, and latecomers whose time was laid as silence."""
        self.reordered = 0
        """Chunks that came after a later one, and were put in their place."""
        self.silenced_ms = 0
        """What was laid as silence after the first chunk, stretches too short for *missing* included."""

    @property
    def received_ms(self) -> int:
        """How much call time was laid."""
        return self._laid_bytes // BYTES_PER_MS

    @property
    def missing(self) -> tuple[Interval, ...]:
        """The stretches laid as silence because their sound never came."""
        return merged(self._missing)

    def lay(self, media: Media) -> bytes:
        """Return what follows the sound laid so far, now that *media* has come; nothing while it is held back.

        Raises: WireError if the chunk lies absurdly far ahead; then nothing was laid.
        """
        self.chunks += 1
        gap = media.at_ms * BYTES_PER_MS - self._laid_bytes
        if gap == 0 and not self._early and media.audio:
            self._laid_bytes += len(media.audio)
            return media.audio
        if gap > MAX_GAP_MS * BYTES_PER_MS:
            raise WireError(f"a chunk jumps {gap // BYTES_PER_MS} ms ahead")
        if media.at_ms > MAX_LENGTH_MS:
            raise WireError("the stream is longer than a call can be")
        return self._sort_in(media.at_ms, media.audio)

    def flush(self) -> bytes:
        """Return what is still held back, in order: nothing more will come."""
        laid = b""
        while self._early:
            laid += self._lay_early()
        return laid

    def _sort_in(self, at_ms: int, audio: bytes) -> bytes:
        end = at_ms * BYTES_PER_MS + len(audio)
        if end <= self._laid_bytes or len(self._early.get(at_ms, b"")) >= len(audio):
            self.repeated += 1
            return b""
        self.reordered += bool(self._early) and at_ms < max(self._early)
        self._early[at_ms] = audio
        laid = b""
        while self._early and self._has_waited_enough():
            laid += self._lay_early()
        return laid

    def _has_waited_enough(self) -> bool:
        first_ms = min(self._early)
        # What is missing is less than a chunk: it is the rounding of somebody's clock, and will not come.
        if first_ms * BYTES_PER_MS - self._laid_bytes < ROUNDING_MS * BYTES_PER_MS:
            return True
        end = max(at_ms * BYTES_PER_MS + len(audio) for at_ms, audio in self._early.items())
        return end - first_ms * BYTES_PER_MS >= REORDER_MS * BYTES_PER_MS

    def _lay_early(self) -> bytes:
        at_ms = min(self._early)
        audio = self._early.pop(at_ms)
        gap = at_ms * BYTES_PER_MS - self._laid_bytes
        if gap > 0:
            self._miss(Interval(self.received_ms, at_ms))
        laid = SILENCE * gap + audio[max(0, -gap) :]
        self._laid_bytes += len(laid)
        return laid

    def _miss(self, lost: Interval) -> None:
        # Before the first chunk nothing can have been lost: Twilio's clock simply starts before its sound does.
        if not self._laid_bytes:
            return
        self.silenced_ms += lost.length_ms
        if lost.length_ms <= ROUNDING_MS:
            return
        if len(self._missing) == MAX_MISSING:
            lost = Interval(self._missing.pop().start_ms, lost.end_ms)
        self._missing.append(lost)
