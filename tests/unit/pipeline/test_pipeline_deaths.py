"""Wherever the pipeline dies: each is told once, each recording is kept, and the call comes to its end."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from functions.pipeline.follow import Follower
from functions.pipeline.ports import PipelinePorts
from functions.pipeline.sweeping import Sweeper
from functions.pipeline.wakes import Waker
from telephony.calls import CallSid, CallStatus
from telephony.deliveries import Channel, DeliveryState
from telephony.events import CallFound, RecordingReported
from telephony.recordings import RecordingStatus
from telephony.streams import StreamState
from tests import examples
from tests.unit.pipeline.world import SWEEPS, World, record

IMMORTAL = {"clock", "meter", "public_origin", "sleep"}
RECIPIENTS = (examples.OWNER, examples.DEPUTY)
STEP = timedelta(seconds=30)
LONG = timedelta(hours=1)
SWEEP_EVERY = timedelta(minutes=5)
OPEN = replace(examples.ended_stream(), state=StreamState.OPEN, end=None, ended_at=None)


class Death(BaseException):
    """The process is gone: nothing catches this, as nothing catches a kill."""


@dataclass
class Fate:
    """Lets the process die at one call of a port.

    Attributes:
        dies_at: which call, counted from 1; 0 for none.
        is_done_first: whether what was asked for is done before the death, or not at all.
    """

    dies_at: int
    is_done_first: bool
    calls: int = 0
    died_in: str = ""

    def around(self, name: str, method: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401 - any port
        self.calls += 1
        if self.calls != self.dies_at:
            return method(*args, **named)
        self.died_in = name
        if self.is_done_first:
            method(*args, **named)
        raise Death


class Mortal:
    """A port in whose methods one may die."""

    def __init__(self, name: str, port: object, fate: Fate) -> None:
        self._name = name
        self._port = port
        self._fate = fate

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - any port
            return self._fate.around(f"{self._name}.{method}", getattr(self._port, method), *args, **named)

        return call


def _mortal(ports: PipelinePorts, fate: Fate) -> PipelinePorts:
    names = [each.name for each in fields(ports) if each.name not in IMMORTAL]
    stand_ins: dict[str, Any] = {name: Mortal(name, getattr(ports, name), fate) for name in names}
    return replace(ports, **stand_ins)


def _complete(world: World) -> None:
    world.has_call(mailbox=replace(examples.MAILBOX, sms_recipients=RECIPIENTS))
    world.has_transcript(examples.utterance("Please call me back."))
    world.has_recording()


def _reports_lost(world: World) -> None:
    """Of a call whose streamer, status and recording callbacks were all lost."""
    world.has_call(is_over=False, mailbox=replace(examples.MAILBOX, sms_recipients=RECIPIENTS))
    world.has_transcript(examples.utterance("Please call"), stream=OPEN)
    made = RecordingReported(examples.CALL_SID, examples.RECORDING_SID, RecordingStatus.COMPLETED, 12_000)
    world.twilio_calls.made = [made]
    world.twilio_calls.found[CallSid(examples.CALL_SID)] = CallFound(CallStatus.COMPLETED, examples.ENDED_AT, 30)
    world.source.sound[examples.RECORDING_SID] = b"RIFF"


def _missed(world: World) -> None:
    world.has_call(mailbox=replace(examples.MAILBOX, sms_recipients=RECIPIENTS))
    absent = replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0)
    world.has_recording(absent, sound=None)


SCENES = [_complete, _reports_lost, _missed]


def _live(world: World, fate: Fate, *, has_stream: bool) -> None:
    """Let an hour pass in which the process dies once, at its fate's call, and another takes its place.

    The table's stream wakes the pipeline if *has_stream*; what failed or died is handed out again, as Lambda does.
    Follow-ups come when they are due; the sweeper comes every five minutes.
    """
    world.texter.clock = world.clock
    ports = _mortal(world.ports(), fate)
    follower = Follower(ports)
    waker, sweeper = Waker(follower.follow), Sweeper(ports, follower, SWEEPS)
    end = world.clock.now() + LONG
    due = [world.clock.now()]
    for turn in count(1):
        if world.clock.now() >= end:
            return
        runs: list[Callable[[], object]] = []
        if has_stream and turn < 8:  # what was written wakes, and so does what is handed out again
            runs.append(lambda: waker.on_table_change({"Records": [record()]}))
        if has_stream and any(at <= world.clock.now() for at in due):
            due = [at for at in due if at > world.clock.now()]
            runs.append(lambda: follower.follow(CallSid(examples.CALL_SID)))
        if turn % (SWEEP_EVERY // STEP) == 0:
            runs.append(sweeper.sweep)
        for run in runs:
            _until_death(run)
        due += [world.clock.now() + delay for _, delay in world.follow_ups.scheduled]
        world.follow_ups.scheduled.clear()
        world.clock.advance(STEP)


def _until_death(run: Callable[[], object]) -> None:
    try:
        run()
    except Death:
        return


@pytest.mark.parametrize("has_stream", [True, False])
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("is_done_first", [True, False])
def test_wherever_the_pipeline_dies_each_is_told_once_and_the_call_comes_to_its_end(
    scene: Callable[[World], None], *, is_done_first: bool, has_stream: bool
) -> None:
    deaths = []
    for dies_at in count(1):
        world, fate = World(), Fate(dies_at, is_done_first)
        scene(world)
        _live(world, fate, has_stream=has_stream)
        where = f"died in {fate.died_in}"
        told = [sms.to for sms in world.texter.sent]
        assert sorted(told) == sorted(RECIPIENTS), where
        twice_is_allowed = fate.died_in == "bulletin.publish" and is_done_first
        twice_is_allowed |= fate.died_in == "deliveries.finish" and not is_done_first
        assert len(world.bulletin.published) in ({1, 2} if twice_is_allowed else {1}), where
        assert all(
            world.delivery(*each).state is DeliveryState.SENT
            for each in [(Channel.SMS, examples.OWNER), (Channel.SMS, examples.DEPUTY), (Channel.EMAIL, "front-desk")]
        ), where
        for recording in world.table.state.recordings.values():
            assert recording.is_settled, where
            assert recording.status is RecordingStatus.ABSENT or recording.stored_key is not None, where
        assert world.is_closed(), where
        assert world.table.calls.facts(CallSid(examples.CALL_SID)).open_streams == (), where
        if not fate.died_in:
            break
        deaths.append(fate.died_in)
    assert {"deliveries.claim", "texter.send", "bulletin.publish", "deliveries.finish", "calls.close"} <= set(deaths)
