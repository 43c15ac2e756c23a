"""The writer: what sessions want kept, in batches, until it is written."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from streamer.writer import MAX_LOST, MAX_ROUNDS, MAX_WAITING, UNWRITTEN, Writer
from telephony.calls import CallSid
from telephony.coverage import ROUNDING_MS, Coverage, Interval, Track
from telephony.errors import UpstreamError
from telephony.metrics import Metric
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.transcripts import Transcript, Utterance, Word
from tests.fakes.sending import MemoryMeter

CALL = CallSid("CA" + "0" * 31 + "1")
WALL = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIMIT_S = 10
GATHER_S = 0.2

Batch = tuple[tuple[MediaStream, ...], tuple[Utterance, ...]]


@dataclass
class SlowStore:
    """Keeps each batch; waits when told to, and fails as often as told to.

    Attributes:
        is_called: set while a batch is being saved.
        may_finish: what a batch waits for.
    """

    batches: list[Batch] = field(default_factory=list)
    refusals: int = 0
    poison: tuple[str, ...] = ()
    error: Exception = field(default_factory=lambda: UpstreamError("dynamodb", "ValidationException", retryable=False))
    attempts: list[Batch] = field(default_factory=list)
    is_called: threading.Event = field(default_factory=threading.Event)
    may_finish: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_finish.set()

    def save(self, streams: Sequence[MediaStream], utterances: Sequence[Utterance]) -> None:
        self.attempts.append((tuple(streams), tuple(utterances)))
        self.is_called.set()
        assert self.may_finish.wait(LIMIT_S)
        if self.refusals:
            self.refusals -= 1
            raise UpstreamError("dynamodb", "ThrottlingException", retryable=True)
        marks = {*(said.text for said in utterances), *(stream.sid for stream in streams)}
        if not marks.isdisjoint(self.poison):
            raise self.error
        self.batches.append((tuple(streams), tuple(utterances)))

    def end_stream(
        self, call_sid: CallSid, stream_sid: StreamSid, *, end: StreamEnd, trouble: str, at: datetime
    ) -> None:
        raise AssertionError("the writer only writes")

    def transcript(self, call_sid: CallSid) -> Transcript:
        raise AssertionError("the writer only writes")

    @property
    def texts(self) -> list[str]:
        return [said.text for _, utterances in self.batches for said in utterances]


def stream(number: int = 1, received_ms: int = 0, state: StreamState = StreamState.OPEN) -> MediaStream:
    return MediaStream(StreamSid(f"MZ{number:032}"), CALL, WALL, (Coverage(Track.INBOUND, received_ms),), state)


def said(number: int) -> Utterance:
    return Utterance(CALL, Track.INBOUND, number * 100, number * 100 + 100, (Word(f"w{number}", 0, 100, 1.0),))


def give(writer: Writer, stream: MediaStream, utterances: Sequence[Utterance]) -> None:
    """Have a stream written, and words of it."""
    for each in utterances:
        writer.save_utterance(replace(each, stream_sid=stream.sid))
    writer.save_stream(stream)


@asynccontextmanager
async def writing(store: SlowStore, meter: MemoryMeter | None = None) -> AsyncIterator[Writer]:
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        writer = Writer(store, meter or MemoryMeter(), gather_s=GATHER_S, retry_s=0.01)
        running = tasks.create_task(writer.run())
        yield writer
        running.cancel()


async def test_what_comes_close_together_is_written_in_one_batch_in_order() -> None:
    store = SlowStore()
    async with writing(store) as writer:
        give(writer, stream(1), (said(1), said(2)))
        give(writer, stream(2), (said(3),))
        give(writer, stream(1), (said(4),))
        await writer.idle()
    assert store.texts == ["w1", "w2", "w3", "w4"]
    assert len(store.batches) == 1


async def test_of_a_stream_the_last_one_given_stands() -> None:
    store = SlowStore()
    async with writing(store) as writer:
        give(writer, stream(1, received_ms=100), ())
        give(writer, stream(1, received_ms=200), ())
        await writer.idle()
    assert store.batches == [((stream(1, received_ms=200),), ())]


async def test_nothing_given_is_nothing_written() -> None:
    store = SlowStore()
    async with writing(store) as writer:
        assert writer.is_idle
        await writer.idle()
    assert store.attempts == []


async def test_the_end_of_a_stream_does_not_wait_for_company() -> None:
    waits: list[float] = []
    for number in range(5):  # the machine may be busy: the quickest counts
        store = SlowStore()
        async with writing(store) as writer:
            begun = time.monotonic()
            give(writer, stream(number, state=StreamState.ENDED), (said(number),))
            await writer.idle()
            waits.append(time.monotonic() - begun)
    assert min(waits) < GATHER_S


async def test_what_comes_while_a_batch_is_written_is_in_the_next_one() -> None:
    store = SlowStore()
    store.may_finish.clear()
    async with writing(store) as writer:
        give(writer, stream(1), (said(1),))
        await asyncio.to_thread(store.is_called.wait, LIMIT_S)
        give(writer, stream(1, received_ms=100, state=StreamState.ENDED), (said(2),))
        give(writer, stream(2), (said(3),))
        store.may_finish.set()
        await writer.idle()
        assert writer.is_idle
    assert store.texts == ["w1", "w2", "w3"]
    assert store.batches[-1][0] == (stream(1, received_ms=100, state=StreamState.ENDED), stream(2))


async def test_a_batch_that_could_not_be_written_is_tried_again_with_what_came_since() -> None:
    store = SlowStore(refusals=1)
    async with writing(store) as writer:
        give(writer, stream(1, state=StreamState.ENDED), (said(1),))
        await asyncio.to_thread(store.is_called.wait, LIMIT_S)
        give(writer, stream(2), (said(2),))
        assert not writer.is_idle
        await writer.idle()
    assert store.texts == ["w1", "w2"]
    assert len(store.attempts) == 2
    assert [each.sid for streams, _ in store.batches for each in streams] == [stream(1).sid, stream(2).sid]


async def test_what_waits_is_bounded_and_what_is_given_up_is_counted() -> None:
    store = SlowStore()
    async with writing(store) as writer:
        give(writer, stream(), (said(1),) * (MAX_WAITING - 1))
        give(writer, stream(), (said(2), said(3)))
        give(writer, stream(received_ms=7), (said(4),))
        await writer.idle()
    assert (store.texts[-1], len(store.texts), writer.dropped) == ("w2", MAX_WAITING, 2)
    assert store.batches[-1][0] == (replace(stream(received_ms=7), trouble=UNWRITTEN),)
    assert all(streams == () for streams, _ in store.batches[:-1]), "a stream is written after all of its words"


async def test_what_the_store_refuses_for_good_is_found_and_given_up_alone() -> None:
    store = SlowStore(poison=("w3", stream(2).sid))
    async with writing(store) as writer:
        give(writer, stream(1), tuple(said(number) for number in range(8)))
        give(writer, stream(2), ())
        give(writer, stream(3), ())
        await writer.idle()
    assert sorted(store.texts) == [f"w{number}" for number in range(8) if number != 3]
    assert {each.sid for streams, _ in store.batches for each in streams} == {stream(1).sid, stream(3).sid}
    assert writer.dropped == 2


async def test_a_fault_of_the_store_ends_neither_the_writer_nor_the_other_calls() -> None:
    store = SlowStore(poison=("w1",), error=RuntimeError("a bug"))
    async with writing(store) as writer:
        give(writer, stream(1), (said(1), said(2)))
        await writer.idle()
        give(writer, stream(1), (said(3),))
        await writer.idle()
    assert (store.texts, writer.dropped) == (["w2", "w3"], 1)


async def test_a_store_that_refuses_everything_is_tried_for_a_while_before_anything_is_given_up() -> None:
    store = SlowStore(poison=("w1",))
    async with writing(store) as writer:
        give(writer, stream(1), (said(1),))
        store.poison = (stream(1).sid, "w1")
        await writer.idle()
    rounds = sum(streams == (stream(1),) and len(words) == 1 for streams, words in store.attempts)
    assert (rounds, writer.dropped, store.batches) == (MAX_ROUNDS, 2, [])


async def test_a_store_that_recovers_from_refusing_everything_gets_everything() -> None:
    store = SlowStore(poison=("w1", stream(1).sid))
    async with writing(store) as writer:
        give(writer, stream(1), (said(1),))
        await asyncio.to_thread(store.is_called.wait, LIMIT_S)
        store.poison = ()
        await writer.idle()
    assert (store.texts, writer.dropped) == (["w1"], 0)


async def test_a_table_that_goes_away_while_a_batch_is_halved_costs_nothing() -> None:
    store = SlowStore(poison=("w1",))
    async with writing(store) as writer:
        store.may_finish.clear()
        give(writer, stream(1), (said(1), said(2), said(3), said(4)))
        await asyncio.to_thread(store.is_called.wait, LIMIT_S)
        store.refusals = 1
        store.may_finish.set()
        await writer.idle()
    assert sorted(set(store.texts)) == ["w2", "w3", "w4"]
    assert writer.dropped == 1


HEARD = Coverage(Track.INBOUND, 1_000, transcribed=(Interval(0, 1_000),))


def heard(state: StreamState = StreamState.ENDED) -> MediaStream:
    return replace(stream(1, state=state), coverage=(HEARD,))


def mine(number: int) -> Utterance:
    return replace(said(number), stream_sid=stream(1).sid)


async def test_words_that_found_no_place_are_a_hole_of_their_stream_whatever_is_saved_of_it_later() -> None:
    store, meter = SlowStore(), MemoryMeter()
    async with writing(store, meter) as writer:
        give(writer, stream(2), (said(1),) * MAX_WAITING)
        give(writer, heard(StreamState.OPEN), (mine(3),))
        await writer.idle()
        give(writer, heard(), ())
        await writer.idle()
        give(writer, heard(), ())
        await writer.idle()
    saved = [each for streams, _ in store.batches for each in streams if each.sid == stream(1).sid]
    assert [each.coverage[0].holes for each in saved] == [(Interval(300, 400),), (Interval(300, 400),), ()]
    assert [each.trouble for each in saved] == [UNWRITTEN, UNWRITTEN, ""]
    assert meter.total(Metric.UTTERANCE_DROPPED) == 1


async def test_words_that_are_refused_for_good_are_a_hole_and_their_stream_never_says_otherwise() -> None:
    store = SlowStore(poison=("w3",))
    async with writing(store) as writer:
        give(writer, replace(heard(), trouble="late"), (mine(2), mine(3)))
        give(writer, stream(2), (said(4),))
        await writer.idle()
    saved = [each for streams, _ in store.batches for each in streams if each.sid == stream(1).sid]
    assert [(each.coverage[0].holes, each.trouble) for each in saved] == [((Interval(300, 400),), f"late; {UNWRITTEN}")]
    assert sorted(set(store.texts)) == ["w2", "w4"]


async def test_beyond_a_thousand_holes_the_last_one_grows_and_even_a_short_word_leaves_one() -> None:
    store = SlowStore()
    whole = Coverage(Track.INBOUND, 10**6, transcribed=(Interval(0, 10**6),))
    async with writing(store) as writer:
        give(writer, stream(2), (said(1),) * MAX_WAITING)
        for number in range(MAX_LOST + 10):
            give(writer, stream(1), (replace(mine(0), start_ms=100 * number, end_ms=100 * number),))
        give(writer, replace(stream(1), coverage=(whole,)), ())
        await writer.idle()
    holes = store.batches[-1][0][-1].coverage[0].holes
    assert (len(holes), holes[0]) == (MAX_LOST, Interval(0, ROUNDING_MS + 1))
    assert holes[-1].end_ms == 100 * (MAX_LOST + 9) + ROUNDING_MS + 1
