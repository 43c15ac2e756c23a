"""A file that was imported is put in writing as it is, and what is told of it is what Deepgram heard."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from telephony.errors import TelephonyError, UpstreamError, WireError
from telephony.metrics import Metric
from telephony.recordings import RecordedWord, SoundFormat, audio_key
from telephony.repairs import LEASE, RepairState
from telephony.transcripts import Rung
from telephony.wire.wav import Sound
from tests import examples, sounds
from tests.fakes.audio import MemoryAudio
from tests.unit.pipeline.bicycle import RECORDING_MS, SAID, heard, repair_of, sound, transcript_of
from tests.unit.pipeline.world import ALL_WELL, World

MP4 = sounds.FTYP + sounds.moov(RECORDING_MS)
KEY = audio_key(examples.CALL_SID, examples.RECORDING_SID, examples.MAILBOX.id, SoundFormat.MP4)


def _imported(world: World, file: bytes = MP4, *, says_ms: int = RECORDING_MS) -> None:
    world.table.directory.put(examples.MAILBOX, ())
    world.audio.put(KEY, file, SoundFormat.MP4.content_type)
    reported = replace(examples.RECORDING, reported_at=world.clock.now(), duration_ms=says_ms, stored_key=KEY)
    world.table.recordings.report(reported)
    world.table.calls.begin(replace(examples.ENDED_CALL, is_imported=True), None)
    for _ in range(3):
        assert world.wake() == ALL_WELL


def _says_all(_: bytes) -> Sequence[RecordedWord]:
    return heard(sound().as_wav())


def test_a_file_that_was_imported_is_put_in_writing_as_it_is(world: World) -> None:
    sent = []

    def hears(file: bytes) -> Sequence[RecordedWord]:
        sent.append(file)
        return _says_all(file)

    world.transcriber.hears = hears
    _imported(world)

    transcript = transcript_of(world)
    assert sent == [MP4]
    assert (transcript.text.split(), transcript.is_complete, transcript.rung) == (SAID, True, Rung.BACKFILLED)
    assert (repair_of(world).offset_ms, repair_of(world).recording_ms) == (0, RECORDING_MS)
    assert world.meter.total(Metric.REPAIRED_MS) == RECORDING_MS
    assert " ".join(SAID) in world.texter.sent[0].text


def test_a_file_of_which_less_is_heard_than_it_says_lacks_its_end(world: World) -> None:
    world.transcriber.hears = _says_all
    _imported(world, says_ms=RECORDING_MS + 60_000)

    transcript = transcript_of(world)
    assert (transcript.text.split(), transcript.is_complete) == (SAID, False)
    assert repair_of(world).recording_ms == RECORDING_MS + 60_000


def test_a_file_of_which_more_is_heard_than_it_says_loses_no_word(world: World) -> None:
    world.transcriber.hears = _says_all
    _imported(world, says_ms=1_000)

    transcript = transcript_of(world)
    assert (transcript.text.split(), transcript.is_complete) == (SAID, True)


@pytest.mark.parametrize(
    ("file", "refusals", "trouble"),
    [
        (Sound(b"").as_wav(), [], "there is no sound in it"),
        (MP4, [WireError("the sound is not taken for sound")], "the sound is not taken for sound"),
        (MP4, [UpstreamError("deepgram", "402", retryable=False)], "deepgram 402"),
    ],
)
def test_a_file_of_which_nothing_comes_is_given_up_with_the_reason(
    world: World, file: bytes, refusals: list[TelephonyError], trouble: str
) -> None:
    world.transcriber.refusals = refusals
    _imported(world, file)

    assert (repair_of(world).state, repair_of(world).trouble) == (RepairState.FAILED, trouble)
    assert transcript_of(world).utterances == ()


def test_a_file_that_took_too_long_to_be_read_is_not_sent_any_more(world: World) -> None:
    class SlowAudio(MemoryAudio):
        def get(self, key: str) -> bytes:
            world.clock.advance(LEASE)
            return super().get(key)

    world.audio = SlowAudio()
    _imported(world)

    assert (repair_of(world).trouble, world.transcriber.asked_ms) == ("deepgram TooSlow", [])
