"""What may have been sent is looked for before it is sent again; where nobody can be asked, it is sent again later."""

from dataclasses import replace

from telephony.deliveries import LEASE, TRYING, Channel, DeliveryState
from telephony.errors import UpstreamError
from telephony.numbers import E164
from telephony.recordings import RecordingStatus
from tests import examples
from tests.fakes.sending import MemoryTexter
from tests.unit.pipeline.world import World

NO_ANSWER = UpstreamError("twilio", "timeout", retryable=False, is_uncertain=True)


def test_an_sms_whose_answer_was_lost_is_found_and_not_sent_again(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    texter = world.texter = _Deaf(clock=world.clock)

    world.wake()
    assert world.delivery(Channel.SMS, examples.OWNER).trouble == "timeout"
    world.clock.advance(LEASE)
    world.wake()

    assert len(texter.sent) == 1
    assert world.delivery(Channel.SMS, examples.OWNER).reference == f"SM{1:032}"


def test_while_twilio_cannot_say_whether_an_sms_was_sent_it_is_not_sent_again(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    texter = world.texter = _Deaf(clock=world.clock)
    world.wake()
    world.clock.advance(LEASE)
    texter.refusals = [UpstreamError("twilio", "20003", retryable=False, is_denied=True)]

    world.wake()
    waiting = world.delivery(Channel.SMS, examples.OWNER)
    assert (waiting.state, waiting.trouble) == (DeliveryState.CLAIMED, "20003")
    world.clock.advance(LEASE)
    world.wake()

    assert len(texter.sent) == 1
    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT


def test_an_email_whose_answer_was_lost_is_published_again_a_minute_later_and_not_in_the_same_run(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    world.bulletin.refusals = [UpstreamError("sns", "ReadTimeoutError", retryable=False, is_uncertain=True)]

    world.wake()
    waiting = world.delivery(Channel.EMAIL, "front-desk")
    assert (waiting.state, waiting.trouble) == (DeliveryState.CLAIMED, "ReadTimeoutError")
    assert (world.bulletin.published, world.slept) == ([], [])
    world.clock.advance(LEASE)
    world.wake()

    assert world.delivery(Channel.EMAIL, "front-desk").state is DeliveryState.SENT
    assert len(world.bulletin.published) == 1


def test_a_missed_call_whose_sms_was_taken_is_not_told_again(world: World) -> None:
    world.has_call()
    world.has_recording(replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0), sound=None)
    texter = world.texter = _Deaf(clock=world.clock)

    world.wake()
    world.clock.advance(LEASE)
    world.wake()

    assert len(texter.sent) == 1
    assert world.delivery(Channel.SMS, examples.OWNER).state is DeliveryState.SENT


def test_an_sms_that_may_have_been_taken_is_known_by_its_marker_when_all_tries_are_over(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))
    texter = world.texter = _Deaf(clock=world.clock)
    world.wake()
    texter.refusals = [UpstreamError("twilio", "20003", retryable=False, is_denied=True)]
    world.clock.advance(TRYING)
    world.wake()

    failed = world.delivery(Channel.SMS, examples.OWNER)
    assert (failed.state, failed.reference) == (DeliveryState.FAILED, "")
    ((sms,), (lost,)) = (texter.sent, failed.lost)
    assert (lost.sender, lost.at) == (sms.sender, sms.at)
    assert lost.marker in sms.text


class _Deaf(MemoryTexter):
    """Takes an SMS, and its answer is lost."""

    def send(self, to: E164, sender: E164, text: str) -> str:
        super().send(to, sender, text)
        raise NO_ANSWER
