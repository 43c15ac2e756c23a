"""One call in virtual time: what happens to a session, and a readable line for each thing that it wants done."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from streamer.effects import (
    ClaimTicket,
    CloseTwilio,
    Count,
    DropRecogniser,
    Effect,
    End,
    FinishRecogniser,
    FlushRecogniser,
    KeepRecogniser,
    OpenRecogniser,
    Publish,
    SaveStream,
    SaveUtterance,
    SendAudio,
)
from streamer.failure import Failure
from streamer.ring import Budget
from streamer.rules import Rules
from streamer.session import Session
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.mailboxes import Listening
from telephony.numbers import MailboxId
from telephony.streams import MediaStream, StreamSid, Ticket, TicketId, TicketPurpose
from telephony.transcripts import Interim, Utterance
from telephony.wire import deepgram
from telephony.wire.media_streams import BYTES_PER_MS, Media, Message, Start, Stop

CALL_SID = CallSid("CA" + "0" * 31 + "1")
STREAM_SID = StreamSid("MZ" + "0" * 31 + "1")
WALL = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ZERO = 5_000.0
"""The monotonic clock's time at which every scene begins; no session may take it for 0."""
INBOUND, OUTBOUND = Track.INBOUND, Track.OUTBOUND


def sound(start_ms: int, length_ms: int) -> bytes:
    """Return sound whose every sample tells where in the call it belongs, and is never silence."""
    return bytes(
        (at * 7_919 >> 4) % 255 for at in range(start_ms * BYTES_PER_MS, (start_ms + length_ms) * BYTES_PER_MS)
    )


def ticket(*tracks: Track) -> Ticket:
    return Ticket(
        TicketId("T1"), TicketPurpose.MEDIA, CALL_SID, MailboxId("front"), WALL, Listening(key_terms=("Acme",)), tracks
    )


def results(start_ms: int, end_ms: int, text: str = "", *, is_final: bool = True) -> deepgram.Results:
    """Return a window with its words spread evenly over it."""
    words = text.split()
    step = (end_ms - start_ms) // max(1, len(words))
    heard = (
        deepgram.HeardWord(word, start_ms + step * at, start_ms + step * (at + 1), 0.9) for at, word in enumerate(words)
    )
    return deepgram.Results(start_ms, end_ms, tuple(heard), is_final)


class Scene:
    """A session and the clock it lives by; every method returns what the session wants done, a line each."""

    def __init__(
        self,
        rules: Rules | None = None,
        chance: Callable[[], float] = lambda: 1.0,
        budget: Budget | None = None,
    ) -> None:
        self.now = ZERO
        self.session = Session(rules or Rules(), now=ZERO, wall=WALL, chance=chance, budget=budget)
        self.effects: list[Effect] = []

    def note(self, effects: list[Effect]) -> list[str]:
        self.effects += effects
        return lines(effects)

    def receive(self, message: Message) -> list[str]:
        return self.note([*self.session.receive(message, self.now), *self.session.pass_on(self.now)])

    def start(self, *tracks: Track, parameters: dict[str, str] | None = None) -> list[str]:
        given = {"ticket": "T1"} if parameters is None else parameters
        return self.receive(Start(STREAM_SID, CALL_SID, tracks, given))

    def speak(self, start_ms: int, length_ms: int, track: Track = INBOUND) -> list[str]:
        """Bring sound in chunks of 20 ms, all at once."""
        heard: list[str] = []
        for at_ms in range(start_ms, start_ms + length_ms, 20):
            heard += self.receive(Media(track, 0, at_ms, sound(at_ms, 20)))
        return heard

    def talk(self, start_ms: int, length_ms: int, track: Track = INBOUND) -> list[str]:
        """Bring sound in chunks of 20 ms as time passes."""
        heard: list[str] = []
        for at_ms in range(start_ms, start_ms + length_ms, 100):
            heard += self.speak(at_ms, min(100, start_ms + length_ms - at_ms), track) + self.wait(0.1)
        return heard

    def stop(self) -> list[str]:
        return self.receive(Stop())

    def lose(self) -> list[str]:
        return self.note(self.session.lost(self.now))

    def refuse(self, reason: str) -> list[str]:
        return self.note(self.session.refuse(reason, self.now))

    def admit(self, *tracks: Track) -> list[str]:
        return self.note(self.session.admitted(ticket(*(tracks or (INBOUND,))), self.now))

    def turn_away(self, why: str = "ticket used") -> list[str]:
        return self.note(self.session.turned_away(why, self.now))

    def number(self, track: Track) -> int:
        """Return the number of the track's latest connection; 0 before the first."""
        mine = (each.number for each in self.effects if isinstance(each, OpenRecogniser) and each.track is track)
        return max(mine, default=0)

    def open(self, track: Track = INBOUND) -> list[str]:
        return self.note(self.session.recogniser_opened(track, self.number(track), self.now))

    def hear(self, message: deepgram.Message, track: Track = INBOUND) -> list[str]:
        return self.note(self.session.recogniser_said(track, self.number(track), message, self.now))

    def close(
        self, trouble: str = "closed with 1000", track: Track = INBOUND, *, is_permanent: bool = False
    ) -> list[str]:
        return self.fail(track, self.number(track), trouble, is_permanent=is_permanent)

    def fail(self, track: Track, number: int, trouble: str, *, is_permanent: bool = False) -> list[str]:
        """End the track's connection of this number."""
        failure = Failure(trouble, is_permanent)
        return self.note(self.session.recogniser_closed(track, number, failure, self.now))

    def wait(self, seconds: float) -> list[str]:
        """Let time pass, a tenth of a second at a time."""
        said: list[str] = []
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            said += self.note(self.session.tick(self.now))
        return said

    def live(self, *tracks: Track) -> None:
        """Begin, be admitted, and have every recogniser open, for which it takes a first chunk of sound."""
        announced = tracks or (INBOUND,)
        self.start(*announced)
        self.admit(*announced)
        for track in announced:
            self.speak(0, 20, track)
            self.open(track)

    def cut(self) -> MediaStream:
        """End now; return the stream as it is written down then."""
        self.note(self.session.cut(self.now))
        return self.saved

    def sent(self, track: Track = INBOUND) -> bytes:
        return b"".join(each.audio for each in self.effects if isinstance(each, SendAudio) and each.track is track)

    @property
    def said(self) -> list[Utterance]:
        """Every utterance that was written down, in order."""
        return [each.utterance for each in self.effects if isinstance(each, SaveUtterance)]

    @property
    def saved(self) -> MediaStream:
        """The stream as it was written down last."""
        return [each.stream for each in self.effects if isinstance(each, SaveStream)][-1]


def lines(effects: Iterable[Effect]) -> list[str]:
    return [_line(each) for each in effects]


def _line(effect: Effect) -> str:  # noqa: C901, PLR0911, PLR0912 - one table: an effect a line
    match effect:
        case ClaimTicket(ticket_id=ticket_id):
            return f"claim {ticket_id}"
        case OpenRecogniser(track=track, number=number, listening=listening):
            return f"open {track} {number} {listening.language} {' '.join(listening.key_terms)}"
        case SendAudio(track=track, audio=audio):
            return f"send {track} {len(audio) // BYTES_PER_MS} ms"
        case FlushRecogniser(track=track):
            return f"flush {track}"
        case KeepRecogniser(track=track):
            return f"keep {track}"
        case FinishRecogniser(track=track):
            return f"finish {track}"
        case DropRecogniser(track=track):
            return f"drop {track}"
        case SaveStream(stream=stream):
            return f"save {stream.state}"
        case SaveUtterance(utterance=said):
            return f"save {said.text}"
        case Publish(text=text):
            return f"{'interim' if isinstance(text, Interim) else 'final'} {text.track} {text.text}"
        case Count(metric=metric, value=value):
            return f"count {metric} {value:g}"
        case CloseTwilio(code=code, reason=reason):
            return f"close {code} {reason}"
        case End():
            return "end"
