"""The promise: whatever fails, each word comes back once at its time, or lies in a declared hole."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from streamer import effects
from streamer.rules import Rules
from streamer.session import SessionState
from telephony.coverage import Coverage, Interval, Track
from telephony.wire import deepgram
from telephony.wire.deepgram import HeardWord, Metadata, Results
from telephony.wire.media_streams import BYTES_PER_MS, FRAME_MS, SILENCE, Media, Start, Stop
from tests.unit.streamer.scene import CALL_SID, INBOUND, OUTBOUND, STREAM_SID, Scene

WORD_MS = 100
FRAMES = WORD_MS // FRAME_MS
SILENT = SILENCE[0]
JITTER_MS = 80
"""By how much a connection may put words elsewhere than they were said: all of its words, and not its windows."""

TICK_S = 0.1
RULES = Rules()
LIMIT_S = RULES.linger_s + 5
CODES = 251
"""Words are told apart by the byte that fills them; no two of the same code are so near that one passes for another."""


def spoken(number: int) -> bytes:
    return bytes([number % CODES]) * (WORD_MS * BYTES_PER_MS)


@dataclass(frozen=True)
class Faults:
    """What one connection does wrong, in milliseconds of the sound it was sent, and in seconds.

    Attributes:
        refuses: with a permanent failure if 2, with another if 1.
        final_each_ms: how much sound a final window holds.
        jitter_ms: how much later than they were said it puts words.
    """

    refuses: int = 0
    opens_after_s: float = 0.2
    drops_after_ms: int | None = None
    stalls_after_ms: int | None = None
    final_each_ms: int = 3_000
    finals_late_s: float = 0.3
    repeats: bool = False
    forgets_metadata: bool = False
    jitter_ms: int = 0


@dataclass(frozen=True)
class Way:
    """What happens to each track's frames on their way, by their numbers.

    Attributes:
        late: how many frames later than its turn a frame comes.
        pauses: the words in whose place a track has nothing to be heard, and of which no frame is sent.
    """

    lost: frozenset[int] = frozenset()
    repeated: frozenset[int] = frozenset()
    late: Mapping[int, int] = field(default_factory=dict)
    pauses: Mapping[Track, frozenset[int]] = field(default_factory=dict)

    @property
    def loses_nothing(self) -> bool:
        """Whether every frame comes, and in its order."""
        return not self.lost and not self.late

    def is_pause(self, track: Track, word: int) -> bool:
        """Tell whether the track has nothing to be heard there."""
        return word in self.pauses.get(track, ())


ONE_LOST: Final = re.compile(rb"([^\xff])\xff{160}(?=\1)", re.DOTALL)
"""A frame that was lost within a word."""


def healed(sound: bytearray) -> bytes:
    """Return what is heard: a word that lacks one frame is the same word."""
    return ONE_LOST.sub(lambda match: match[1] * 161, bytes(sound))


@dataclass
class Ear:
    """A recogniser's connection that reads words of 100 ms, each filled with the byte of its number."""

    scene: Scene
    track: Track
    number: int
    faults: Faults
    sound: bytearray = field(default_factory=bytearray)
    done_ms: int = 0
    is_open: bool = False
    is_over: bool = False
    due: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        # What is late makes all that follows it late too: a connection keeps the order.
        at = max([self.scene.now + seconds, *(at for at, _ in self.due)])
        self.due.append((at, what))

    def begin(self) -> None:
        if self.faults.refuses:
            self.later(0.1, lambda: self.end("refused", is_permanent=self.faults.refuses > 1))
        else:
            self.later(self.faults.opens_after_s, self.open)

    def open(self) -> None:
        self.is_open = True
        self.scene.note(self.scene.session.recogniser_opened(self.track, self.number, self.scene.now))

    def end(self, trouble: str = "closed", *, is_permanent: bool = False) -> None:
        self.is_over = True
        self.scene.fail(self.track, self.number, trouble, is_permanent=is_permanent)

    def say(self, message: deepgram.Message) -> None:
        self.scene.note(self.scene.session.recogniser_said(self.track, self.number, message, self.scene.now))

    def take(self, audio: bytes) -> None:
        self.sound += audio
        if self.faults.drops_after_ms is not None and self.heard_ms >= self.faults.drops_after_ms:
            self.due.clear()
            self.is_over = True
            self.due.append((self.scene.now, self.end))
        elif not self.is_deaf:
            self.later(0.2, lambda: self.say(self.window(self.done_ms, is_final=False)))
            while self.heard_ms - self.done_ms >= self.faults.final_each_ms + WORD_MS:
                self.settle(self.end_of_word(self.done_ms + self.faults.final_each_ms))

    def finish(self) -> None:
        if self.is_deaf:
            return
        self.settle(self.heard_ms)
        if not self.faults.forgets_metadata:
            self.later(0.0, lambda: self.say(Metadata(self.heard_ms)))
        self.later(0.0, self.end)

    def flush(self) -> None:
        if not self.is_deaf:
            self.settle(self.heard_ms)

    @property
    def heard_ms(self) -> int:
        return -(-len(self.sound) // BYTES_PER_MS)

    @property
    def is_deaf(self) -> bool:
        return self.faults.stalls_after_ms is not None and self.heard_ms >= self.faults.stalls_after_ms

    def settle(self, until_ms: int) -> None:
        """Make final what was heard until then."""
        window = self.window(self.done_ms, until_ms)
        for _ in range(2 if self.faults.repeats else 1):
            self.later(self.faults.finals_late_s, lambda: self.say(window))
        self.done_ms = window.end_ms

    def end_of_word(self, until_ms: int) -> int:
        """Return where the last word ends that was wholly said by then: no recogniser cuts words in two."""
        end = until_ms * BYTES_PER_MS
        first = max(0, end - 2 * len(spoken(0)))
        near = healed(self.sound[first : end + len(spoken(0))])
        at = end - first
        while 0 < at < len(near) and near[at] == near[at - 1]:
            at -= BYTES_PER_MS
        return (first + at) // BYTES_PER_MS

    def window(self, start_ms: int, end_ms: int | None = None, *, is_final: bool = True) -> Results:
        heard = healed(self.sound[start_ms * BYTES_PER_MS : None if end_ms is None else end_ms * BYTES_PER_MS])
        words, at = [], 0
        for code, run in groupby(heard):
            length = len(list(run))
            start = max(0, start_ms + at // BYTES_PER_MS + self.faults.jitter_ms)
            if code != SILENT:
                words.append(HeardWord(f"w{code}", start, start + length // BYTES_PER_MS, 1.0))
            at += length
        return Results(start_ms, start_ms + -(-len(heard) // BYTES_PER_MS), tuple(words), is_final)

    def tick(self) -> None:
        while self.due and self.due[0][0] <= self.scene.now and not (self.is_over and len(self.due) == 0):
            self.due.pop(0)[1]()


@dataclass
class World:
    """A session, its recognisers, and the faults that wait for them."""

    faults: list[Faults]
    way: Way = field(default_factory=Way)
    scene: Scene = field(default_factory=lambda: Scene(RULES, chance=lambda: 0.5))
    ears: dict[tuple[Track, int], Ear] = field(default_factory=dict)
    current: dict[Track, Ear] = field(default_factory=dict)
    done: int = 0
    most_held: int = 0

    def settle(self) -> None:
        """Do what the session wants until it wants nothing more now."""
        while self.done < len(self.scene.effects):
            effect = self.scene.effects[self.done]
            self.done += 1
            match effect:
                case effects.OpenRecogniser(track=track, number=number):
                    chosen = self.faults.pop(0) if self.faults else Faults()
                    self.current[track] = Ear(self.scene, track, number, chosen)
                    self.ears[track, number] = self.current[track]
                    self.current[track].begin()
                case effects.SendAudio(track=track, audio=audio):
                    self.current[track].take(audio)
                case effects.FinishRecogniser(track=track):
                    self.current[track].finish()
                case effects.FlushRecogniser(track=track):
                    self.current[track].flush()
                case _:  # a recogniser that was dropped goes on talking for as long as it has anything to say
                    pass

    def wait(self, seconds: float = TICK_S) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.scene.wait(TICK_S)
            self.settle()
            for ear in list(self.ears.values()):
                ear.tick()
                self.settle()

    def call(self, tracks: tuple[Track, ...], length: int, admitted_after: int) -> None:
        """Speak *length* words on each track, in real time, and hang up."""
        sequence = 1
        held: list[tuple[int, Media]] = []
        self.scene.receive(Start(STREAM_SID, CALL_SID, tracks, {"ticket": "T1"}, sequence))
        for number in range(length):
            if number == admitted_after:
                self.scene.admit(*tracks)
            for frame in range(number * FRAMES, (number + 1) * FRAMES):
                for track in tracks:
                    if self.way.is_pause(track, number):
                        continue
                    sequence += 1
                    word = spoken(number + (100 if track is OUTBOUND else 0))
                    media = Media(track, sequence, frame * FRAME_MS, word[: FRAME_MS * BYTES_PER_MS])
                    if frame not in self.way.lost:
                        held += [(frame + self.way.late.get(frame, 0), media)] * (1 + (frame in self.way.repeated))
                held = self.bring(held, frame)
            self.settle()
            self.wait()
        self.bring(held, FRAMES * length + max(self.way.late.values(), default=0))
        self.scene.receive(Stop(sequence + 1))
        if length <= admitted_after:
            self.scene.admit(*tracks)
        self.settle()

    def bring(self, held: list[tuple[int, Media]], turn: int) -> list[tuple[int, Media]]:
        """Bring those whose turn has come, and return the others."""
        for due, media in held:
            if due <= turn:
                self.scene.receive(media)
        return [(due, media) for due, media in held if due > turn]

    def finish(self) -> None:
        begun = self.scene.now
        while self.scene.session.state is not SessionState.ENDED:
            assert self.scene.now - begun < LIMIT_S, "the session does not end"
            self.wait()

    def words(self, track: Track) -> list[tuple[str, int]]:
        said = (each for each in self.scene.said if each.track is track)
        return [(word.text, word.start_ms) for utterance in said for word in utterance.words]


def overlaps(hole: Interval, start_ms: int) -> bool:
    return hole.start_ms < start_ms + WORD_MS and start_ms < hole.end_ms


faults = st.builds(
    Faults,
    refuses=st.sampled_from([0] * 8 + [1] * 3),
    opens_after_s=st.sampled_from([0.2, 0.2, 0.5, 3.0, 11.0, 13.0]),
    drops_after_ms=st.one_of(st.none(), st.integers(0, 30_000)),
    stalls_after_ms=st.one_of(st.none(), st.none(), st.integers(0, 30_000)),
    final_each_ms=st.sampled_from([300, 1_000, 3_000, 7_000]),
    finals_late_s=st.sampled_from([0.0, 0.3, 5.0]),
    repeats=st.booleans(),
    forgets_metadata=st.booleans(),
    jitter_ms=st.sampled_from([0, 0, -JITTER_MS, -30, 30, JITTER_MS]),
)


def number_of(text: str, start_ms: int, base: int, length: int) -> int:
    """Return which word it is: of those that sound like it, the one that was said nearest."""
    alike = [number for number in range(length) if text == f"w{(number + base) % CODES}"]
    assert alike, f"{text} was never said"
    return min(alike, key=lambda number: abs(number * WORD_MS - start_ms))


def check(world: World, track: Track, length: int) -> None:
    coverage = next(each for each in world.scene.saved.coverage if each.track is track)
    said = [number for number in range(length) if not world.way.is_pause(track, number)]
    if world.way.loses_nothing:
        assert coverage.received_ms == WORD_MS * (max(said, default=-1) + 1)
        assert coverage.missing == ()
    elif not world.way.pauses:
        assert coverage.received_ms == length * WORD_MS
    base = 100 if track is OUTBOUND else 0
    heard = [(number_of(text, start_ms, base, length), start_ms) for text, start_ms in world.words(track)]
    counts = Counter(number for number, _ in heard)
    for number, start_ms in heard:
        said_ms = number * WORD_MS
        within = (hole.start_ms <= said_ms and said_ms + WORD_MS <= hole.end_ms - JITTER_MS for hole in coverage.holes)
        assert not any(within), f"the word at {said_ms} is called a hole"
        if not is_declared(coverage, number):
            # A frame that was lost makes it begin later, or end sooner.
            assert abs(start_ms - said_ms) <= JITTER_MS + FRAME_MS, f"the word at {said_ms} came at {start_ms}"
    for number in said:
        assert counts[number] == 1 or is_declared(coverage, number), f"word {number} came {counts[number]} times"


def is_declared(coverage: Coverage, number: int) -> bool:
    """Tell whether something of the word is said to be lost."""
    return any(overlaps(lost, number * WORD_MS) for lost in (*coverage.holes, *coverage.missing))


def stretches(most: int, longest: int) -> st.SearchStrategy[frozenset[int]]:
    """Draw stretches of numbers, some from the very first on."""
    drawn = st.lists(st.tuples(st.one_of(st.just(0), st.integers(0, most)), st.integers(1, longest)), max_size=4)
    return drawn.map(lambda pairs: frozenset(at for start, count in pairs for at in range(start, start + count)))


pauses: st.SearchStrategy[Mapping[Track, frozenset[int]]] = st.dictionaries(
    st.sampled_from([INBOUND, OUTBOUND]), stretches(250, 200)
)
ways = st.builds(
    Way,
    st.one_of(st.just(frozenset[int]()), stretches(1_250, 30)),
    st.frozensets(st.integers(0, 1_250), max_size=10),
    st.dictionaries(st.integers(0, 1_250), st.integers(1, 7), max_size=10),
    pauses,
)


LIMITED = pytest.mark.timeout(max(300, settings().max_examples // 3))


@LIMITED
@given(
    st.sampled_from([(INBOUND,), (INBOUND, OUTBOUND)]),
    st.lists(faults, max_size=8),
    st.one_of(st.just(Way()), st.builds(Way, pauses=pauses), ways),
    st.integers(0, 250),
    st.integers(0, 60),
)
def test_each_word_comes_once_at_its_time_or_lies_in_a_declared_hole(
    tracks: tuple[Track, ...], drawn: list[Faults], way: Way, length: int, admitted_after: int
) -> None:
    world = World(list(drawn), way)
    world.call(tracks, length, admitted_after)
    world.finish()
    for track in tracks:
        check(world, track, length)
        event(f"missing: {bool(world.scene.saved.coverage[tracks.index(track)].missing)}")
        event(f"holes: {bool(world.scene.saved.coverage[tracks.index(track)].holes)}")


short_ways = st.builds(
    Way,
    lost=stretches(60 * FRAMES, 10),
    pauses=st.fixed_dictionaries({INBOUND: stretches(60, 40), OUTBOUND: stretches(60, 40)}),
)


@LIMITED
@given(short_ways, st.integers(1, 60))
def test_what_is_lost_while_tracks_pause_is_declared(way: Way, length: int) -> None:
    world = World([], way)
    world.call((INBOUND, OUTBOUND), length, 0)
    world.finish()
    for track in (INBOUND, OUTBOUND):
        check(world, track, length)
        event(f"missing: {bool(world.scene.saved.coverage[track is OUTBOUND].missing)}")


def test_a_recogniser_that_is_away_for_longer_than_sound_is_kept_leaves_one_hole() -> None:
    world = World([Faults(refuses=1)] * 19)
    world.call((INBOUND,), 900, 0)
    world.finish()
    check(world, INBOUND, 900)
    assert len(world.scene.saved.coverage[0].holes) == 1
