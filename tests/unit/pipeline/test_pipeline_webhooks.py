"""Programs are told of each event once, signed, and again if they could not take it."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from telephony.deliveries import LEASE, TRYING, Channel, Delivery, DeliveryState
from telephony.digests import Digest
from telephony.errors import UpstreamError
from telephony.hooks import Hook, HookId, signature
from telephony.mailboxes import Mailbox
from telephony.metrics import Metric
from telephony.quiet_hours import QuietHours
from telephony.recordings import RecordingStatus
from telephony.repairs import Repair, RepairState
from telephony.telling import Telling
from tests import examples
from tests.unit.pipeline.world import ALL_WELL, World

CRM = Hook(HookId("crm"), "https://crm.example/hook")
DESK = Hook(HookId("desk"), "https://desk.example/")
DOWN = UpstreamError("webhook", "503", retryable=True)
GONE = UpstreamError("webhook", "410", retryable=False)


def _mailbox(*hooks: Hook, **telling: object) -> Mailbox:
    wanted = Telling(hooks=hooks, **telling)  # type: ignore[arg-type] # a test's own fields
    return replace(examples.MAILBOX, sms_recipients=(), email_recipients=(), telling=wanted)


def _called(world: World, *hooks: Hook, **telling: object) -> None:
    world.has_call(mailbox=_mailbox(*(hooks or (CRM,)), **telling))
    world.has_transcript(examples.utterance("Please call back."))


def _delivery(world: World, name: str = "crm:voicemail.completed") -> Delivery:
    return world.delivery(Channel.WEBHOOK, name)


def _repair(now: datetime, *, is_done: bool = False) -> Repair:
    """Return the first attempt at a repair, which found nothing more."""
    state = RepairState.DONE if is_done else RepairState.TRYING
    return Repair(examples.RECORDING_SID, examples.CALL_SID, state, 1, retry_at=None if is_done else now)


def test_an_event_is_posted_signed_and_named(world: World) -> None:
    _called(world)

    assert world.wake() == ALL_WELL

    [posted] = world.hook_poster.posted
    secrets = world.table.hook_secrets.valid(examples.MAILBOX.id, CRM.id, world.clock.now())
    token = world.table.links.link(examples.CALL_SID, timedelta(days=30), world.clock.now())
    assert posted.url == CRM.url
    assert posted.headers == {
        "Ringscribe-Signature": signature(secrets, world.clock.now(), posted.body),
        "Ringscribe-Event-Id": f"{examples.CALL_SID}:voicemail.completed",
    }
    event = json.loads(posted.body)
    assert event["id"] == posted.headers["Ringscribe-Event-Id"]
    assert event["message"]["text"] == "Please call back."
    assert event["message"]["audio_url"] == f"https://calls.example/api/listen/{token}"
    assert _delivery(world).state is DeliveryState.SENT


def test_while_a_secret_takes_anothers_place_an_event_is_signed_with_both(world: World) -> None:
    old = world.table.hook_secrets.issue(examples.MAILBOX.id, CRM.id)
    new = world.table.hook_secrets.rotate(examples.MAILBOX.id, CRM.id, now=world.clock.now(), keep=timedelta(hours=1))
    _called(world)

    world.wake()

    [posted] = world.hook_poster.posted
    now = world.clock.now()
    stamp, *ours = posted.headers["Ringscribe-Signature"].split(",")
    assert [f"{stamp},{each}" for each in ours] == [signature([each], now, posted.body) for each in (new, old)]


def test_waking_again_and_again_posts_once(world: World) -> None:
    _called(world, CRM, DESK)

    for _ in range(5):
        world.wake()

    assert [posted.url for posted in world.hook_poster.posted] == [CRM.url, DESK.url]


def test_a_missed_call_is_posted_as_such(world: World) -> None:
    world.has_call(mailbox=_mailbox(CRM))
    world.has_recording(replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0), sound=None)

    world.wake()

    assert [json.loads(posted.body)["type"] for posted in world.hook_poster.posted] == ["call.missed"]
    assert _delivery(world, "crm:call.missed").state is DeliveryState.SENT


def test_a_program_that_is_down_is_told_later_with_the_same_id(world: World) -> None:
    _called(world)
    world.hook_poster.refusals = [DOWN] * 3

    world.wake()

    assert (_delivery(world).state, _delivery(world).trouble) == (DeliveryState.CLAIMED, "503")
    assert (examples.CALL_SID, LEASE) in world.follow_ups.scheduled
    world.clock.advance(LEASE)
    world.wake()
    [posted] = world.hook_poster.posted
    assert posted.headers["Ringscribe-Event-Id"] == f"{examples.CALL_SID}:voicemail.completed"
    assert _delivery(world).state is DeliveryState.SENT


def test_a_program_that_stays_down_is_given_up_and_it_shows(world: World) -> None:
    _called(world)
    world.hook_poster.refusals = [DOWN] * 3
    world.wake()
    world.hook_poster.refusals = [DOWN] * 3
    world.clock.advance(TRYING)

    world.wake()

    assert (_delivery(world).state, _delivery(world).trouble) == (DeliveryState.FAILED, "503")
    assert world.meter.total(Metric.MESSAGE_FAILED) == 1


@pytest.mark.parametrize("refusal", [GONE, UpstreamError("webhook", "private-address", retryable=False)])
def test_a_program_that_must_not_be_asked_is_not_asked_again(world: World, refusal: UpstreamError) -> None:
    _called(world, CRM, DESK)
    world.hook_poster.refusals = [refusal]

    world.wake()
    world.clock.advance(LEASE)
    world.wake()

    assert (_delivery(world).state, _delivery(world).trouble) == (DeliveryState.FAILED, refusal.code)
    assert [posted.url for posted in world.hook_poster.posted] == [DESK.url], "the other one is told all the same"


@pytest.mark.parametrize(
    "telling",
    [
        {"quiet_hours": QuietHours(time(0), time(23), hold_email=True)},
        {"digest": Digest((time(18),))},
    ],
)
def test_programs_do_not_sleep(world: World, telling: dict[str, object]) -> None:
    _called(world, CRM, **telling)

    world.wake()

    assert len(world.hook_poster.posted) == 1


def test_a_better_text_is_posted_as_an_event_of_its_own(world: World) -> None:
    _called(world)
    world.wake()
    world.table.repairs.begin(_repair(world.clock.now()))
    world.table.repairs.finish(_repair(world.clock.now(), is_done=True), ())

    world.wake()
    world.wake()

    events = [json.loads(posted.body) for posted in world.hook_poster.posted]
    assert [event["type"] for event in events] == ["voicemail.completed", "transcript.repaired"]
    assert len({event["id"] for event in events}) == 2
    assert _delivery(world, "crm:transcript.repaired:1").state is DeliveryState.SENT


def test_a_delivery_to_a_webhook_that_was_taken_out_is_no_more_owed(world: World) -> None:
    _called(world)
    world.hook_poster.refusals = [DOWN] * 3
    world.wake()
    world.table.directory.put(_mailbox(), ())
    world.clock.advance(LEASE)

    assert world.wake() == ALL_WELL

    assert world.hook_poster.posted == []
