"""Transcript: all that was said in a call, merged by time, and how good the text is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from telephony import pauses as pausing
from telephony.calls import CallSid
from telephony.coverage import ROUNDING_MS, Coverage, Interval, Track, merged
from telephony.ledger import Ledger
from telephony.pauses import Pause, Paused
from telephony.placing import joined, later, offsets_ms
from telephony.recordings import RecordingSid
from telephony.repairs import OffsetSource, Repair
from telephony.streams import NO_STREAM, MediaStream, StreamEnd, StreamSid, StreamState


class Rung(StrEnum):
    """How text was got, best first. A transcript is as good as the worst rung it needed."""

    LIVE = "live"
    REPLAYED = "replayed"
    BACKFILLED = "backfilled"
    PLACEHOLDER = "placeholder"

    @property
    def depth(self) -> int:
        """The rung's distance from the top of the ladder."""
        return list(Rung).index(self)


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word.

    Attributes:
        text: as it is shown, with its punctuation.
        start_ms: call time.
        confidence: 0 to 1, the recogniser's own.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """Final words of one track, in one go.

    Attributes:
        start_ms: call time at which its first word starts.
        end_ms: call time at which its last word ends.
        stream_sid: the stream whose sound it was; empty where it was none's, or it is not known.
        number: counts the utterances of one stream, from 1, so that no two of them are ever taken for one; else 0.
        repaired_by: the mark of the repair that got it from a recording; empty when it was got from a stream.
    """

    call_sid: CallSid
    track: Track
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    rung: Rung = Rung.LIVE
    repaired_by: str = ""
    stream_sid: StreamSid = NO_STREAM
    number: int = 0

    @property
    def text(self) -> str:
        """The words as a sentence."""
        return " ".join(word.text for word in self.words)

    def later(self, by_ms: int) -> "Utterance":
        """Return the same words, *by_ms* later."""
        if not by_ms:
            return self
        words = tuple(replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms) for word in self.words)
        return replace(self, start_ms=self.start_ms + by_ms, end_ms=self.end_ms + by_ms, words=words)

    def without(self, windows: Sequence[Interval]) -> "tuple[Utterance, ...]":
        """Return what is left of it where other words were put into *windows*: nothing, itself, or the parts between.

        A word is in a window if its middle is.
        """
        if not any(window.start_ms < self.end_ms and self.start_ms < window.end_ms for window in windows):
            return (self,)
        groups: dict[int, list[Word]] = {}
        for word in self.words:
            at_ms = (word.start_ms + word.end_ms) // 2
            if not any(window.start_ms <= at_ms < window.end_ms for window in windows):
                groups.setdefault(sum(window.end_ms <= at_ms for window in windows), []).append(word)
        return tuple(
            replace(self, start_ms=group[0].start_ms, end_ms=group[-1].end_ms, words=tuple(group))
            for group in groups.values()
        )


@dataclass(frozen=True, slots=True)
class Interim:
    """Text of one track that may still change; whoever shows it replaces what it showed before."""

    call_sid: CallSid
    track: Track
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """All utterances of a call in order of time.

    Attributes:
        coverage: one for each track that was heard; none when nothing was.
        is_ended: whether no more live text will come.
        is_cut_short: whether a stream went away before Twilio said stop, so that more may have been said.
        ended_at: when the last stream ended; None while one is open, and when there was none.
        streams: what the call's sound came by, in the order they started.
        repairs: what was done to get words from recordings, whatever came of it.
        ledger: how the sound reached us, one for each track of each stream, where it was kept.
        pauses: when somebody asked us not to listen, in order.
        paused: the same in call time; empty while there is no stream.
    """

    call_sid: CallSid
    utterances: tuple[Utterance, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    is_ended: bool = False
    is_cut_short: bool = False
    ended_at: datetime | None = None
    streams: tuple[MediaStream, ...] = ()
    repairs: tuple[Repair, ...] = ()
    ledger: tuple[Ledger, ...] = ()
    pauses: tuple[Pause, ...] = ()
    paused: tuple[Paused, ...] = ()

    @classmethod
    def assemble(
        cls,
        call_sid: CallSid,
        streams: Iterable[MediaStream],
        utterances: Iterable[Utterance],
        repairs: Iterable[Repair] = (),
        *,
        pauses: Iterable[Pause] = (),
        over_at: datetime | None = None,
    ) -> "Transcript":
        """Put together what the streams of a call and the repairs from its recordings left behind.

        A repair's windows have its words and no others. It ends the stream it repairs: what followed is in it too.
        Streams and repairs come in their own stream's time, and are put in that of the call; of what two streams have
        heard, the earlier one's words stand. What lies in a pause is left out, by whatever way it came. *over_at* is
        when the call was over, if it is.
        """
        all_streams, all_repairs, all_pauses = tuple(streams), tuple(repairs), tuple(pauses)
        paused = pausing.windows(all_pauses, all_streams, over_at)
        kept_out = tuple(each.window for each in paused)
        done = tuple(repair for repair in all_repairs if repair.is_done and is_valid(repair, all_streams))
        mended = {repair.stream_sid for repair in done}
        is_ended = bool(all_streams or done) and all(
            stream.state is StreamState.ENDED or stream.sid in mended for stream in all_streams
        )
        is_ended = is_ended and not pausing.is_awaiting(all_pauses, all_streams, over_at)
        ends = (stream.ended_at for stream in all_streams if is_ended and stream.ended_at is not None)
        starts = offsets_ms(all_streams)
        covered = [
            (starts[stream.sid], _repaired(coverage, stream, done))
            for stream in all_streams
            for coverage in stream.coverage
        ]
        placed = _placed(_standing(utterances, done), all_streams, done)
        standing = (part for said in placed for part in said.without(kept_out))
        tracks = (coverage.unheard_in(kept_out) for coverage in joined(covered))
        return cls(
            call_sid=call_sid,
            utterances=tuple(sorted(standing, key=lambda said: (said.start_ms, said.track))),
            coverage=(*tracks, *(_of_recording(repair) for repair in done if repair.stream_sid is None)),
            is_ended=is_ended,
            is_cut_short=not done and any(stream.end not in {None, StreamEnd.STOPPED} for stream in all_streams),
            ended_at=max(ends, default=None),
            streams=all_streams,
            repairs=all_repairs,
            ledger=tuple(ledger for stream in all_streams for ledger in stream.ledger),
            pauses=all_pauses,
            paused=paused,
        )

    @property
    def text(self) -> str:
        """Every word, in order of time."""
        return " ".join(utterance.text for utterance in self.utterances)

    @property
    def gaps(self) -> tuple[Interval, ...]:
        """The stretches of call time of which nothing is known, leaving out rounding errors; disjoint, in order."""
        return merged(
            gap
            for coverage in self.coverage
            for gap in (*coverage.holes, *coverage.missing)
            if gap.length_ms > ROUNDING_MS
        )

    def paused_of(self, stream: MediaStream | None) -> tuple[Interval, ...]:
        """Return the pauses in a stream's own time; none without a stream."""
        if stream is None:
            return ()
        by_ms = offsets_ms(self.streams)[stream.sid]
        starts = ((max(0, each.window.start_ms - by_ms), each.window.end_ms - by_ms) for each in self.paused)
        return tuple(Interval(start_ms, end_ms) for start_ms, end_ms in starts if end_ms > start_ms)

    @property
    def is_complete(self) -> bool:
        """Whether it has ended, was not cut short, and every millisecond of sound came back final."""
        return self.is_ended and not self.is_cut_short and all(coverage.is_complete for coverage in self.coverage)

    @property
    def rung(self) -> Rung:
        """The worst rung that any of the text needed; PLACEHOLDER when no sound became text at all."""
        if not any(coverage.transcribed for coverage in self.coverage):
            return Rung.PLACEHOLDER
        rungs = [Rung.LIVE, *(utterance.rung for utterance in self.utterances)]
        if any(repair.is_done and repair.windows and is_valid(repair, self.streams) for repair in self.repairs):
            rungs.append(Rung.BACKFILLED)  # the silence in a recording was got that way too
        return max(rungs, key=lambda rung: rung.depth)

    def of_track(self, track: Track) -> "Transcript":
        """Return what was said on one track, with that track's coverage, ledger and repairs."""
        return replace(
            self,
            utterances=tuple(said for said in self.utterances if said.track is track),
            coverage=tuple(each for each in self.coverage if each.track is track),
            repairs=tuple(each for each in self.repairs if each.track is track),
            ledger=tuple(each for each in self.ledger if each.track is track),
        )

    def repair_from(self, recording_sid: RecordingSid) -> Repair | None:
        """Return the repair from this recording that stands, or None."""
        done = (repair for repair in self.repairs if repair.is_done and is_valid(repair, self.streams))
        return next((repair for repair in done if repair.recording_sid == recording_sid), None)


def is_valid(repair: Repair, streams: Sequence[MediaStream]) -> bool:
    """Whether the call time of a repair is that of one of *streams*, as they are known now."""
    if repair.stream_sid is None:
        return not streams
    return any(stream.sid == repair.stream_sid for stream in streams)


def is_outdated(repair: Repair, streams: Sequence[MediaStream]) -> bool:
    """Whether *streams*, as they are known now, would have a repair that is done come out better.

    One that began before the streamer had written down its stream's end could only assume where the recording begins.
    """
    if not is_valid(repair, streams):
        return True
    return repair.offset_found_by is OffsetSource.ASSUMED and any(
        stream.sid == repair.stream_sid
        and stream.end is StreamEnd.STOPPED
        and any(each.track is repair.track and each.received_ms >= repair.recording_ms for each in stream.coverage)
        for stream in streams
    )


def _standing(utterances: Iterable[Utterance], done: Sequence[Repair]) -> Iterator[Utterance]:
    marks = {repair.mark for repair in done}
    for said in utterances:
        if not said.repaired_by:
            filled = [window for repair in done if _is_of(said, repair) for window in repair.windows]
            yield from said.without(filled)
        elif said.repaired_by in marks:
            yield said


def _placed(
    utterances: Iterable[Utterance], streams: Sequence[MediaStream], done: Sequence[Repair]
) -> Iterator[Utterance]:
    starts = offsets_ms(streams)
    mended = {repair.mark: repair.stream_sid for repair in done}
    for said in utterances:
        stream_sid = mended.get(said.repaired_by) or said.stream_sid
        start_ms = starts.get(stream_sid, 0)
        placed = said.later(start_ms)
        yield from (
            [placed] if said.repaired_by else placed.without(_heard_before(start_ms, said.track, streams, starts))
        )


def _heard_before(
    start_ms: int, track: Track, streams: Sequence[MediaStream], starts: Mapping[StreamSid, int]
) -> tuple[Interval, ...]:
    """Return what streams that started earlier have heard of a track, in call time."""
    return tuple(
        window
        for stream in streams
        if starts[stream.sid] < start_ms
        for coverage in stream.coverage
        if coverage.track is track
        for window in later(coverage.transcribed, starts[stream.sid])
    )


def _is_of(said: Utterance, repair: Repair) -> bool:
    return repair.track is said.track and said.stream_sid in {"", repair.stream_sid}


def _repaired(coverage: Coverage, stream: MediaStream, done: Sequence[Repair]) -> Coverage:
    for repair in done:
        if repair.stream_sid == stream.sid and repair.track is coverage.track:
            # A stream that was stopped went on for as long as its call; sound after it was never to come.
            is_whole = stream.end is StreamEnd.STOPPED
            end_ms = 0 if is_whole or repair.span is None else repair.span.end_ms
            coverage = coverage.repaired(repair.windows, end_ms)
    return coverage


def _of_recording(repair: Repair) -> Coverage:
    return Coverage(repair.track, repair.recording_ms, transcribed=repair.windows)
