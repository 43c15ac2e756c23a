"""Where people want to be told of all calls at once, each call is told once, in one message with the others."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from functions.pipeline.digesting import CLAIMING, GATHERING
from functions.pipeline.follow import FAR
from telephony import digests
from telephony.calls import CallSid, CallStage, CallStatus
from telephony.deliveries import Attempt, Channel, Claim, DeliveryId, DeliveryState
from telephony.digests import Digest
from telephony.errors import ConflictError, TelephonyError, UpstreamError
from telephony.metrics import Metric
from telephony.numbers import E164, MailboxId
from telephony.opt_outs import OptOut, OptOutSource
from telephony.streams import StreamSid
from telephony.telling import Telling
from tests import examples
from tests.fakes.sending import LONGEST_DELAY
from tests.unit.pipeline.world import ALL_WELL, World

MAILBOX = replace(examples.MAILBOX, telling=Telling(digest=Digest((time(18),), with_sms=True)))
AT_SIX = examples.NOON + timedelta(hours=6)
OTHER = examples.OTHER_CALL_SID
DOWN = UpstreamError("sns", "503", retryable=True)


@pytest.fixture
def evening(world: World) -> World:
    """Give a world in which two people have called since noon, and it is six."""
    _called(world, examples.CALL_SID, "Please call back.")
    world.clock.advance(timedelta(minutes=5))
    _called(world, OTHER, "")
    world.clock.advance(AT_SIX - world.clock.now())
    world.follow_ups.scheduled.clear()
    return world


def _called(world: World, call_sid: CallSid, said: str) -> None:
    """Let somebody call, leave these words or none, and the pipeline have its first look at it."""
    world.table.directory.put(MAILBOX, ())
    began_at = world.clock.now() - timedelta(seconds=30, milliseconds=500)
    call = replace(examples.CALL, sid=call_sid, started_at=began_at, stage=CallStage.TAKING_MESSAGE)
    world.table.calls.begin(call, None)
    world.table.calls.report(call_sid, CallStatus.COMPLETED, world.clock.now(), 30)
    if said:
        stream = replace(examples.ended_stream(), call_sid=call_sid, sid=StreamSid("MZ" + call_sid[2:]))
        world.table.transcripts.save([stream], [replace(examples.utterance(said), call_sid=call_sid)])
    assert world.wake(call_sid) == ALL_WELL


def _states(world: World) -> set[tuple[DeliveryState, str]]:
    return {(each.state, each.trouble) for each in world.table.state.deliveries.values()}


def test_before_its_time_nobody_is_told_and_the_call_is_left_to_the_sweeper(world: World) -> None:
    _called(world, examples.CALL_SID, "Please call back.")

    assert world.texter.sent == []
    assert world.bulletin.published == []
    assert world.follow_ups.scheduled == []
    assert not world.is_closed()


def test_when_its_time_is_near_the_call_is_looked_at_again_just_then(world: World) -> None:
    _called(world, examples.CALL_SID, "Please call back.")
    world.clock.advance(AT_SIX - FAR - world.clock.now())

    world.sweep()

    assert world.follow_ups.scheduled == [(examples.CALL_SID, LONGEST_DELAY)]


def test_at_its_time_one_email_and_one_sms_tell_of_all_calls(evening: World) -> None:
    assert evening.wake() == ALL_WELL

    [(mailbox_id, email)] = evening.bulletin.published
    assert mailbox_id == MAILBOX.id
    first, second = (evening.table.links.link(sid, timedelta(days=30), evening.clock.now()) for sid in _both())
    assert email.body.index("Please call back.") < email.body.index(first) < email.body.index("2. Missed call")
    assert second not in email.body, "of a missed call there is nothing to listen to"
    [sms] = evening.texter.sent
    assert (sms.to, sms.sender) == (examples.OWNER, examples.NUMBER)
    assert sms.text == "Front desk, 2 Mar 18:00 UTC. New messages: 1. Missed calls: 1."


def _both() -> tuple[CallSid, CallSid]:
    return CallSid(examples.CALL_SID), CallSid(OTHER)


def test_each_call_shows_that_it_was_told(evening: World) -> None:
    evening.wake()

    for sid in _both():
        for channel, recipient in ((Channel.SMS, examples.OWNER), (Channel.EMAIL, MAILBOX.id)):
            told = evening.table.state.deliveries[DeliveryId(sid, channel, recipient)]
            assert told.state is DeliveryState.SENT
            assert told.reference
    assert evening.meter.total(Metric.MESSAGE_SENT) == 2


def test_whichever_calls_wake_it_a_digest_is_sent_once(evening: World) -> None:
    for _ in range(3):
        assert evening.wake(OTHER) == ALL_WELL
        assert evening.wake() == ALL_WELL

    assert (len(evening.bulletin.published), len(evening.texter.sent)) == (1, 1)


def test_when_nothing_came_nothing_is_sent(evening: World) -> None:
    evening.wake()
    evening.clock.advance(timedelta(days=1))

    evening.wake()
    evening.sweep()

    assert (len(evening.bulletin.published), len(evening.texter.sent)) == (1, 1)


def test_a_call_that_came_after_a_digest_is_in_the_next(evening: World) -> None:
    evening.wake()
    late = CallSid("CA" + "9" * 32)
    evening.clock.advance(timedelta(minutes=1))
    _called(evening, late, "One more thing.")
    assert len(evening.bulletin.published) == 1
    evening.clock.advance(AT_SIX + timedelta(days=1) - evening.clock.now())

    evening.wake(late)

    assert len(evening.bulletin.published) == 2
    body = evening.bulletin.published[1][1].body
    assert "One more thing." in body
    assert "Please call back." not in body


def test_a_call_that_was_not_ready_for_its_digest_is_in_the_next(world: World) -> None:
    world.clock.advance(AT_SIX - timedelta(seconds=10) - world.clock.now())
    _called(world, examples.CALL_SID, "")  # a recording may still come
    world.clock.advance(timedelta(seconds=10))
    world.wake()
    assert world.bulletin.published == []
    _called(world, OTHER, "Ready.")
    world.clock.advance(timedelta(days=1))

    world.wake(OTHER)

    [(_, email)] = world.bulletin.published
    assert "Ready." in email.body
    assert "Missed call" in email.body


def test_the_sweeper_sends_a_digest_that_nothing_woke(evening: World) -> None:
    evening.sweep()

    assert (len(evening.bulletin.published), len(evening.texter.sent)) == (1, 1)


def test_what_a_service_could_not_take_is_tried_again_and_the_rest_is_told(evening: World) -> None:
    evening.bulletin.refusals = [DOWN] * 3

    assert evening.wake() == ALL_WELL

    assert len(evening.texter.sent) == 1
    assert (DeliveryState.CLAIMED, "503") in _states(evening)
    assert (examples.CALL_SID, digests.LEASE) in evening.follow_ups.scheduled
    evening.clock.advance(digests.LEASE)
    evening.wake()
    assert len(evening.bulletin.published) == 1
    assert len(evening.texter.sent) == 1
    assert _states(evening) == {(DeliveryState.SENT, "")}


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (UpstreamError("twilio", "21610", retryable=False), DeliveryState.FAILED),
        (UpstreamError("twilio", "timeout", retryable=False, is_uncertain=True), DeliveryState.CLAIMED),
        (TelephonyError("no key"), DeliveryState.CLAIMED),
    ],
)
def test_what_was_refused_for_good_has_failed(evening: World, refusal: TelephonyError, state: DeliveryState) -> None:
    evening.texter.refusals = [refusal]

    evening.wake()

    told = evening.table.state.deliveries[DeliveryId(CallSid(OTHER), Channel.SMS, examples.OWNER)]
    assert told.state is state
    assert evening.meter.total(Metric.MESSAGE_FAILED) == (1 if state is DeliveryState.FAILED else 0)
    assert len(evening.bulletin.published) == 1


def test_who_opted_out_gets_no_digest_by_sms_and_nobody_is_alarmed(evening: World) -> None:
    evening.table.opt_outs.mark(OptOut(examples.OWNER, examples.NUMBER, examples.NOON, OptOutSource.STOP))

    evening.wake()

    assert evening.texter.sent == []
    assert (DeliveryState.FAILED, "opted-out") in _states(evening)
    assert evening.meter.total(Metric.MESSAGE_FAILED) == 0


@pytest.mark.parametrize("number", [examples.NUMBER, "+15005550007"])
def test_an_sms_whose_answer_was_lost_is_found_and_not_sent_again(evening: World, number: str) -> None:
    calls = evening.table.state.calls
    calls[CallSid(OTHER)] = replace(calls[CallSid(OTHER)], number=E164(number))  # the latest: it is told from there
    evening.wake()
    assert evening.texter.sent[0].sender == number
    sent = [sms.text for sms in evening.texter.sent]
    for delivery_id, delivery in evening.table.state.deliveries.items():
        if delivery_id.channel is Channel.SMS:  # the process died before it could write this down
            lost = replace(delivery, state=DeliveryState.CLAIMED, reference="")
            evening.table.state.deliveries[delivery_id] = lost
    evening.table.state.slots[MAILBOX.id, AT_SIX] = evening.clock.now()
    evening.clock.advance(digests.LEASE)

    evening.wake()

    assert [sms.text for sms in evening.texter.sent] == sent
    assert _states(evening) == {(DeliveryState.SENT, "")}


def test_an_sms_that_cannot_be_looked_for_waits_and_the_email_does_not(evening: World) -> None:
    for sid in _both():
        evening.table.deliveries.claim(DeliveryId(sid, Channel.SMS, examples.OWNER), evening.clock.now())
    evening.clock.advance(digests.LEASE)
    evening.texter.refusals = [UpstreamError("twilio", "503", retryable=True)]

    assert evening.wake() != ALL_WELL, "it is handed out again"

    assert len(evening.bulletin.published) == 1
    assert evening.texter.sent == []
    assert (examples.CALL_SID, digests.LEASE) in evening.follow_ups.scheduled
    evening.clock.advance(digests.LEASE)
    assert evening.wake() == ALL_WELL
    assert (len(evening.bulletin.published), len(evening.texter.sent)) == (1, 1)


def test_a_claim_without_an_sms_is_sent(evening: World) -> None:
    for sid in _both():
        evening.table.deliveries.claim(DeliveryId(sid, Channel.SMS, examples.OWNER), evening.clock.now())
    evening.table.digests.claim(MAILBOX.id, AT_SIX, evening.clock.now())
    evening.wake()
    assert evening.texter.sent == []
    evening.clock.advance(digests.LEASE)

    evening.wake()

    [sms] = evening.texter.sent
    assert "New messages: 1. Missed calls: 1." in sms.text


def test_a_call_that_somebody_else_tells_is_left_to_them(evening: World) -> None:
    evening.table.deliveries.claim(DeliveryId(CallSid(OTHER), Channel.EMAIL, MAILBOX.id), evening.clock.now())

    evening.wake()

    [(_, email)] = evening.bulletin.published
    assert "Missed" not in email.body.split("\n\n\n", 1)[1]


class _Racing:
    """Claims that somebody else is faster at."""

    def __init__(self, world: World) -> None:
        self._deliveries = world.table.deliveries
        self.finish = self._deliveries.finish

    def claim(self, delivery: DeliveryId, at: datetime, attempt: Attempt | None) -> Claim:
        raise ConflictError("the delivery is another's")


def test_a_digest_of_which_nothing_is_left_to_send_is_done(evening: World) -> None:
    evening.table.deliveries = _Racing(evening)  # type: ignore[assignment] # a store of which one method is wanted

    evening.wake()

    assert evening.bulletin.published == []
    assert evening.table.state.slots[MAILBOX.id, AT_SIX] is None


def test_an_erased_call_or_one_of_another_list_is_passed_over(evening: World) -> None:
    evening.table.digests.enlist(MAILBOX.id, AT_SIX, CallSid("CA" + "8" * 32))
    evening.table.digests.enlist(MailboxId("another"), AT_SIX, CallSid("CA" + "7" * 32))

    assert evening.wake() == ALL_WELL

    assert len(evening.bulletin.published) == 1


def test_calls_that_take_too_long_to_look_at_wait_for_the_next_digest(evening: World) -> None:
    real = evening.table.calls.facts

    def slow(call_sid: CallSid) -> object:
        evening.clock.advance(GATHERING)
        return real(call_sid)

    evening.table.calls.facts = slow  # type: ignore[method-assign,assignment] # time passes while it is asked

    evening.wake()

    [(_, email)] = evening.bulletin.published
    assert "Please call back." in email.body
    assert "Missed call from" not in email.body


class _Slow:
    """Claims that take long."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._deliveries = world.table.deliveries
        self.finish = self._deliveries.finish

    def claim(self, delivery: DeliveryId, at: datetime, attempt: Attempt | None) -> Claim:
        self._world.clock.advance(CLAIMING)
        return self._deliveries.claim(delivery, at, attempt)


def test_calls_that_take_too_long_to_claim_wait_for_the_next_digest(evening: World) -> None:
    evening.table.deliveries = _Slow(evening)  # type: ignore[assignment] # as much of a store as is wanted

    evening.wake()

    [sms] = evening.texter.sent
    assert "New messages: 1. Missed calls: 0." in sms.text
    assert evening.bulletin.published == []


def test_a_call_that_no_digest_took_is_told_by_itself(world: World) -> None:
    _called(world, examples.CALL_SID, "Please call back.")
    world.clock.advance(digests.PATIENCE)

    world.wake()

    assert "Please call back." in world.texter.sent[0].text
    assert len(world.bulletin.published) == 1
