"""The numbers of one stream's messages: what they prove to be lost where times can't. Sans-I/O.

Twilio numbers all messages of a stream, `start` being 1. A gap in the middle of a track shows in its times, too; what
was lost before the first chunk and after the last one shows in the numbers alone.
"""

from telephony.wire.media_streams import FRAME_MS, Media


class Sequence:
    """Keeps the numbers of `start` and of the first and last chunks of sound; 0 is a number that was not told."""

    def __init__(self, start: int = 0, tracks: int = 1) -> None:
        self._start = start
        self._tracks = tracks
        self._first = 0
        self._last = start
        self._before = 0
        """Other messages before the first chunk."""
        self._since = 0
        """Other messages since the last chunk."""
        self.first_at_ms = 0
        """Where the first sound lies."""

    def see(self, media: Media) -> None:
        """A chunk has come, perhaps not in its order."""
        if media.sequence <= self._start:
            return
        if not self._first or media.sequence < self._first:
            self._first, self.first_at_ms = media.sequence, media.at_ms
        if media.sequence > self._last:
            self._last, self._since = media.sequence, 0

    def see_other(self, number: int) -> None:
        """A numbered message without sound has come."""
        if number > self._start:
            self._before += not self._first
            self._since += 1

    @property
    def lost_before_ms(self) -> int:
        """How much sound of each track was lost before the first chunk, as far as is known."""
        if not self._start or not self._first:
            return 0
        return FRAME_MS * max(0, self._first - self._start - 1 - self._before) // self._tracks

    def lost_after_ms(self, stop: int) -> int:
        """Return how much sound, of all tracks together, was lost between the last chunk and `stop`."""
        return FRAME_MS * max(0, stop - self._last - 1 - self._since) if self._start and stop else 0
