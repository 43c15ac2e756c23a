r"""One track's way to the recogniser: what waits, what was sent, what came back final. Sans-I/O.

    WAITING ---sound, and its time has come---> OPENING ---opened---> OPEN ---all sent, no more comes---> FINISHING
       ^ \                                         |                   |                                  |   |
       |  \                                        \-----------------lost---------------------------------/   |
       |   \---nothing left to hear---> CLOSED         |                                       all came back --/
       \-----------another connection may help---------+---else---> FAILED

Sound is kept from the end of the last final window on, so a connection that is lost costs no word: the next one is
sent it again, no faster than the recogniser allows, and what both have heard is told apart by its time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from streamer.connection import Connection
from streamer.effects import (
    Count,
    DropRecogniser,
    Effect,
    FinishRecogniser,
    FlushRecogniser,
    KeepRecogniser,
    OpenRecogniser,
    SendAudio,
)
from streamer.failure import Failure
from streamer.loudness import Loudness
from streamer.pace import Pace
from streamer.ring import Budget, Ring
from streamer.rules import Rules
from streamer.seam import LastWords, Seam
from streamer.sequence import Sequence
from streamer.timeline import Timeline
from telephony.coverage import ROUNDING_MS, Coverage, Interval, Track, outside
from telephony.ledger import Ledger
from telephony.mailboxes import Listening
from telephony.metrics import Metric
from telephony.transcripts import Rung, Word
from telephony.wire import deepgram
from telephony.wire.media_streams import BYTES_PER_MS, Media

Chance = Callable[[], float]
"""Returns any number from 0 to 1."""


class LinkState(Enum):
    """Where a link is; see the picture above."""

    WAITING = auto()
    OPENING = auto()
    OPEN = auto()
    FINISHING = auto()
    CLOSED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message of the recogniser's adds: new words in call time."""

    words: tuple[Word, ...]
    is_final: bool
    rung: Rung


class Link:
    """Keeps a track's sound until its words are final, over as many connections as it takes."""

    def __init__(self, track: Track, rules: Rules, chance: Chance, sequence: Sequence, budget: Budget) -> None:
        self.track = track
        self.state = LinkState.WAITING
        self.number = 0
        """The connection that counts; what others still say does not."""
        self._rules = rules
        self._chance = chance
        self._timeline = Timeline(sequence)
        self._fresh: list[bytes] = []
        """What was laid and is still to be kept, and sent."""
        self._loudness = Loudness()
        self._ring = Ring(rules.ring_ms * BYTES_PER_MS, budget)
        self._chunk_bytes = rules.chunk_ms * BYTES_PER_MS
        self._listening: Listening | None = None
        self._connection: Connection | None = None
        self._coverage = Coverage(track)
        self._final_ms = 0
        self._last_words = LastWords()
        self._failures = 0
        self._trouble = ""
        self._since = 0.0
        self._finished_at: float | None = None
        self._progress_at = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come back."""
        return self.state is LinkState.CLOSED or self.state is LinkState.FAILED

    @property
    def coverage(self) -> Coverage:
        """What became of the track's sound so far."""
        return self._coverage_of(self._timeline.spanned_ms)

    @property
    def received_ms(self) -> int:
        """How much call time was laid so far."""
        return self._timeline.received_ms

    @property
    def trouble(self) -> str:
        """Why words are missing; empty where none are, or while they may still come."""
        return self._trouble if self.is_over and self._coverage_of(self.received_ms).holes else ""

    @property
    def ledger(self) -> Ledger:
        """How the track's sound reached us so far."""
        return self._timeline.ledger(self.track, self._loudness.measure())

    @property
    def reconnects(self) -> int:
        """How often another connection was tried."""
        return max(0, self.number - 1)

    @property
    def lacking_ms(self) -> int:
        """How much more sound has to come before anything can be done with it; 0 where that is not known."""
        connection = self._connection
        if connection is None or self.state is not LinkState.OPEN:
            return 0
        return max(0, self._chunk_bytes - (self._ring.end - connection.sent)) // BYTES_PER_MS

    @property
    def held_bytes(self) -> int:
        """How much sound is kept in memory."""
        return len(self._ring)

    def admit(self, listening: Listening, now: float) -> list[Effect]:
        """The recogniser may be connected to, as soon as there is sound for it.

        Not before: a connection that is sent nothing in its first ten seconds is closed, whatever keeps it alive, and
        on a track that nobody speaks on it would take one of the few there may be at once.
        """
        self._listening = listening
        self._since = self._progress_at = now
        return self._wake(now)

    def follow(self, media: Media) -> bool:
        """Take a chunk that begins where the sound ended, as nearly all do; False for another one, which is to `lay`.

        It waits for those that came with it, until `pass_on`.
        """
        is_next = self._timeline.follow(media)
        if is_next:
            self._fresh.append(media.audio)
        return is_next

    def pass_on(self, now: float) -> list[Effect]:
        """Do what is to be done about the chunks that follow each other."""
        return self._take(b"", now) if self._fresh else []

    def lay(self, media: Media, now: float, reached_ms: int) -> list[Effect]:
        """Take a chunk of sound, wherever it lies; *reached_ms* is where the call is. Raises: WireError."""
        if not self._timeline.leaps(media.at_ms, reached_ms):
            return self._take(self._timeline.lay(media, reached_ms), now)
        effects = self._take(self._timeline.flush(), now)
        # Words that are still to come are waited for, if what has to be laid meanwhile can be kept.
        if self._is_heard or media.at_ms - self.received_ms > self._rules.ring_ms:
            effects += self._leap(media, now)
        return effects + self._take(self._timeline.lay(media, reached_ms), now)

    def finish(self, now: float, lost_ms: int = 0, until_ms: int = 0) -> list[Effect]:
        """No more sound will come, though *lost_ms* of it were said by *until_ms*: what waits is sent."""
        self._finished_at = self._progress_at = now
        effects = self._take(self._timeline.flush(), now)
        self._timeline.lose_after(lost_ms, until_ms)
        # Of what lies behind the last chunk, that alone is missing: the rest was a pause.
        behind = Interval(self.received_ms, self._timeline.spanned_ms)
        for pause in outside([behind], self._timeline.missing):
            self._coverage = self._coverage.with_final(pause)
        return effects

    def opened(self, now: float) -> list[Effect]:
        """The recogniser listens: it is sent everything that is not final, and a little before that."""
        if self.state is not LinkState.OPENING:
            return []
        rules, final_ms = self._rules, self._final_ms
        first_ms = -(-self._ring.start // BYTES_PER_MS)
        offset_ms = max(0, first_ms, final_ms - rules.context_ms)
        # Where the sound begins after a hole, it may begin within a word: that half second is only listened to.
        seam = self._seam(offset_ms) if offset_ms <= final_ms else Seam(offset_ms + rules.context_ms, slack_ms=0)
        self.state = LinkState.OPEN
        self._connection = Connection(
            rules=rules,
            offset_ms=offset_ms,
            seam=seam,
            replayed_until_ms=self._timeline.received_ms if self.number > 1 else 0,
            pace=Pace(rules.max_rate, rules.burst_ms, now),
            quiet_since=now,
            sent_at=now,
            sent=offset_ms * BYTES_PER_MS,
        )
        return self._send(self._connection, now)

    def said(self, message: deepgram.Message, now: float) -> Heard | None:
        """Take a message of the recogniser's; return what is new in it, if anything is."""
        connection = self._connection
        if connection is None:
            return None
        connection.answered(now)
        match message:
            case deepgram.Results():
                return self._results(connection, message, now)
            case deepgram.Metadata(duration_ms=end_ms) if self.state is LinkState.FINISHING:
                # Deepgram's last word comes after all results: what it has listened to since the last window held
                # nothing to write down, unless it had shown words of it. Those are missing: they are asked for anew.
                if connection.owed_ms <= self._final_ms:
                    self._settle(connection, self._final_ms - connection.offset_ms, end_ms, now)
        return None

    def closed(self, failure: Failure, now: float) -> list[Effect]:
        """The connection has ended, or could not be made."""
        if self.state is LinkState.FINISHING and self._is_heard:
            return self._close()
        return [] if self.is_over or self.state is LinkState.WAITING else self._lose(failure, now)

    def tick(self, now: float) -> list[Effect]:
        """Let time pass."""
        connection = self._connection
        effects = self._wait(now) if connection is None else self._watch(connection, now)
        if self._finished_at is not None and not self.is_over and self._is_too_late(now, self._finished_at):
            effects += [*self._drop(), *(self._close() if self._is_heard else self._give_up())]
        return effects

    def forget(self) -> None:
        """Let go of all sound, and keep none from now on: the call is over, whatever came of it."""
        self._ring.close()

    def _take(self, laid: bytes, now: float) -> list[Effect]:
        if self._fresh:
            laid = b"".join((*self._fresh, laid))
            self._fresh.clear()
        self._loudness.add(laid)
        connection = self._connection
        if connection is None and self.is_over:
            return []
        self._ring.add(laid)
        return self._wake(now) if connection is None else self._send(connection, now)

    def _leap(self, media: Media, now: float) -> list[Effect]:
        """Pass over a long pause: a connection would be sent it no faster than it may, and be late ever after."""
        begun_ms, was_heard = self.received_ms, self._is_heard
        end = self._timeline.leap(media)
        self._ring.leap(end)
        if self.is_over:
            return []
        self._coverage = self._coverage.with_final(Interval(begun_ms, end // BYTES_PER_MS))
        if was_heard:
            self._final_ms = end // BYTES_PER_MS
        if self._connection is None:
            return []
        self.state, self._since, self._connection = LinkState.WAITING, now, None
        return [DropRecogniser(self.track)]

    def _coverage_of(self, received_ms: int) -> Coverage:
        return Coverage(self.track, received_ms, self._timeline.missing, self._coverage.transcribed)

    def _wake(self, now: float) -> list[Effect]:
        """Connect when there is something to hear and the time has come; be done when there never will be."""
        if self.state is not LinkState.WAITING or self._listening is None:
            return []
        if self._is_heard and self._finished_at is not None:
            return self._close()
        has_new_sound = not self._is_heard if self.number else self.received_ms > 0
        if not has_new_sound or now < self._since:
            return []
        self.state, self._since = LinkState.OPENING, now
        self.number += 1
        again: list[Effect] = [Count(Metric.RECOGNISER_RECONNECTED)] if self.number > 1 else []
        return [*again, OpenRecogniser(self.track, self.number, self._listening)]

    def _wait(self, now: float) -> list[Effect]:
        if self.state is LinkState.OPENING and now - self._since > self._rules.open_within_s:
            return [*self._drop(), *self._lose(Failure("the recogniser did not open in time"), now)]
        return self._wake(now)

    def _watch(self, connection: Connection, now: float) -> list[Effect]:
        effects = self._send(connection, now)
        if self._connection is connection and connection.has_stalled(now, must_answer=self._is_asked):
            return [*effects, *self._drop(), *self._lose(Failure("the recogniser fell silent"), now)]
        return effects + self._keep(connection, now)

    def _send(self, connection: Connection, now: float) -> list[Effect]:
        """Send what may be sent by now: whole chunks, or all that is left when no more will come."""
        waiting = self._ring.end - connection.sent
        is_last = self._finished_at is not None
        if (waiting < self._chunk_bytes and not is_last) or self._is_asked:
            return []
        if connection.sent < self._ring.start:
            return [*self._drop(), *self._lose(Failure("sound came faster than it may be sent"), now)]
        size = min(waiting, connection.pace.granted(now))
        if not (is_last and size == waiting):
            size -= size % self._chunk_bytes
        effects = self._chunks(connection, size, now)
        if is_last and size == waiting:
            self.state, self._since = LinkState.FINISHING, now
            connection.quiet_since = now
            effects.append(FinishRecogniser(self.track))
        return effects

    def _chunks(self, connection: Connection, size: int, now: float) -> list[Effect]:
        start, step = connection.sent, self._chunk_bytes
        if size:
            connection.count(size, now)
        end = connection.sent
        return [SendAudio(self.track, self._ring.read(at, min(at + step, end))) for at in range(start, end, step)]

    def _keep(self, connection: Connection, now: float) -> list[Effect]:
        if self.state is not LinkState.OPEN or now - connection.sent_at <= self._rules.idle_s:
            return []
        if connection.is_idle:
            connection.sent_at = now
            return [KeepRecogniser(self.track)]
        # Nothing comes for now, so nothing would make the last words final: they are asked for.
        rest = self._chunks(connection, min(self._ring.end - connection.sent, connection.pace.granted(now)), now)
        connection.sent_at, connection.is_idle = now, True
        return [*rest, FlushRecogniser(self.track)]

    def _results(self, connection: Connection, results: deepgram.Results, now: float) -> Heard | None:
        words = connection.words(results, self._seam(connection.offset_ms))
        is_replayed = bool(words) and words[0].start_ms < connection.replayed_until_ms
        heard = Heard(words, results.is_final, Rung.REPLAYED if is_replayed else Rung.LIVE)
        if not results.is_final:
            return heard if words else None
        self._settle(connection, results.start_ms, results.end_ms, now)
        self._last_words.add(words, self._final_ms)
        return heard if words else None

    def _settle(self, connection: Connection, start_ms: int, end_ms: int, now: float) -> None:
        window = connection.settle(start_ms, end_ms)
        if window is None:
            return
        self._coverage = self._coverage.with_final(window)
        if window.end_ms <= self._final_ms:
            return
        self._final_ms, self._progress_at, self._failures = window.end_ms, now, 0
        self._ring.forget((window.end_ms - self._rules.context_ms) * BYTES_PER_MS)

    def _seam(self, whole_from_ms: int) -> Seam:
        return self._last_words.seam(self._final_ms, whole_from_ms)

    def _is_too_late(self, now: float, finished_at: float) -> bool:
        if now - finished_at > self._rules.linger_s:
            return True
        # An open connection with sound left to send goes as fast as it may.
        since = self._progress_at if self.state is LinkState.WAITING else max(self._progress_at, self._since)
        return self.state is not LinkState.OPEN and now - since > self._rules.finish_within_s

    @property
    def _is_asked(self) -> bool:
        return self.state is LinkState.FINISHING

    @property
    def _is_heard(self) -> bool:
        return self._timeline.received_ms - self._final_ms <= ROUNDING_MS

    def _lose(self, failure: Failure, now: float) -> list[Effect]:
        self._connection = None
        self._trouble = failure.trouble
        if failure.is_permanent or self._failures + 1 >= self._rules.tries:
            return self._fail()
        most_s = min(self._rules.backoff_most_s, self._rules.backoff_s * 2**self._failures)
        self.state, self._since = LinkState.WAITING, now + most_s * self._chance()
        self._failures += 1
        return []

    def _give_up(self) -> list[Effect]:
        self._trouble = self._trouble or "the last words did not come back in time"
        return self._fail()

    def _drop(self) -> list[Effect]:
        return [] if self.state is LinkState.WAITING else [DropRecogniser(self.track)]

    def _close(self) -> list[Effect]:
        self.state, self._connection = LinkState.CLOSED, None
        self.forget()
        return []

    def _fail(self) -> list[Effect]:
        self.state, self._connection = LinkState.FAILED, None
        self.forget()
        return [Count(Metric.RECOGNISER_FAILED)]
