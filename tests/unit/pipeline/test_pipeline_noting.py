"""What the pipeline writes down of a call for lists and sums."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.calls import CallStage, VoicemailKind
from telephony.errors import UpstreamError
from telephony.mailboxes import Mailbox
from telephony.recordings import RecordingStatus
from telephony.usage import DayUsage, Usage
from telephony.voicemail import PATIENCE
from tests import examples
from tests.unit.pipeline.world import ALL_WELL, World

TODAY = examples.NOON.date()


def _kind(world: World) -> VoicemailKind | None:
    return world.table.calls.get(examples.CALL_SID).kind


def test_what_the_caller_left_is_noted_once_people_are_told(world: World) -> None:
    world.has_call()
    world.wake()
    assert _kind(world) is None

    world.has_transcript(examples.utterance("Hello."))
    world.wake()

    assert _kind(world) is VoicemailKind.MESSAGE


def test_it_is_noted_where_nobody_is_told(world: World) -> None:
    world.has_call(mailbox=Mailbox(examples.MAILBOX.id, "Front desk"))
    world.has_transcript(examples.utterance("Hello."))
    world.wake()

    assert _kind(world) is VoicemailKind.MESSAGE


def test_what_comes_later_corrects_it(world: World) -> None:
    world.has_call()
    world.clock.advance(PATIENCE)
    world.wake()
    assert _kind(world) is VoicemailKind.MISSED

    world.has_recording(sound=None)
    world.wake()

    assert _kind(world) is VoicemailKind.UNREAD


def test_a_call_that_was_answered_left_nothing(world: World) -> None:
    world.has_call(stage=CallStage.ANSWERED)
    world.clock.advance(PATIENCE)
    world.wake()

    assert _kind(world) is None


def test_a_message_that_cannot_be_sent_is_noted_all_the_same(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.texter.refusals = [UpstreamError("twilio", "503", retryable=True)] * 10
    world.wake()

    assert _kind(world) is VoicemailKind.MESSAGE


@pytest.mark.parametrize("turns", [1, 3])
def test_a_call_is_counted_when_it_is_done_with_and_once(world: World, turns: int) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.has_recording(replace(examples.RECORDING, status=RecordingStatus.ABSENT), sound=None)
    world.wake()
    assert world.table.usage.days(examples.MAILBOX.id, TODAY, TODAY) == ()

    for _ in range(turns):
        world.run()

    assert world.is_closed()
    used = Usage(calls=1, received_ms=12_000, transcribed_ms=12_000, sent=2)
    assert world.table.usage.days(examples.MAILBOX.id, TODAY, TODAY) == (DayUsage(TODAY, used),)


def test_a_call_is_counted_on_the_day_on_which_it_began(world: World) -> None:
    late = replace(examples.CALL, started_at=examples.NOON.replace(hour=23, minute=59), ended_at=None)
    world.table.directory.put(replace(examples.MAILBOX, sms_recipients=(), email_recipients=()), ())
    world.table.calls.begin(replace(late, stage=CallStage.ANSWERED), None)
    world.table.calls.report(late.sid, examples.ENDED_CALL.status, late.started_at + timedelta(minutes=5), 300)
    world.clock.advance(timedelta(hours=13))

    world.run()

    assert world.table.usage.days(examples.MAILBOX.id, TODAY, TODAY) == (DayUsage(TODAY, Usage(calls=1)),)
    assert world.wake() == ALL_WELL
