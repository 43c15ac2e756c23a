"""Who wants no SMS gets none, and the delivery says so."""

from dataclasses import replace

from telephony.deliveries import Channel, DeliveryState
from telephony.errors import UpstreamError
from telephony.metrics import Metric
from telephony.numbers import E164
from telephony.opt_outs import REFUSAL_HOLDS, OptOut, OptOutSource
from tests import examples
from tests.unit.pipeline.world import ALL_WELL, World

STOP = UpstreamError("twilio", "21610", retryable=False)


def _calls(world: World) -> None:
    world.has_call()
    world.has_transcript(examples.utterance("Hello."))


def test_whom_twilio_refused_to_text_is_not_attempted_again_for_a_day(world: World) -> None:
    _calls(world)
    world.texter.refusals = [STOP]
    world.wake()
    refused = world.table.opt_outs.opt_out(examples.OWNER, examples.NUMBER)
    assert refused == OptOut(examples.OWNER, examples.NUMBER, world.clock.now(), OptOutSource.REFUSAL)

    world.table.state.deliveries.clear()
    world.wake()

    told = world.delivery(Channel.SMS, examples.OWNER)
    assert (told.state, told.trouble) == (DeliveryState.FAILED, "opted-out")
    assert world.texter.sent == []
    world.clock.advance(REFUSAL_HOLDS)
    world.table.state.deliveries.clear()
    world.wake()
    assert len(world.texter.sent) == 1


def test_who_texted_stop_is_not_attempted_and_the_others_are_told(world: World) -> None:
    world.table.opt_outs.mark(OptOut(examples.OWNER, examples.NUMBER, examples.NOON, OptOutSource.STOP))
    world.has_call(mailbox=replace(examples.MAILBOX, sms_recipients=(examples.OWNER, examples.DEPUTY)))
    world.has_transcript(examples.utterance("Hello."))

    assert world.wake() == ALL_WELL

    assert world.delivery(Channel.SMS, examples.OWNER).trouble == "opted-out"
    assert [sms.to for sms in world.texter.sent] == [examples.DEPUTY]
    assert world.meter.total(Metric.MESSAGE_FAILED) == 0, "nobody is alarmed at what somebody wished"


def test_who_opted_out_of_another_number_is_told(world: World) -> None:
    world.table.opt_outs.mark(OptOut(examples.OWNER, E164("+15005550009"), examples.NOON, OptOutSource.STOP))
    _calls(world)

    world.wake()

    assert len(world.texter.sent) == 1


def test_a_withheld_number_is_never_texted(world: World) -> None:
    world.has_call(mailbox=replace(examples.MAILBOX, sms_recipients=(E164("+266696687"),)))
    world.has_transcript(examples.utterance("Hello."))

    world.wake()

    told = world.delivery(Channel.SMS, "+266696687")
    assert (told.state, told.trouble) == (DeliveryState.FAILED, "withheld-number")
    assert world.texter.sent == []


class _DownWhenMarking:
    """Opt-outs that can be read and not written."""

    def __init__(self) -> None:
        self.marked = 0

    def opt_out(self, recipient: E164, sender: E164) -> None:
        return None

    def lift(self, recipient: E164, sender: E164, at: object) -> None:
        raise AssertionError

    def mark(self, opt_out: OptOut) -> None:
        self.marked += 1
        raise UpstreamError("dynamodb", "500", retryable=True)


def test_a_refusal_that_cannot_be_written_down_is_a_refusal_all_the_same(world: World) -> None:
    opt_outs = _DownWhenMarking()
    world.table.opt_outs = opt_outs  # type: ignore[assignment] # as much of a store as is wanted
    _calls(world)
    world.texter.refusals = [STOP]

    assert world.wake() == ALL_WELL

    assert world.delivery(Channel.SMS, examples.OWNER).trouble == "21610"
    assert opt_outs.marked == 1
