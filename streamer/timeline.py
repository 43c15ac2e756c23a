"""One track's sound, laid end to end: byte 8·n is always millisecond n of the call. Sans-I/O."""

from streamer.loudness import Measure
from streamer.sequence import Sequence
from telephony.coverage import ROUNDING_MS, Interval, Track, merged
from telephony.errors import WireError
from telephony.ledger import Ledger
from telephony.wire.media_streams import BYTES_PER_MS, SILENCE, Media

MAX_GAP_MS = 30_000
"""How far a chunk may jump ahead; else a peer could choose how much memory and money a message costs us."""

MAX_LENGTH_MS = 4 * 3600 * 1000
"""Twilio ends a call after four hours unless it is asked otherwise; we never ask."""

MAX_MISSING = 1_000
"""Lost stretches that are told apart; beyond that, the last one grows."""

LEAD_MS = 1_000
"""Silence laid before the sound that ends a long pause: a recogniser listens to the beginning of it, too."""

REORDER_MS = 100
"""How much newer sound a missing chunk is waited for: five chunks of 20 ms, and one message to Deepgram."""


class Timeline:
    """Lays the chunks of one track end to end, in order, and fills what was lost with silence.

    A chunk that comes early is held back until what is missing before it has come, or until there is so much newer
    sound that it never will.
    """

    def __init__(self, sequence: Sequence | None = None) -> None:
        self._sequence = sequence or Sequence()
        self._has_sound = False
        self._laid_bytes = 0
        self._number = 0
        """Of the message whose sound was laid last; 0 where there is none."""
        self._leapt_to_ms = 0
        """Up to there it is known what is missing."""
        self._early: dict[int, Media] = {}
        self._missing: list[Interval] = []
        self.chunks = 0
        """Chunks that came."""
        self.repeated = 0
        """Chunks that brought nothing new: repeats, and latecomers whose time was laid as silence."""
        self.reordered = 0
        """Chunks that came after a later one, and were put in their place."""
        self.silenced_ms = 0
        """What never came though it may have been said, stretches too short for *missing* included."""
        self.lost_after_ms = 0
        """What is known to be lost after the last chunk: nothing was laid for it."""

    @property
    def received_ms(self) -> int:
        """How much call time was laid."""
        return self._laid_bytes // BYTES_PER_MS

    @property
    def spanned_ms(self) -> int:
        """How much call time the sound spans, what was lost after the last chunk included."""
        return self.received_ms + self.lost_after_ms

    @property
    def missing(self) -> tuple[Interval, ...]:
        """The stretches whose sound never came, as far as numbers do not prove that there was none."""
        return merged(self._missing)

    def ledger(self, track: Track, loudness: Measure) -> Ledger:
        """Return how the sound reached us so far, when it is of *track* and as loud as that."""
        return Ledger(
            track=track,
            chunks=self.chunks,
            repeated=self.repeated,
            reordered=self.reordered,
            received_ms=self.spanned_ms,
            missing_ms=self.silenced_ms,
            level_dbfs=loudness.level_dbfs,
            clipped_share=loudness.clipped_share,
            silent_share=loudness.silent_share,
        )

    def leaps(self, at_ms: int, reached_ms: int) -> bool:
        """Tell whether a chunk at *at_ms* ends a long pause of this track, when the call has come to *reached_ms*."""
        is_far = at_ms * BYTES_PER_MS > self._laid_bytes + MAX_GAP_MS * BYTES_PER_MS
        return is_far and at_ms <= min(reached_ms + MAX_GAP_MS, MAX_LENGTH_MS)

    def leap(self, media: Media) -> int:
        """Pass over a pause without laying it, up to just before *media*; return the byte that is laid next.

        What is held back must have been laid.
        """
        self._miss(Interval(self.received_ms, media.at_ms), media.sequence)
        self._leapt_to_ms = media.at_ms
        self._laid_bytes = (media.at_ms - LEAD_MS) * BYTES_PER_MS
        return self._laid_bytes

    def follow(self, media: Media) -> bool:
        """Lay a chunk that begins where the sound ended, as nearly all do; False for another one, which is to `lay`."""
        if media.at_ms * BYTES_PER_MS != self._laid_bytes or self._early or not media.audio:
            return False
        self.chunks += 1
        self._has_sound = True
        self._number = media.sequence
        self._laid_bytes += len(media.audio)
        return True

    def lay(self, media: Media, reached_ms: int = 0) -> bytes:
        """Return what follows the sound laid so far, now that *media* has come; nothing while it is held back.

        Raises: WireError if the chunk lies absurdly far ahead, of this track and of *reached_ms*, where the call is;
        then nothing was laid.
        """
        if self.follow(media):
            return media.audio
        self.chunks += 1
        gap = media.at_ms * BYTES_PER_MS - self._laid_bytes
        if gap > MAX_GAP_MS * BYTES_PER_MS and not self.leaps(media.at_ms, reached_ms):
            raise WireError(f"a chunk jumps {gap // BYTES_PER_MS} ms ahead")
        if media.at_ms > MAX_LENGTH_MS:
            raise WireError("the stream is longer than a call can be")
        return self._sort_in(media)

    def flush(self) -> bytes:
        """Return what is still held back, in order: nothing more will come."""
        laid = b""
        while self._early:
            laid += self._lay_early()
        return laid

    def lose_after(self, lost_ms: int, until_ms: int = 0) -> None:
        """So much sound was lost after the last chunk of all tracks, by *until_ms*.

        What is held back must have been laid.
        """
        lost = [*self._sequence.lost_since(self._number, self.received_ms)]
        if lost_ms:
            last_ms = self._sequence.last_at_ms
            start_ms = last_ms if last_ms > self.received_ms + REORDER_MS else self.received_ms
            end_ms = start_ms + min(lost_ms, MAX_GAP_MS)
            # Where there was more time than that, there was a pause, too: before, between or after what was lost.
            lost.append(Interval(start_ms, until_ms if until_ms >= end_ms + REORDER_MS else end_ms))
        for each in merged(lost):
            self._note(each)
            self.lost_after_ms = each.end_ms - self.received_ms

    def _sort_in(self, media: Media) -> bytes:
        at_ms, audio = media.at_ms, media.audio
        early = self._early.get(at_ms)
        end = at_ms * BYTES_PER_MS + len(audio)
        if not audio or end <= self._laid_bytes or (early is not None and len(early.audio) >= len(audio)):
            self.repeated += 1
            return b""
        self.reordered += bool(self._early) and at_ms < max(self._early)
        self._early[at_ms] = media
        laid = b""
        while self._early and self._has_waited_enough():
            laid += self._lay_early()
        return laid

    def _has_waited_enough(self) -> bool:
        first_ms = min(self._early)
        # What is missing is less than a chunk: it is the rounding of somebody's clock, and will not come.
        if first_ms * BYTES_PER_MS - self._laid_bytes < ROUNDING_MS * BYTES_PER_MS:
            return True
        end = max(at_ms * BYTES_PER_MS + len(early.audio) for at_ms, early in self._early.items())
        return end - first_ms * BYTES_PER_MS >= REORDER_MS * BYTES_PER_MS

    def _lay_early(self) -> bytes:
        at_ms = min(self._early)
        media = self._early.pop(at_ms)
        gap = at_ms * BYTES_PER_MS - self._laid_bytes
        if gap > 0 and at_ms > self._leapt_to_ms:
            self._miss(Interval(max(self.received_ms, self._leapt_to_ms), at_ms), media.sequence)
        self._has_sound = True
        self._number = media.sequence
        laid = SILENCE * gap + media.audio[max(0, -gap) :]
        self._laid_bytes += len(laid)
        return laid

    def _miss(self, gap: Interval, number: int) -> None:
        """Note what was lost of a gap before the message of this *number*."""
        if self._has_sound:
            lost = self._sequence.lost_in(gap, self._number, number)
        else:
            lost = self._sequence.lost_before(gap, number)
        for each in lost:
            self._note(each)

    def _note(self, lost: Interval) -> None:
        self.silenced_ms += lost.length_ms
        if lost.length_ms <= ROUNDING_MS:
            return
        if len(self._missing) == MAX_MISSING:
            lost = Interval(self._missing.pop().start_ms, lost.end_ms)
        self._missing.append(lost)
