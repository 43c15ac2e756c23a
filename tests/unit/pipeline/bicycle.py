"""A message about a red bicycle: its words as heard live, its recording, and what of it is transcribed."""

from collections.abc import Sequence
from dataclasses import replace

from telephony.coverage import Interval
from telephony.errors import UpstreamError
from telephony.recordings import RecordedWord
from telephony.repairs import Repair
from telephony.streams import MediaStream, StreamEnd
from telephony.transcripts import Transcript, Utterance
from telephony.wire.wav import Sound
from tests import examples
from tests.unit.pipeline.world import World

MESSAGE = "hi this is ada please call me back about the red bicycle before noon thanks a lot and good bye now"
SAID = MESSAGE.split()
WORD_MS = 500
RECORDING_MS = WORD_MS * len(SAID)
TONE_MS = 4_000
HANG_UP_MS = TONE_MS + RECORDING_MS
BUSY = UpstreamError("deepgram", "503", retryable=True)
BICYCLE = Interval(TONE_MS + 10 * WORD_MS, TONE_MS + 13 * WORD_MS)
"""Of the call: "red bicycle before"."""


def sound() -> Sound:
    """Return sound whose every millisecond says how many have gone before, so that a part of it can be placed."""
    return Sound(b"".join(at.to_bytes(2, "little") * 8 for at in range(RECORDING_MS)))


def heard(audio: bytes, leave_out: tuple[str, ...] = ()) -> Sequence[RecordedWord]:
    """Hear the words that are whole in a part of the sound, in the part's own time."""
    samples = audio[44:]
    start_ms = int.from_bytes(samples[:2], "little")
    length_ms = len(samples) // 16
    words = [RecordedWord(word, at * WORD_MS, at * WORD_MS + 400, 0.9) for at, word in enumerate(SAID)]
    return [
        replace(word, start_ms=word.start_ms - start_ms, end_ms=word.end_ms - start_ms)
        for word in words
        if start_ms <= word.start_ms and word.end_ms <= start_ms + length_ms and word.text not in leave_out
    ]


def live(first: int = 0, last: int = len(SAID), *, tone_ms: int = TONE_MS) -> Utterance:
    """Return words that were heard live, as one utterance."""
    said = examples.utterance(" ".join(SAID[first:last]))
    starts = [tone_ms + at * WORD_MS for at in range(first, last)]
    words = tuple(
        replace(word, start_ms=start, end_ms=start + 400) for word, start in zip(said.words, starts, strict=True)
    )
    return replace(said, words=words, start_ms=words[0].start_ms, end_ms=words[-1].end_ms)


def stream(*holes: Interval, received_ms: int = HANG_UP_MS, end: StreamEnd = StreamEnd.STOPPED) -> MediaStream:
    return examples.ended_stream(examples.coverage(received_ms, holes=holes), end=end)


def leaves_message(world: World) -> None:
    """Let the caller's recording be there; it is fetched with the first wake."""
    world.has_call()
    world.has_recording(
        replace(examples.RECORDING, reported_at=world.clock.now(), duration_ms=RECORDING_MS), sound().as_wav()
    )
    world.transcriber.hears = heard
    world.wake()


def transcript_of(world: World) -> Transcript:
    return world.table.transcripts.transcript(examples.CALL_SID)


def repair_of(world: World) -> Repair:
    (repair,) = transcript_of(world).repairs
    return repair
