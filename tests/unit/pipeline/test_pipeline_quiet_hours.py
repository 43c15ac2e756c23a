"""In quiet hours nobody is woken, and nothing else waits."""

from dataclasses import replace
from datetime import time, timedelta

from telephony.metrics import Metric
from telephony.quiet_hours import QuietHours
from telephony.telling import Telling
from tests import examples
from tests.unit.pipeline.world import ALL_WELL, World

LUNCH = replace(examples.MAILBOX, telling=Telling(quiet_hours=QuietHours(time(12), time(13))))
AT_ONE = examples.NOON + timedelta(hours=1)


def _called(world: World) -> None:
    world.has_call(mailbox=LUNCH)
    world.has_transcript(examples.utterance("Please call back."))
    world.has_recording()


def test_the_archive_is_whole_at_once_and_sms_comes_when_quiet_hours_are_over(world: World) -> None:
    _called(world)

    assert world.wake() == ALL_WELL

    assert world.texter.sent == []
    assert len(world.bulletin.published) == 1
    assert world.recording().stored_key is not None
    assert world.follow_ups.scheduled == [], "the sweeper looks after it until then"
    world.clock.advance(AT_ONE - timedelta(minutes=10) - world.clock.now())
    world.sweep()
    assert (examples.CALL_SID, timedelta(minutes=10)) in world.follow_ups.scheduled
    world.clock.advance(timedelta(minutes=10))
    world.run()
    assert [sms.to for sms in world.texter.sent] == [examples.OWNER]
    assert world.is_closed()


def test_a_message_that_was_held_back_is_no_slow_one(world: World) -> None:
    _called(world)
    world.wake()
    world.clock.advance(AT_ONE - world.clock.now())

    world.wake()

    assert world.meter.total(Metric.TOLD_AFTER_MS) == 0
    assert world.meter.total(Metric.MESSAGE_SENT) == 2


def test_a_sweep_in_quiet_hours_finds_nobody_untold(world: World) -> None:
    _called(world)
    world.wake()
    world.clock.advance(timedelta(minutes=20))

    world.sweep()

    assert world.meter.total(Metric.OLDEST_UNTOLD_MS) == 0
    assert not world.is_closed()
