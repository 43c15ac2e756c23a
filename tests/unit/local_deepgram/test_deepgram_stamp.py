"""The deterministic recogniser: every 100 ms that is not as it was written shows."""

import io
import time

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from local.deepgram.audio import MULAW_TO_LINEAR
from local.deepgram.recogniser import Pcm
from local.deepgram.stamp import BLOCK_BYTES, DAMAGED, StampedRecogniser, stamp, word
from tests.unit.local_deepgram.line import SILENCE, listen

RECOGNISER = StampedRecogniser()
Timed = list[tuple[str, float, float]]


def linear(audio: bytes) -> Pcm:
    return MULAW_TO_LINEAR[np.frombuffer(audio, np.uint8)]


def cut(audio: bytes, lengths: list[int]) -> list[Pcm]:
    """Cut *audio* into chunks of these lengths, again and again."""
    chunks: list[Pcm] = []
    at = 0
    while at < len(audio):
        length = lengths[len(chunks) % len(lengths)]
        chunks.append(linear(audio[at : at + length]))
        at += length
    return chunks


def expected(first: int, count: int, from_ms: float) -> Timed:
    return [(word(first + n), from_ms + 100 * n, from_ms + 100 * n + 100) for n in range(count)]


def is_contiguous(windows: list[tuple[int, int]], total: int) -> bool:
    edges = [0, *(end for _, end in windows)]
    return [start for start, _ in windows] == edges[:-1] and edges[-1] == total


some_bytes = st.integers(0, 12_000)
chunkings = st.lists(st.integers(1, 4_000), min_size=1, max_size=8)


@given(lead=some_bytes, count=st.integers(1, 130), gap=some_bytes, more=st.integers(0, 30), lengths=chunkings)
def test_each_block_is_heard_once_at_its_time_whatever_the_chunks_and_the_alignment(
    lead: int, count: int, gap: int, more: int, lengths: list[int]
) -> None:
    audio = SILENCE * lead + stamp(7, count) + SILENCE * gap + stamp(7 + count, more)
    heard = listen(RECOGNISER, cut(audio, lengths))
    assert heard.words == [
        *expected(7, count, lead / 8),
        *expected(7 + count, more, (lead + gap) / 8 + 100 * count),
    ]
    assert is_contiguous(heard.windows, len(audio))


@given(st.integers(0, 40), chunkings, st.integers(0, 30))
def test_a_finalize_in_the_middle_of_a_block_neither_loses_nor_repeats_it(
    count: int, lengths: list[int], after: int
) -> None:
    audio = SILENCE * 1_234 + stamp(0, count) + SILENCE * 900
    heard = listen(RECOGNISER, cut(audio, lengths), finalize_after=after)
    assert heard.words == expected(0, count, 1_234 / 8)
    assert is_contiguous(heard.windows, len(audio))


@given(st.integers(1, 20), st.data())
def test_a_lost_block_is_a_missing_word_and_moves_those_behind_it(count: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, count - 1))
    heard = listen(RECOGNISER, [linear(stamp(0, lost) + stamp(lost + 1, count - lost - 1))])
    assert heard.words == [*expected(0, lost, 0), *expected(lost + 1, count - lost - 1, 100 * lost)]


@given(st.integers(1, 20), st.data())
def test_a_block_replaced_by_silence_is_a_missing_word_and_moves_none(count: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, count - 1))
    audio = stamp(0, lost) + SILENCE * BLOCK_BYTES + stamp(lost + 1, count - lost - 1)
    assert listen(RECOGNISER, [linear(audio)]).words == [
        timed for timed in expected(0, count, 0) if timed[0] != word(lost)
    ]


@given(st.integers(1, 20), st.data())
def test_a_repeated_block_is_a_repeated_word(count: int, data: st.DataObject) -> None:
    repeated = data.draw(st.integers(0, count - 1))
    audio = stamp(0, repeated + 1) + stamp(repeated, count - repeated)
    assert listen(RECOGNISER, [linear(audio)]).words == [
        *expected(0, repeated + 1, 0),
        *expected(repeated, count - repeated, 100 * (repeated + 1)),
    ]


@given(st.integers(0, 3 * BLOCK_BYTES - 1), st.integers(1, BLOCK_BYTES - 1), chunkings)
def test_audio_lost_within_blocks_is_a_wrong_word(at: int, lost: int, lengths: list[int]) -> None:
    audio = stamp(0, 4)
    heard = listen(RECOGNISER, cut(audio[:at] + audio[at + lost :], lengths)).words
    touched = {word(block) for block in range(at // BLOCK_BYTES, (at + lost - 1) // BLOCK_BYTES + 1)}
    assert not touched & {name for name, _, _ in heard}
    assert DAMAGED in {name for name, _, _ in heard}


@given(st.integers(0, 4 * BLOCK_BYTES - 1), st.integers(0, 255))
def test_one_changed_byte_is_a_wrong_word(at: int, code: int) -> None:
    audio = bytearray(stamp(0, 4))
    if MULAW_TO_LINEAR[audio[at]] == MULAW_TO_LINEAR[code]:
        return
    audio[at] = code
    heard = [name for name, _, _ in listen(RECOGNISER, [linear(bytes(audio))]).words]
    assert word(at // BLOCK_BYTES) not in heard
    assert DAMAGED in heard


@given(st.integers(1, BLOCK_BYTES - 1))
def test_a_block_cut_off_by_the_end_is_a_wrong_word(kept: int) -> None:
    heard = listen(RECOGNISER, [linear(stamp(0, 1) + stamp(1, 1)[:kept])])
    assert heard.words == [*expected(0, 1, 0), (DAMAGED, 100, 100 + kept / 8)]


@given(st.binary(max_size=3_000))
def test_any_sound_at_all_is_taken_without_an_error(audio: bytes) -> None:
    heard = listen(RECOGNISER, [linear(audio)])
    assert {name for name, _, _ in heard.words} <= {DAMAGED}


def test_stamped_audio_survives_a_16_bit_wav_file_exactly() -> None:
    file = io.BytesIO()
    soundfile.write(file, linear(stamp(95_000, 50)), 8_000, format="WAV", subtype="PCM_16")
    file.seek(0)
    samples, _ = soundfile.read(file, dtype="int16")
    assert listen(RECOGNISER, [samples]).words == expected(95_000, 50, 0)


def test_neighbouring_numbers_share_no_audio() -> None:
    assert len({stamp(number, 1) for number in range(500)}) == 500
    assert b"\xff" not in stamp(0, 500)
    assert b"\x7f" not in stamp(0, 500)


@pytest.mark.parametrize("number", [-1, 100_000])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="block number"):
        stamp(number, 1)


def test_it_reads_a_hundred_times_faster_than_it_plays() -> None:
    chunks = cut(stamp(0, 1_200), [160])
    begun = time.process_time()
    listen(RECOGNISER, chunks)
    assert time.process_time() - begun < 120 / 100
