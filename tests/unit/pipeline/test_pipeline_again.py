"""A message that is asked for again is sent once more, and no more than once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.aws.table import wakes_pipeline
from telephony.deliveries import LEASE, TRYING, Channel, DeliveryId, DeliveryState
from telephony.errors import UpstreamError
from telephony.hooks import EVENT_ID_HEADER, Hook, HookId
from telephony.numbers import E164
from telephony.telling import Telling
from tests import examples
from tests.unit.pipeline.world import World

SMS = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
EMAIL = DeliveryId(examples.CALL_SID, Channel.EMAIL, examples.MAILBOX.id)
HOOK = DeliveryId(examples.CALL_SID, Channel.WEBHOOK, "crm:voicemail.completed")
A_WEEK = timedelta(days=7)


@pytest.fixture
def told(world: World) -> World:
    """A world in which everybody was told a week ago."""
    world.texter.clock = world.clock
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.has_recording()
    world.run()
    world.clock.advance(A_WEEK)
    return world


def test_the_wish_wakes_the_pipeline() -> None:
    assert wakes_pipeline({"kind": {"S": "DELIVERY"}, "state": {"S": DeliveryState.AGAIN.value}})


def test_what_was_sent_is_sent_once_more_and_nothing_else(told: World) -> None:
    told.table.deliveries.ask_again(SMS, told.clock.now())

    told.run()

    first, second = told.texter.sent
    assert (second.to, second.text) == (first.to, first.text)
    assert told.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT
    assert told.delivery(Channel.SMS, examples.OWNER).reference == f"SM{2:032}"
    assert len(told.bulletin.published) == 1


def test_whom_the_mailbox_tells_only_since_hears_nothing_of_calls_of_before(told: World) -> None:
    newcomers = (examples.OWNER, E164("+15005550101"))
    telling = Telling(hooks=(Hook(HookId("crm"), "https://crm.example/"),))
    told.table.directory.put(replace(examples.MAILBOX, sms_recipients=newcomers, telling=telling), ())

    told.run()  # such as for a mark, or when the call is indexed again

    assert (len(told.texter.sent), len(told.bulletin.published), told.hook_poster.posted) == (1, 1, [])
    told.table.deliveries.ask_again(SMS, told.clock.now())
    told.run()
    assert [each.to for each in told.texter.sent] == [examples.OWNER] * 2
    assert told.hook_poster.posted == []


def test_each_wish_is_met(told: World) -> None:
    for _ in range(2):
        told.table.deliveries.ask_again(EMAIL, told.clock.now())
        told.run()

    assert len(told.bulletin.published) == 3


def test_a_process_that_died_after_sending_it_again_leaves_nothing_to_send(told: World) -> None:
    told.table.deliveries.ask_again(SMS, told.clock.now())
    told.table.deliveries.claim(SMS, told.clock.now())
    told.texter.send(examples.OWNER, examples.NUMBER, told.texter.sent[0].text)
    told.clock.advance(LEASE)

    told.run()

    assert len(told.texter.sent) == 2
    assert told.delivery(Channel.SMS, examples.OWNER).reference == f"SM{2:032}"


def test_a_process_that_died_before_sending_it_again_has_another_send_it(told: World) -> None:
    told.table.deliveries.ask_again(SMS, told.clock.now())
    told.table.deliveries.claim(SMS, told.clock.now())
    told.clock.advance(LEASE)

    told.run()

    assert len(told.texter.sent) == 2


def test_a_wish_that_cannot_be_met_fails_and_can_be_asked_again(told: World) -> None:
    assert A_WEEK > TRYING
    told.texter.refusals = [UpstreamError("twilio", "503", retryable=True)] * 10
    told.table.deliveries.ask_again(SMS, told.clock.now())
    told.wake()
    failed = told.delivery(Channel.SMS, examples.OWNER)
    assert (failed.state, failed.trouble) == (DeliveryState.FAILED, "503")

    told.texter.refusals = []
    told.table.deliveries.ask_again(SMS, told.clock.now())
    told.run()

    assert told.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT


def test_a_program_is_told_again_of_the_same_event_and_of_nothing_else(world: World) -> None:
    telling = Telling(hooks=(Hook(HookId("crm"), "https://crm.example/hook"),))
    world.has_call(mailbox=replace(examples.MAILBOX, telling=telling))
    world.has_transcript(examples.utterance("Hello."))
    world.has_recording()
    world.run()
    world.clock.advance(A_WEEK)

    world.table.deliveries.ask_again(HOOK, world.clock.now())
    world.run()

    first, second = world.hook_poster.posted
    assert (second.url, second.body) == (first.url, first.body)
    assert second.headers[EVENT_ID_HEADER] == first.headers[EVENT_ID_HEADER]
    assert world.delivery(Channel.WEBHOOK, HOOK.recipient).state is DeliveryState.SENT
    assert (len(world.texter.sent), len(world.bulletin.published)) == (1, 1)
