"""Wherever the pipeline dies while it sends a digest or posts to a program: each call is told, and by SMS once."""

from dataclasses import replace
from datetime import time
from itertools import count

import pytest

from telephony.calls import CallSid
from telephony.deliveries import DeliveryState
from telephony.digests import Digest
from telephony.hooks import Hook, HookId
from telephony.quiet_hours import QuietHours
from telephony.telling import Telling
from tests import examples
from tests.unit.pipeline.test_pipeline_deaths import Fate, _live
from tests.unit.pipeline.world import World

HOOK = Hook(HookId("crm"), "https://crm.example/")


def _scene(world: World, telling: Telling) -> None:
    world.has_call(mailbox=replace(examples.MAILBOX, telling=telling))
    world.has_transcript(examples.utterance("Please call me back."))
    world.has_recording()


TELLINGS = [
    Telling(digest=Digest((time(12, 15),), with_sms=True)),
    Telling(quiet_hours=QuietHours(time(12), time(12, 20), hold_email=True)),
    Telling(hooks=(HOOK,)),
]


@pytest.mark.parametrize("has_stream", [True, False])
@pytest.mark.parametrize("telling", TELLINGS)
@pytest.mark.parametrize("is_done_first", [True, False])
def test_wherever_the_pipeline_dies_a_call_is_told_and_by_sms_once(
    telling: Telling, *, is_done_first: bool, has_stream: bool
) -> None:
    deaths = set()
    for dies_at in count(1):
        world, fate = World(), Fate(dies_at, is_done_first)
        _scene(world, telling)
        _live(world, fate, has_stream=has_stream)
        where = f"died in {fate.died_in}"
        again = {1, 2} if _may_repeat(fate, is_done_first=is_done_first) else {1}
        assert [sms.to for sms in world.texter.sent] == [examples.OWNER], where
        assert len(world.bulletin.published) in again, where
        events = {posted.headers["Ringscribe-Event-Id"] for posted in world.hook_poster.posted}
        assert len(events) == len(telling.hooks), where
        assert all(each.state is DeliveryState.SENT for each in world.table.state.deliveries.values()), where
        assert world.is_closed(CallSid(examples.CALL_SID)), where
        if not fate.died_in:
            break
        deaths.add(fate.died_in)
    assert deaths >= {"deliveries.claim", "texter.send", "bulletin.publish", "deliveries.finish", *_own(telling)}


def _may_repeat(fate: Fate, *, is_done_first: bool) -> bool:
    """Tell whether an e-mail was published and nobody lived to write that down."""
    return (fate.died_in == "bulletin.publish" and is_done_first) or (
        fate.died_in == "deliveries.finish" and not is_done_first
    )


def _own(telling: Telling) -> set[str]:
    if telling.digest:
        return {"digests.enlist", "digests.claim", "digests.listed", "digests.finish"}
    return {"hook_secrets.valid", "hook_poster.post"} if telling.hooks else {"follow_ups.schedule"}
