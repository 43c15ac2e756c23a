r"""One call's live session: messages and the time go in, effects come out. Sans-I/O.

    START ---start---> CLAIMING ---admitted---> LIVE ---stop, lost, refused---> FINISHING ---all links over---> ENDED
      \                    \---turned away---> ENDED
       \---no start in time, broken protocol---> ENDED

After ENDED nothing that comes has an effect.

Sound is kept from the first byte: while the ticket is claimed and while the recogniser opens it waits in its link.
`now` is a monotonic time in seconds; the session's own wall clock starts with it.
"""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import assert_never

from streamer.effects import (
    ClaimTicket,
    CloseTwilio,
    Count,
    Effect,
    End,
    Publish,
    SaveStream,
    SaveUtterance,
)
from streamer.failure import Failure
from streamer.link import Chance, Heard, Link
from streamer.ring import Budget
from streamer.rules import Rules
from streamer.sequence import Sequence
from streamer.timeline import REORDER_MS
from telephony.coverage import Track
from telephony.errors import WireError
from telephony.metrics import Metric
from telephony.streams import MediaStream, StreamEnd, StreamState, Ticket, TicketId
from telephony.transcripts import Interim, Utterance
from telephony.wire import deepgram
from telephony.wire.callbacks import TICKET_PARAMETER
from telephony.wire.media_streams import FRAME_MS, Connected, Ignored, Media, Message, Start, Stop

POLICY_VIOLATION = 1008
MOST_EARLY = 50
"""Chunks that may come before `start`: a second of one track."""

STOPPED = "the task was stopped"


class SessionState(Enum):
    """Where a session is; see the picture above."""

    START = auto()
    CLAIMING = auto()
    LIVE = auto()
    FINISHING = auto()
    ENDED = auto()


class Session:
    """One stream of one call, from the first message to the end of its transcript."""

    def __init__(
        self, rules: Rules, *, now: float, wall: datetime, chance: Chance, budget: Budget | None = None
    ) -> None:
        self.state = SessionState.START
        self._rules = rules
        self._chance = chance
        self._budget = budget or Budget()
        self._zero, self._wall_at_zero = now, wall
        self._heard_at = now
        self._start: Start | None = None
        self._started_at = wall
        self._early: list[Media] = []
        self._sequence = Sequence()
        self._links: dict[Track, Link] = {}
        self._end: StreamEnd | None = None
        self._claimed_at = 0.0
        self._trouble = ""
        self._saved_ms = 0
        self._utterances = 0

    @property
    def start(self) -> Start | None:
        """Whose sound it is, once Twilio has said so."""
        return self._start

    @property
    def messages_wanted(self) -> int:
        """How many of Twilio's messages must come before anything can be done with them; 1 where that is not known.

        Tracks that have sound now take turns, so the first that has enough has it when each has as much.
        """
        if self.state is not SessionState.LIVE:
            return 1
        flowing = [link for link in self._links.values() if self._received_ms - link.received_ms <= REORDER_MS]
        return max(1, len(flowing) * (min(link.lacking_ms for link in flowing) // FRAME_MS))

    def receive(self, message: Message, now: float) -> list[Effect]:
        """Take a message of Twilio's. Sound may wait for more that came with it, until `pass_on`."""
        self._heard_at = now
        if self._end is not None or self.state is SessionState.ENDED:
            return []  # what was read together with the last message
        try:
            match message:
                case Media():
                    return self._media(message, now)
                case Start():
                    return self._begin(message, now)
                case Stop(sequence=number):
                    return self._stop(StreamEnd.STOPPED, now, lost_ms=self._sequence.lost_after_ms(number))
                case Ignored(sequence=number):
                    self._sequence.see_other(number)
                case Connected():
                    pass
                case _:
                    assert_never(message)
        except WireError as exc:
            return self.refuse(str(exc), now)
        return []

    def pass_on(self, now: float) -> list[Effect]:
        """All that came together has been received: send what is to be sent of it."""
        return [effect for link in self._links.values() for effect in link.pass_on(now)]

    def admitted(self, ticket: Ticket, now: float) -> list[Effect]:
        """The ticket was good: listen to each track, and begin to write the stream down."""
        if self._start is None or self.state is not SessionState.CLAIMING:
            return []  # the stream ended while its ticket was looked up
        if not ticket.tracks:
            self.state = SessionState.ENDED
            return [End()]  # somebody looks whether tickets are taken
        if not set(self._start.tracks) <= set(ticket.tracks):
            return self._refuse("the ticket is for other tracks", now)
        self.state = SessionState.LIVE if self._end is None else SessionState.FINISHING
        self._claimed_at = now
        opening = [effect for link in self._links.values() for effect in link.admit(ticket.listening, now)]
        return [SaveStream(self._stream(now)), Count(Metric.STREAM_STARTED), *opening, *self._finished(now)]

    def turned_away(self, why: str, now: float) -> list[Effect]:
        """The ticket was not good, or could not be checked: nothing of this stream is kept."""
        return self._refuse(why, now) if self.state is SessionState.CLAIMING else []

    def recogniser_opened(self, track: Track, number: int, now: float) -> list[Effect]:
        """The track's connection of this *number* is open: what has waited is sent."""
        link = self._links[track]
        return link.opened(now) if number == link.number else []

    def recogniser_said(self, track: Track, number: int, message: deepgram.Message, now: float) -> list[Effect]:
        """Take a message that came by the track's connection of this *number*."""
        link = self._links[track]
        heard = link.said(message, now) if number == link.number else None
        return [] if heard is None else self._heard(track, heard)

    def recogniser_closed(self, track: Track, number: int, failure: Failure, now: float) -> list[Effect]:
        """The track's connection of this *number* has ended, or could not be made."""
        link = self._links[track]
        return [*link.closed(failure, now), *self._finished(now)] if number == link.number else []

    def lost(self, now: float) -> list[Effect]:
        """Twilio's socket went away."""
        return self._stop(StreamEnd.LOST, now)

    def drop(self, now: float) -> list[Effect]:
        """This process must end soon: ask for the last words."""
        self._trouble = STOPPED if self._end is None else self._trouble
        return self._stop(StreamEnd.LOST, now)

    def cut(self, now: float) -> list[Effect]:
        """This process must end now: put in writing what there is."""
        if self.state is SessionState.ENDED:
            return []
        self._trouble = STOPPED
        if self.state in {SessionState.START, SessionState.CLAIMING}:
            self.state = SessionState.ENDED
            return [End()]
        self._end = StreamEnd.LOST
        return self._conclude(now)

    def refuse(self, reason: str, now: float) -> list[Effect]:
        """End the stream because its peer broke the protocol; what was heard so far is still put in writing."""
        if self._end is not None or self.state is SessionState.ENDED:
            return []
        return self._refuse(reason, now)

    def _refuse(self, reason: str, now: float) -> list[Effect]:
        goodbye: list[Effect] = [Count(Metric.STREAM_REFUSED), CloseTwilio(POLICY_VIOLATION, reason)]
        if self.state is SessionState.LIVE:
            return [*goodbye, *self._stop(StreamEnd.REFUSED, now)]
        self.state = SessionState.ENDED
        return [*goodbye, End()]

    def forget(self) -> None:
        """Let go of all sound: nobody will ask this session for anything more."""
        for link in self._links.values():
            link.forget()

    def tick(self, now: float) -> list[Effect]:
        """Let time pass; call it every tenth of a second or so."""
        match self.state:
            case SessionState.LIVE | SessionState.FINISHING:
                return self._watch(now)
            case SessionState.START if now - self._zero > self._rules.start_within_s:
                return self.refuse("no start message in time", now)
            case SessionState.CLAIMING if now - self._claimed_at > self._rules.claim_within_s:
                return self.turned_away("the ticket was not checked in time", now)
            case _:
                return []

    def _begin(self, start: Start, now: float) -> list[Effect]:
        if self._start is not None:
            raise WireError("a second start message")
        ticket_id = start.parameters.get(TICKET_PARAMETER)
        if not ticket_id:
            return self.refuse("ticket missing", now)
        if not start.tracks:
            raise WireError("a stream of no tracks")
        self._start, self._started_at = start, self._wall(now)
        self._sequence = Sequence(start.sequence)
        self._links = {
            track: Link(track, self._rules, self._chance, self._sequence, self._budget) for track in start.tracks
        }
        self.state, self._claimed_at = SessionState.CLAIMING, now
        early, self._early = self._early, []
        laid = [effect for media in early if media.track in self._links for effect in self._media(media, now)]
        return [ClaimTicket(TicketId(ticket_id), start.call_sid), *laid]

    def _media(self, media: Media, now: float) -> list[Effect]:
        link = self._links.get(media.track)
        if link is None:
            if self._start is None:
                if len(self._early) < MOST_EARLY:  # whose it is will be said
                    self._early.append(media)
                return []
            raise WireError("a track that was not announced")
        self._sequence.see(media)
        if link.follow(media):
            return []
        return link.lay(media, now, max(self._elapsed_ms(now), self._received_ms))

    def _stop(self, end: StreamEnd, now: float, lost_ms: int = 0) -> list[Effect]:
        if self._end is not None or self.state is SessionState.ENDED:
            return []
        if self.state is SessionState.START:
            self.state = SessionState.ENDED
            return [End()]
        self._end = end
        # Whose sound was lost is not known: each track that has some bears its share, or all if others were pausing.
        sharing = [link for link in self._links.values() if link.received_ms] or [*self._links.values()]
        if all(self._received_ms - link.received_ms <= REORDER_MS for link in sharing):
            lost_ms //= len(sharing)
        effects: list[Effect] = []
        for link in self._links.values():
            effects += link.finish(now, lost_ms if link in sharing else 0, self._elapsed_ms(now))
        if self.state is SessionState.CLAIMING:
            return []  # the words said so far are put in writing once the ticket is known to be good
        self.state = SessionState.FINISHING
        return [*effects, *self._finished(now)]

    def _heard(self, track: Track, heard: Heard) -> list[Effect]:
        assert self._start is not None
        call_sid, words = self._start.call_sid, heard.words
        start_ms, end_ms = words[0].start_ms, words[-1].end_ms
        if not heard.is_final:
            return [Publish(Interim(call_sid, track, start_ms, end_ms, " ".join(word.text for word in words)))]
        self._utterances += 1
        said = Utterance(
            call_sid=call_sid,
            track=track,
            start_ms=start_ms,
            end_ms=end_ms,
            words=words,
            rung=heard.rung,
            stream_sid=self._start.stream_sid,
            number=self._utterances,
        )
        return [Publish(said), SaveUtterance(said)]

    def _watch(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for link in self._links.values():
            effects += link.tick(now)
        if self._received_ms - self._saved_ms >= self._rules.save_every_ms:
            self._saved_ms = self._received_ms
            effects.append(SaveStream(self._stream(now)))
        if self._end is None and now - self._heard_at > self._rules.quiet_s:
            effects += [CloseTwilio(POLICY_VIOLATION, "nothing was heard for too long"), *self.lost(now)]
        return effects + self._finished(now)

    def _finished(self, now: float) -> list[Effect]:
        if self.state is not SessionState.FINISHING or not all(link.is_over for link in self._links.values()):
            return []
        return self._conclude(now)

    def _conclude(self, now: float) -> list[Effect]:
        self.state = SessionState.ENDED
        stream = self._stream(now)
        received = sum(coverage.received_ms for coverage in stream.coverage)
        covered = sum(coverage.transcribed_ms for coverage in stream.coverage)
        percent = 100 * covered / received if received else 100
        quality = [Count(Metric.AUDIO_QUALITY, each.quality) for each in stream.ledger if each.received_ms]
        return [SaveStream(stream), Count(Metric.COVERAGE_PERCENT, percent), *quality, End()]

    @property
    def _received_ms(self) -> int:
        return max(link.received_ms for link in self._links.values())

    def _stream(self, now: float) -> MediaStream:
        assert self._start is not None
        has_ended = self.state is SessionState.ENDED
        links = self._links.values()
        troubles = [f"{link.track}: {link.trouble}" for link in links if link.trouble]
        return MediaStream(
            sid=self._start.stream_sid,
            call_sid=self._start.call_sid,
            started_at=self._started_at,
            coverage=tuple(link.coverage for link in links),
            state=StreamState.ENDED if has_ended else StreamState.OPEN,
            end=self._end if has_ended else None,
            ended_at=self._wall(now) if has_ended else None,
            trouble="; ".join([self._trouble, *troubles] if self._trouble else troubles),
            ledger=tuple(link.ledger for link in links),
            reconnects=sum(link.reconnects for link in links),
        )

    def _elapsed_ms(self, now: float) -> int:
        return round(1_000 * (now - self._zero))

    def _wall(self, now: float) -> datetime:
        return self._wall_at_zero + timedelta(seconds=now - self._zero)
