"""Writes what sessions want kept, of all calls together: one batch at a time, in order, until it is written."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from telephony import log
from telephony.coverage import ROUNDING_MS, Interval, Track, merged
from telephony.errors import UpstreamError
from telephony.metrics import Meter, Metric
from telephony.ports.stores import TranscriptStore
from telephony.streams import MediaStream, StreamSid, StreamState
from telephony.transcripts import Utterance

RETRY_S: Final = 1.0
MAX_WAITING: Final = 20_000
"""Utterances that may wait while the table can't be reached: some 20 MB, hours of one call or minutes of hundreds."""

MAX_BATCH: Final = 500
"""Utterances written in one go: twenty requests, well under a second."""

MAX_ROUNDS: Final = 5
"""How often a part of what is to be written may be refused before that is its own fault and not the table's."""


MAX_LOST: Final = 1_000
"""Stretches of one track whose words were given up that are told apart; beyond that, the last one grows."""

UNWRITTEN: Final = "words could not be written down"


class Writer:
    """Gathers streams and utterances and writes them to the store.

    What the store can't be reached for is tried again for as long as it takes. What it refuses is found by halving
    the batch, tried a few times more, and given up alone. Where words were given up, their stream is written with a
    hole.
    """

    def __init__(self, store: TranscriptStore, meter: Meter, *, gather_s: float, retry_s: float = RETRY_S) -> None:
        """Write what comes within *gather_s* together; the end of a stream does not wait."""
        self._store = store
        self._meter = meter
        self._gather_s = gather_s
        self._retry_s = retry_s
        self._lost: dict[StreamSid, dict[Track, tuple[Interval, ...]]] = {}
        self._streams: dict[StreamSid, MediaStream] = {}
        self._utterances: list[Utterance] = []
        self._something = asyncio.Event()
        self._urgent = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._refused_rounds = 0
        self.dropped = 0
        """Streams and utterances given up: too many were waiting, or the store refused them for good."""

    def save_utterance(self, utterance: Utterance) -> None:
        """Have this written soon, before its stream is."""
        if len(self._utterances) >= MAX_WAITING:
            return self._give_up([utterance], "too many are waiting")
        self._utterances.append(utterance)
        return self._wake()

    def save_stream(self, stream: MediaStream) -> None:
        """Have this written soon; of one stream the last one given stands."""
        self._streams[stream.sid] = stream
        if stream.state is StreamState.ENDED:
            self._urgent.set()
        self._wake()

    @property
    def waiting(self) -> int:
        """How many streams and utterances are still to be written."""
        return len(self._streams) + len(self._utterances)

    @property
    def is_idle(self) -> bool:
        """Whether everything given so far was written."""
        return not self._streams and not self._utterances

    async def idle(self) -> None:
        """Wait until everything given so far was written."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._something.wait()
            await self._gather()
            self._something.clear()
            self._urgent.clear()
            if not await self._write():
                await asyncio.sleep(self._retry_s)
            if self.is_idle:
                self._idle.set()
            else:
                self._something.set()
            if len(self._utterances) >= MAX_BATCH:
                self._urgent.set()

    def _wake(self) -> None:
        self._something.set()
        self._idle.clear()

    async def _write(self) -> bool:
        """Write a batch; False when it must be tried again after a while."""
        utterances = tuple(self._utterances[:MAX_BATCH])
        # A stream is written after all of its words: who sees its end may rely on them.
        given = self._streams.copy() if len(utterances) == len(self._utterances) else {}
        streams = tuple(self._honest(stream) for stream in given.values())
        try:
            refused = await self._try(streams, utterances)
        except UpstreamError as exc:
            log.logger().error("transcripts-not-written", error=str(exc), waiting=len(self._utterances))
            return False
        self._refused_rounds = self._refused_rounds + 1 if refused else 0
        is_kept = 0 < self._refused_rounds < MAX_ROUNDS
        if refused and not is_kept:
            self._give_up(refused, "the store refuses them")
            self._refused_rounds = 0
        kept = {id(each) for each in refused} if is_kept else set()
        held = _sids(refused)
        self._utterances[: len(utterances)] = [said for said in utterances if id(said) in kept]
        for stream in streams:
            if id(stream) not in kept and stream.sid not in held:
                self._done(stream, given[stream.sid])
        return not is_kept

    async def _try(
        self, streams: tuple[MediaStream, ...], utterances: tuple[Utterance, ...]
    ) -> list[MediaStream | Utterance]:
        """Write these, and return those that can't ever be. Raises: UpstreamError when it may help to wait."""
        if not streams and not utterances:
            return []
        try:
            await asyncio.to_thread(self._store.save, streams, utterances)
        except UpstreamError as exc:
            if exc.retryable:
                raise
            log.logger().error("batch-refused", error=str(exc), size=len(streams) + len(utterances))
        except Exception:  # noqa: BLE001 - the outermost edge of a write: what one call has said must not end the others
            log.logger().exception("batch-crashed", size=len(streams) + len(utterances))
        else:
            return []
        return await self._halve(streams, utterances)

    async def _halve(
        self, streams: tuple[MediaStream, ...], utterances: tuple[Utterance, ...]
    ) -> list[MediaStream | Utterance]:
        if len(streams) + len(utterances) == 1:
            return [*utterances, *streams]
        if streams and utterances:
            refused = await self._try((), utterances)
            # A stream whose words are refused is not written yet: it says that they are there.
            sids = _sids(refused)
            return [*refused, *await self._try(tuple(stream for stream in streams if stream.sid not in sids), ())]
        middle = (len(streams) + len(utterances)) // 2
        first = await self._try(streams[:middle], utterances[:middle])
        return [*first, *await self._try(streams[middle:], utterances[middle:])]

    def _done(self, written: MediaStream, given: MediaStream) -> None:
        if self._streams[given.sid] is given:
            del self._streams[given.sid]
        if written.state is StreamState.ENDED:
            self._lost.pop(written.sid, None)

    def _give_up(self, refused: Sequence[MediaStream | Utterance], why: str) -> None:
        self.dropped += len(refused)
        self._meter.add(Metric.UTTERANCE_DROPPED, len(refused))
        log.logger().error("words-given-up", why=why, count=len(refused))
        for each in refused:
            if isinstance(each, Utterance):
                self._lose(each)

    def _lose(self, said: Utterance) -> None:
        """Note the hole: as long as one has to be to count as one."""
        hole = Interval(said.start_ms, max(said.end_ms, said.start_ms + ROUNDING_MS + 1))
        tracks = self._lost.setdefault(said.stream_sid, {})
        holes = merged((*tracks.get(said.track, ()), hole))
        if len(holes) > MAX_LOST:
            holes = (*holes[:-2], Interval(holes[-2].start_ms, holes[-1].end_ms))
        tracks[said.track] = holes

    def _honest(self, stream: MediaStream) -> MediaStream:
        """Return *stream* with holes where its words were given up."""
        lost = self._lost.get(stream.sid)
        if lost is None:
            return stream
        coverage = tuple(each.without(lost.get(each.track, ())) for each in stream.coverage)
        trouble = "; ".join(filter(None, (stream.trouble, UNWRITTEN)))
        return replace(stream, coverage=coverage, trouble=trouble)

    async def _gather(self) -> None:
        try:
            async with asyncio.timeout(self._gather_s):
                await self._urgent.wait()
        except TimeoutError:
            return


def _sids(refused: Sequence[MediaStream | Utterance]) -> set[StreamSid]:
    """Return the streams whose words are among *refused*."""
    return {each.stream_sid for each in refused if isinstance(each, Utterance)}
