"""Who texts STOP to one of our numbers is texted no more, until they text START."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from telephony.numbers import E164
from telephony.opt_outs import OptOut, OptOutSource
from tests.unit.webhooks.calling import NUMBER, Twilio, World

OWNER = E164("+14155550177")


def test_a_stop_is_written_down_and_left_to_twilio_to_answer(world: World, twilio: Twilio) -> None:
    reply = twilio.post("/twilio/sms", "sms-stop")

    assert (reply.status, reply.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert reply.verbs == []  # no words of ours, and TwiML, which Twilio asks for
    assert world.table.opt_outs.opt_out(OWNER, NUMBER) == OptOut(OWNER, NUMBER, world.clock.now(), OptOutSource.STOP)


@pytest.mark.parametrize("start", [{"Body": "START"}, {"Body": "weiter", "OptOutType": "START"}])
def test_a_start_lifts_it(world: World, twilio: Twilio, start: dict[str, str]) -> None:
    twilio.post("/twilio/sms", "sms-stop")
    world.clock.advance(timedelta(minutes=1))

    assert twilio.post("/twilio/sms", "sms-stop", **start).status == 200

    assert world.table.opt_outs.opt_out(OWNER, NUMBER) is None


def test_a_keyword_of_the_numbers_own_counts_as_twilio_says(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/sms", "sms-stop", Body="halt", OptOutType="STOP")

    assert world.table.opt_outs.opt_out(OWNER, NUMBER) is not None


@pytest.mark.parametrize("text", ["HELP", "Please stop calling", "\N{BIRTHDAY CAKE}"])
def test_any_other_text_changes_nothing_and_is_kept_nowhere(world: World, twilio: Twilio, text: str) -> None:
    with capture_logs() as logs:
        assert twilio.post("/twilio/sms", "sms-stop", Body=text).status == 200

    assert world.table.opt_outs.opt_out(OWNER, NUMBER) is None
    assert repr(text) not in str(logs)
    assert OWNER not in str(logs)


@pytest.mark.parametrize("sender", ["12345", "Parcels", ""])
def test_a_text_from_what_nobody_can_text_is_taken_and_changes_nothing(
    world: World, twilio: Twilio, sender: str
) -> None:
    assert twilio.post("/twilio/sms", "sms-stop", From=sender).status == 200
    assert world.table.state.opt_outs == {}


@pytest.mark.parametrize("changes", [{"To": "us"}, {"OptOutType": "MAYBE"}])
def test_what_cannot_be_read_is_refused(world: World, twilio: Twilio, changes: dict[str, str]) -> None:
    assert twilio.post("/twilio/sms", "sms-stop", **changes).status == 400
    assert world.table.state.opt_outs == {}


def test_a_stop_that_cannot_be_written_down_is_told_to_twilio(world: World, twilio: Twilio) -> None:
    world.table.is_down = True

    assert twilio.post("/twilio/sms", "sms-stop").status == 503


def test_a_forged_stop_is_refused(world: World, twilio: Twilio) -> None:
    assert twilio.post("/twilio/sms", "sms-stop", token="another").status == 403
    assert world.table.opt_outs.opt_out(OWNER, NUMBER) is None
