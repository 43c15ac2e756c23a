"""An attempt at a repair may meet another, die, or take too long: its words come once all the same."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from telephony.coverage import Interval
from telephony.errors import UpstreamError
from telephony.recordings import RecordedWord
from telephony.repairs import BACKOFF, LAST_REQUEST, LEASE, Repair, RepairState
from telephony.transcripts import Utterance
from tests.fakes.repairs import MemoryRepairs
from tests.fakes.state import State
from tests.unit.pipeline.bicycle import (
    BICYCLE,
    SAID,
    TONE_MS,
    WORD_MS,
    heard,
    leaves_message,
    live,
    repair_of,
    stream,
    transcript_of,
)
from tests.unit.pipeline.world import ALL_WELL, World


class _Meeting(MemoryRepairs):
    """Attempts that two processes come to at the same time."""

    def __init__(self, state: State, barrier: threading.Barrier) -> None:
        super().__init__(state)
        self._barrier = barrier

    def begin(self, attempt: Repair) -> None:
        self._barrier.wait(10)
        super().begin(attempt)


def test_two_processes_at_once_repair_once(world: World) -> None:
    leaves_message(world)
    world.table.repairs = _Meeting(world.table.state, threading.Barrier(2))

    world.wake_twice_at_once()

    assert len(world.transcriber.asked_ms) == 1
    assert transcript_of(world).text.split() == SAID


class _Dies(MemoryRepairs):
    """A table under a process that dies between an attempt's words and its outcome."""

    def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
        self._state.repaired.update({(said.call_sid, said.repaired_by, said.start_ms): said for said in utterances})
        raise UpstreamError("dynamodb", "gone", retryable=False)


def test_an_attempt_that_died_is_made_again_after_its_lease_and_leaves_no_word_twice(world: World) -> None:
    world.has_transcript(live(0, 10), live(13), stream=stream(BICYCLE))
    leaves_message(world)
    alive, world.table.repairs = world.table.repairs, _Dies(world.table.state)
    assert world.wake() != ALL_WELL
    world.table.repairs = alive

    world.wake()
    assert repair_of(world).attempts == 1, "while the lease lasts nobody else begins"
    assert "bicycle" not in transcript_of(world).text
    world.clock.advance(LEASE)
    world.wake()

    assert transcript_of(world).text.split() == SAID
    assert repair_of(world).attempts == 2


def test_an_attempt_that_is_too_slow_gives_up_before_its_lease_ends_and_another_one_goes_on(world: World) -> None:
    second = Interval(TONE_MS + WORD_MS, TONE_MS + 2 * WORD_MS)
    world.has_transcript(live(0, 1), live(2, 10), live(13), stream=stream(second, BICYCLE))
    leaves_message(world)

    def hear_slowly(audio: bytes) -> Sequence[RecordedWord]:
        world.clock.advance(LEASE - LAST_REQUEST + timedelta(seconds=1))
        return heard(audio)

    world.transcriber.hears = hear_slowly
    world.wake()
    repair = repair_of(world)
    assert (repair.state, repair.attempts, repair.trouble) == (RepairState.WAITING, 1, "deepgram TooSlow")
    assert repair.retry_at == world.clock.now() + BACKOFF[0]
    assert len(world.transcriber.asked_ms) == 1

    world.transcriber.hears = heard
    world.clock.advance(BACKOFF[0])
    world.wake()
    assert transcript_of(world).text.split() == SAID


def test_an_attempt_that_outlasted_its_lease_does_not_overwrite_the_next_one(world: World) -> None:
    leaves_message(world)

    class Overtaken(MemoryRepairs):
        def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
            self.begin(replace(attempt, state=RepairState.TRYING, attempts=attempt.attempts + 1))
            super().finish(attempt, utterances)

    world.table.repairs = Overtaken(world.table.state)

    assert world.wake() == ALL_WELL

    assert (repair_of(world).state, repair_of(world).attempts) == (RepairState.TRYING, 2)
    assert transcript_of(world).text == ""
