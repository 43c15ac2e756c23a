"""Every session ends, whatever comes, whenever, and whatever the recogniser does."""

from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from streamer import effects
from streamer.rules import Rules
from streamer.session import SessionState
from streamer.timeline import Timeline
from telephony.coverage import Track
from telephony.errors import WireError
from telephony.streams import StreamState
from telephony.transcripts import Utterance
from telephony.wire.deepgram import Complaint, Metadata
from telephony.wire.media_streams import Connected, Ignored, Media
from tests.unit.streamer.scene import INBOUND, OUTBOUND, Scene, results

RULES = Rules()
BOUND_S = RULES.claim_within_s + RULES.linger_s + 5
"""The longest a session may take once its peer has gone."""

tracks = st.sampled_from(Track)
steps = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.1, 15)),
    st.tuples(st.just("media"), tracks, st.integers(0, 60_000), st.integers(0, 2_000)),
    st.tuples(st.just("speak"), tracks, st.integers(1, 3_000)),
    st.tuples(st.just("start"), st.lists(tracks, unique=True, max_size=2), st.booleans()),
    st.tuples(st.sampled_from(["connected", "ignored", "stop", "lose", "refuse", "turn away"])),
    st.tuples(st.just("admit"), st.lists(tracks, unique=True, max_size=2)),
    st.tuples(st.sampled_from(["open", "open", "complain"]), tracks),
    st.tuples(st.just("close"), tracks, st.sampled_from([False, False, False, True])),
    st.tuples(st.just("final"), tracks, st.integers(1, 5_000), st.integers(0, 3)),
    st.tuples(st.just("interim"), tracks, st.integers(0, 5_000), st.integers(0, 3)),
    st.tuples(st.just("metadata"), tracks, st.integers(0, 70_000)),
)
usual_beginning = [
    ("start", [INBOUND, OUTBOUND], True),
    ("admit", [INBOUND, OUTBOUND]),
    ("speak", INBOUND, 160),
    ("open", INBOUND),
]


@dataclass
class World:
    """A session, and the peers around it, which do only what a bridge can pass on."""

    scene: Scene = field(default_factory=lambda: Scene(RULES))
    timelines: dict[Track, Timeline] = field(default_factory=lambda: {track: Timeline() for track in Track})
    laid: dict[Track, bytes] = field(default_factory=lambda: dict.fromkeys(Track, b""))
    opened: dict[Track, tuple[int, float, int]] = field(default_factory=dict)
    closed: set[tuple[Track, int]] = field(default_factory=set)
    final_ms: dict[Track, int] = field(default_factory=lambda: dict.fromkeys(Track, 0))
    is_answered: bool = False
    is_stopped: bool = False

    def wants(self, kind: type) -> bool:
        """Whether the session has asked for this."""
        return any(isinstance(each, kind) for each in self.scene.effects)

    def is_wanted(self, track: Track) -> bool:
        """Whether the connection that was asked for last is still wanted."""
        mine = [each for each in self.scene.effects if getattr(each, "track", None) is track]
        mine = [each for each in mine if isinstance(each, effects.OpenRecogniser | effects.DropRecogniser)]
        number = self.scene.number(track)
        return bool(mine) and isinstance(mine[-1], effects.OpenRecogniser) and (track, number) not in self.closed

    def is_connected(self, track: Track) -> bool:
        return self.is_wanted(track) and self.opened.get(track, (0,))[0] == self.scene.number(track)

    def step(self, name: str, *given: object) -> None:
        getattr(self, name.replace(" ", "_"))(*given)
        for track, (_, opened_at, before) in self.opened.items():
            allowed_ms = RULES.burst_ms + RULES.max_rate * 1_000 * (self.scene.now - opened_at)
            assert len(self.scene.sent(track)) - before <= 8 * allowed_ms

    def wait(self, seconds: float) -> None:
        self.scene.wait(seconds)

    def media(self, track: Track, at_ms: int, length_bytes: int) -> None:
        session = self.scene.session
        announced = session.start.tracks if session.start else ()
        audio = bytes((at_ms + at) % 251 for at in range(length_bytes))
        media = Media(track, 0, at_ms, audio)
        is_listening = session.state in {SessionState.CLAIMING, SessionState.LIVE} and not self.is_stopped
        if track in announced and is_listening:
            with suppress(WireError):
                self.laid[track] += self.timelines[track].lay(media)
        self.scene.receive(media)
        if session.state is SessionState.FINISHING:
            self.flush()

    def flush(self) -> None:
        for track, timeline in self.timelines.items():
            self.laid[track] += timeline.flush()

    def speak(self, track: Track, length_bytes: int) -> None:
        self.media(track, self.timelines[track].received_ms, length_bytes)

    def start(self, announced: list[Track], has_ticket: bool) -> None:
        self.scene.start(*announced, parameters=None if has_ticket else {})

    def connected(self) -> None:
        self.scene.receive(Connected())

    def ignored(self) -> None:
        self.scene.receive(Ignored("dtmf"))

    def stop(self) -> None:
        self.is_stopped = True
        self.flush()
        self.scene.stop()

    def lose(self) -> None:
        self.is_stopped = True
        self.flush()
        self.scene.lose()

    def refuse(self) -> None:
        self.is_stopped = True
        self.flush()
        self.scene.refuse("a binary message")

    def admit(self, admitted: list[Track]) -> None:
        if self.wants(effects.ClaimTicket) and not self.is_answered:
            self.is_answered = True
            self.scene.admit(*admitted)

    def turn_away(self) -> None:
        if self.wants(effects.ClaimTicket) and not self.is_answered:
            self.is_answered = True
            self.scene.turn_away()

    def open(self, track: Track) -> None:
        if self.is_wanted(track) and not self.is_connected(track):
            self.opened[track] = (self.scene.number(track), self.scene.now, len(self.scene.sent(track)))
            self.final_ms[track] = 0
            self.scene.open(track)

    def close(self, track: Track, is_permanent: bool) -> None:
        if self.is_wanted(track):
            self.closed.add((track, self.scene.number(track)))
            self.scene.close(track=track, is_permanent=is_permanent)

    def complain(self, track: Track) -> None:
        if self.is_connected(track):
            self.scene.hear(Complaint("SchemaError"), track)

    def final(self, track: Track, length_ms: int, words: int) -> None:
        if self.is_connected(track):
            start_ms = self.final_ms[track]
            self.final_ms[track] += length_ms
            self.scene.hear(results(start_ms, start_ms + length_ms, "word " * words), track)

    def interim(self, track: Track, length_ms: int, words: int) -> None:
        if self.is_connected(track):
            start_ms = self.final_ms[track]
            self.scene.hear(results(start_ms, start_ms + length_ms, "word " * words, is_final=False), track)

    def metadata(self, track: Track, duration_ms: int) -> None:
        if self.is_connected(track):
            self.scene.hear(Metadata(duration_ms), track)


@given(st.booleans(), st.lists(steps, max_size=40))
def test_every_session_ends_once_and_has_sent_what_was_laid(is_usual: bool, drawn: list[tuple[object, ...]]) -> None:
    world = World()
    for name, *given_values in [*(usual_beginning if is_usual else []), *drawn]:
        world.step(str(name), *given_values)
    world.lose()
    gone_at = world.scene.now
    while world.scene.session.state is not SessionState.ENDED:
        assert world.scene.now < gone_at + BOUND_S
        world.wait(1)

    done = world.scene.effects
    assert world.scene.session.state is SessionState.ENDED
    assert [type(each) for each in done].count(effects.End) == 1
    assert isinstance(done[-1], effects.End)
    for track in Track:
        if world.scene.number(track) <= 1:  # later connections are sent some of it again
            assert world.laid[track].startswith(world.scene.sent(track))
        else:
            assert set(world.scene.sent(track)) <= set(world.laid[track])
    saves = [each for each in done if isinstance(each, effects.SaveStream)]
    assert [each.stream.state for each in saves[:-1]] == [StreamState.OPEN] * len(saves[:-1])
    assert all(each.stream.state is StreamState.ENDED for each in saves[-1:])
    said = [each.utterance for each in done if isinstance(each, effects.SaveUtterance)]
    assert len({each.number for each in said}) == len(said)
    shown = [each.text for each in done if isinstance(each, effects.Publish) and isinstance(each.text, Utterance)]
    assert shown == said
