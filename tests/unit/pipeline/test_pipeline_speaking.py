"""What mailboxes say is spoken and kept before anybody calls."""

from dataclasses import replace

import pytest

from functions.pipeline.follow import Follower
from functions.pipeline.speaking import Speaker
from functions.pipeline.wakes import Mailboxes, Waker
from telephony.consent import Consent
from telephony.errors import ConfigurationError, TelephonyError, UpstreamError, WireError
from telephony.metrics import Metric
from telephony.numbers import MailboxId
from telephony.phrases import Phrase
from tests import examples
from tests.unit.pipeline.world import ALL_WELL, World

VOICE = "aura-2-thalia-en"
MAILBOX = replace(examples.MAILBOX, voice=VOICE, consent=Consent("This call is recorded."))
GREETING = Phrase(MAILBOX.greeting, VOICE)


@pytest.fixture
def world() -> World:
    world = World()
    world.table.directory.put(MAILBOX, ())
    return world


def _changed(name: str = "MODIFY", kind: str = "CONFIG", noun: str = "MAILBOX") -> dict[str, object]:
    keys = {"pk": {"S": f"{noun}#{MAILBOX.id}"}, "sk": {"S": "CONFIG"}}
    change = {"Keys": keys, "NewImage": {**keys, "kind": {"S": kind}}, "SequenceNumber": "1"}
    return {"Records": [{"eventName": name, "dynamodb": change}]}


def _waker(world: World) -> Waker:
    mailboxes = Mailboxes(prepare=Speaker(world.ports()).prepare, queue=world.follow_ups.prepare)
    return Waker(Follower(world.ports()).follow, mailboxes=mailboxes)


def _unspoken(world: World) -> tuple[Phrase, ...]:
    return world.table.directory.mailbox(MAILBOX.id).unspoken


def test_each_phrase_is_spoken_once_and_kept_and_then_known_to_be(world: World) -> None:
    Speaker(world.ports()).prepare(MAILBOX.id)
    assert [phrase.text for phrase in world.speech.spoken] == [
        MAILBOX.greeting,
        "This call is recorded.",
        "Nothing was recorded. Goodbye.",
    ]
    assert world.audio.sound[GREETING.key] == f"{VOICE}: {MAILBOX.greeting}".encode()
    assert world.audio.content_types[GREETING.key] == "audio/wav"
    assert _unspoken(world) == ()
    Speaker(world.ports()).prepare(MAILBOX.id)
    assert len(world.speech.spoken) == 3


def test_sound_that_is_kept_for_another_mailbox_is_not_made_again(world: World) -> None:
    Speaker(world.ports()).prepare(MAILBOX.id)
    other = replace(MAILBOX, id=MailboxId("other"))
    world.table.directory.put(other, ())
    Speaker(world.ports()).prepare(other.id)
    assert len(world.speech.spoken) == 3
    assert world.table.directory.mailbox(other.id).unspoken == ()


def test_a_mailbox_without_a_voice_has_nothing_spoken(world: World) -> None:
    world.table.directory.put(examples.MAILBOX, ())
    Speaker(world.ports()).prepare(examples.MAILBOX.id)
    assert world.speech.spoken == []


def test_a_mailbox_that_is_gone_is_passed_over(world: World) -> None:
    Speaker(world.ports()).prepare(MailboxId("gone"))
    assert world.speech.spoken == []


@pytest.mark.parametrize(
    "failure",
    [WireError("no such voice"), UpstreamError("deepgram", "401", retryable=False), ConfigurationError("no key")],
)
def test_what_is_refused_for_good_is_said_by_twilio_and_does_not_stop_the_rest(
    world: World, failure: TelephonyError
) -> None:
    world.speech.refusals[MAILBOX.greeting] = failure
    Speaker(world.ports()).prepare(MAILBOX.id)
    assert _unspoken(world) == (GREETING,)
    assert world.meter.total(Metric.PHRASE_FAILED) == 1


def test_a_failure_that_may_pass_is_tried_again_and_only_what_lacks(world: World) -> None:
    world.speech.refusals[MAILBOX.greeting] = UpstreamError("deepgram", "429", retryable=True)
    message = {"Records": [{"messageId": "m", "body": f'{{"mailbox_id": "{MAILBOX.id}"}}'}]}
    assert _waker(world).on_follow_up(message) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    world.speech.refusals.clear()
    assert _waker(world).on_follow_up(message) == ALL_WELL
    assert _unspoken(world) == ()
    assert len(world.speech.spoken) == 3


def test_a_mailbox_that_changed_is_put_on_the_queue(world: World) -> None:
    assert _waker(world).on_table_change(_changed()) == ALL_WELL
    assert world.follow_ups.prepared == [MAILBOX.id]
    assert world.speech.spoken == []


@pytest.mark.parametrize("event", [_changed("REMOVE"), _changed(kind="PREVIOUS"), _changed(noun="NUMBER")])
def test_other_changes_put_nothing_on_the_queue(world: World, event: dict[str, object]) -> None:
    assert _waker(world).on_table_change(event) == ALL_WELL
    assert world.follow_ups.prepared == []


def test_without_mailboxes_they_are_passed_over(world: World) -> None:
    assert Waker(Follower(world.ports()).follow).on_table_change(_changed()) == ALL_WELL


def test_a_call_to_which_twilio_had_to_speak_has_the_mailbox_prepared_for_the_next(world: World) -> None:
    world.has_call(is_over=False, mailbox=MAILBOX)
    assert world.wake() == ALL_WELL
    assert world.follow_ups.prepared == [MAILBOX.id]


def test_a_queue_that_fails_then_does_not_keep_the_call_waiting(world: World) -> None:
    world.has_call(is_over=False, mailbox=MAILBOX)
    world.follow_ups.refusals.append(UpstreamError("sqs", "500", retryable=True))
    assert world.wake() == ALL_WELL


def test_a_call_to_a_prepared_mailbox_asks_for_nothing(world: World) -> None:
    Speaker(world.ports()).prepare(MAILBOX.id)
    world.has_call(is_over=False, mailbox=MAILBOX)
    world.wake()
    assert world.follow_ups.prepared == []
