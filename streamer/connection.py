"""One connection to the recogniser: what of the call it was sent, and what its answers mean in call time. Sans-I/O."""

from dataclasses import dataclass

from streamer.pace import Pace
from streamer.rules import Rules
from streamer.seam import Seam
from telephony.coverage import Interval
from telephony.repair import middle
from telephony.transcripts import Word
from telephony.wire.deepgram import Results
from telephony.wire.media_streams import BYTES_PER_MS


@dataclass(slots=True)
class Connection:
    """A connection that is open. The recogniser counts time from its first byte; everything here is call time.

    Attributes:
        offset_ms: where its first byte lies.
        seam: what it says of sound before this is known already, or stands on a word that was cut in two.
        replayed_until_ms: sound before this was sent again, or had to wait for this connection; 0 for the first one.
        sent: the byte up to which it was sent sound.
        pace: how fast it may be sent sound.
        quiet_since: when it last said something or, after that, was first sent sound again.
        unanswered_bytes: sound it was sent since it last said something.
        sent_at: when it was last sent anything.
        is_idle: whether it was told that no sound comes for now.
        owed_ms: the middle of the last word that it has heard and not made final; 0 when there is none.
    """

    rules: Rules
    offset_ms: int
    seam: Seam
    replayed_until_ms: int
    pace: Pace
    quiet_since: float
    sent_at: float
    sent: int
    unanswered_bytes: int = 0
    is_idle: bool = False
    owed_ms: int = 0
    _settled_ms: int = 0

    def count(self, size: int, now: float) -> None:
        """Count *size* bytes of sound as sent."""
        if not self.unanswered_bytes:
            self.quiet_since = now
        self.unanswered_bytes += size
        self.sent += size
        self.pace.spend(size)
        self.sent_at, self.is_idle = now, False

    def answered(self, now: float) -> None:
        """The recogniser has said something, whatever it is."""
        self.unanswered_bytes = 0
        self.quiet_since = now

    def has_stalled(self, now: float, *, must_answer: bool) -> bool:
        """Whether it has said nothing for too long though it was sent sound, or though it *must_answer* anyway."""
        is_asked = must_answer or self.unanswered_bytes >= self.rules.stall_sound_ms * BYTES_PER_MS
        return is_asked and now - self.quiet_since > self.rules.stall_s

    def words(self, results: Results, final: Seam) -> tuple[Word, ...]:
        """Return the words that are new, in call time, when *final* is where everything is final now.

        What is new in a final window is known from then on.
        """
        heard = tuple(
            Word(word.text, self.offset_ms + word.start_ms, self.offset_ms + word.end_ms, word.confidence)
            for word in results.words
        )
        # Windows of final results follow each other; one that begins earlier is a repeat. What a window that follows
        # says of its first word may lie a little before it, and is new all the same.
        if results.start_ms < self._settled_ms:
            return final.split(heard)[0]
        new, rest = self.seam.split(heard)
        if results.is_final:
            self.seam = rest
        else:
            self.owed_ms = middle(new[-1]) if new else 0
        return new

    def settle(self, start_ms: int, end_ms: int) -> Interval | None:
        """Take the recogniser's window as final; return the part of it that counts, in call time, if there is any."""
        self._settled_ms = max(self._settled_ms, end_ms)
        start = max(start_ms + self.offset_ms, self.seam.at_ms)
        end = min(end_ms + self.offset_ms, -(-self.sent // BYTES_PER_MS))
        return Interval(start, end) if start < end else None
