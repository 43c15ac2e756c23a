"""Every call is answered, whatever fails; what happened is written once, in whatever order it is told."""

from datetime import timedelta
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from telephony.calls import Call, CallSid, CallStage, CallStatus
from telephony.credentials import TwilioCredentials
from telephony.errors import UpstreamError
from telephony.metrics import Metric
from telephony.streams import TICKET_LIFETIME, TicketId, TicketPurpose
from tests.unit.webhooks.calling import MAILBOX, NUMBER, Twilio, World

CALL = CallSid("CA00000000000000000000000000000001")


class BrokenDirectory:
    """A directory with a bug."""

    def answering(self, number: str) -> NoReturn:
        raise ZeroDivisionError


class UnreachableSecrets:
    """Secrets Manager out of reach from the start."""

    def twilio(self, *, fresh: bool = False) -> TwilioCredentials:
        raise UpstreamError("secretsmanager", "EndpointConnectionError", retryable=True)


def test_a_new_call_is_written_down_and_its_message_taken(world: World, twilio: Twilio) -> None:
    reply = twilio.post("/twilio/voice", "incoming-call")

    assert (reply.status, reply.verbs) == (200, ["Start", "Say", "Record"])
    assert reply.headers["content-type"].startswith("text/xml")
    assert world.table.calls.get(CALL) == Call(
        sid=CALL,
        mailbox_id=MAILBOX.id,
        number=NUMBER,
        caller="+14155550123",
        started_at=world.clock.now(),
        status=CallStatus.RINGING,
        stage=CallStage.TAKING_MESSAGE,
    )


def test_the_stream_of_a_new_call_gets_a_ticket_of_its_own(world: World, twilio: Twilio) -> None:
    reply = twilio.post("/twilio/voice", "incoming-call")

    ticket = world.table.state.tickets[TicketId(reply.attribute("Start/Stream/Parameter", "value"))]
    assert (ticket.purpose, ticket.call_sid, ticket.mailbox_id) == (TicketPurpose.MEDIA, CALL, MAILBOX.id)
    assert ticket.expires_at == world.clock.now() + TICKET_LIFETIME
    assert ticket.listening == MAILBOX.listening


def test_a_repeated_call_is_answered_again_and_written_once(world: World, twilio: Twilio) -> None:
    first = twilio.post("/twilio/voice", "incoming-call")
    began = world.table.calls.get(CALL)
    world.clock.advance(timedelta(seconds=3))
    second = twilio.post("/twilio/voice", "incoming-call")

    assert first.verbs == second.verbs
    assert world.table.calls.get(CALL) == began
    assert TicketId(second.attribute("Start/Stream/Parameter", "value")) in world.table.state.tickets


def test_without_a_streamer_the_message_is_only_recorded(world: World) -> None:
    reply = world.start(has_streamer=False).post("/twilio/voice", "incoming-call")
    assert reply.verbs == ["Say", "Record"]
    assert CALL in world.table.state.calls
    assert not world.table.state.tickets


@pytest.mark.parametrize("number", ["+15005550001", "sip:desk@acme.example", ""])
def test_an_unknown_number_is_answered_with_an_apology(world: World, twilio: Twilio, number: str) -> None:
    reply = twilio.post("/twilio/voice", "incoming-call", To=number)
    assert (reply.status, reply.verbs) == (200, ["Say", "Hangup"])
    assert not world.table.state.calls


def test_with_the_table_out_of_reach_the_message_is_still_taken(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    reply = twilio.post("/twilio/voice", "incoming-call")
    assert (reply.status, reply.verbs) == (200, ["Say", "Record"])
    assert "caller=%2B14155550123&number=%2B15005550006#" in reply.attribute("Record", "action")
    assert world.meter.counted == [Metric.FALLBACK_ANSWERED]


def test_with_the_secrets_out_of_reach_the_message_is_still_taken(world: World) -> None:
    reply = world.start(secrets=UnreachableSecrets()).post("/twilio/voice", "incoming-call")
    assert (reply.status, reply.verbs) == (200, ["Say", "Record"])
    assert not world.table.state.calls


def test_a_bug_does_not_hang_up_on_a_caller_and_is_logged(world: World) -> None:
    with capture_logs() as logs:
        reply = world.start(directory=BrokenDirectory()).post("/twilio/voice", "incoming-call")
    assert (reply.status, reply.verbs) == (200, ["Say", "Record"])
    (failure,) = [line for line in logs if line["event"] == "webhook-failed"]
    assert isinstance(failure["exc_info"], ZeroDivisionError)


def test_a_status_word_twilio_has_added_does_not_cost_a_message(twilio: Twilio) -> None:
    reply = twilio.post("/twilio/voice", "incoming-call", CallStatus="daydreaming")
    assert (reply.status, reply.verbs) == (200, ["Say", "Record"])


def test_when_twilio_got_no_answer_the_message_is_taken_without_the_table(world: World, twilio: Twilio) -> None:
    reply = twilio.post("/twilio/fallback", "fallback")
    assert (reply.status, reply.verbs) == (200, ["Say", "Record"])
    assert world.meter.counted == [Metric.FALLBACK_ANSWERED]


def test_a_request_ends_with_one_line_that_says_which_call_and_how_it_went(twilio: Twilio) -> None:
    with capture_logs() as logs:
        twilio.post("/twilio/voice", "incoming-call")
    (line,) = logs
    assert (line["event"], line["status"], line["took_ms"]) == ("webhook-answered", 200, 0)
    assert "4155550123" not in str(logs)


# --- Ring a person first ---


def test_a_person_is_rung_first_where_the_number_says_so(ringing: World) -> None:
    reply = ringing.start().post("/twilio/voice", "incoming-call")
    assert reply.verbs == ["Dial"]
    assert reply.xml.findtext("Dial/Number") == "+15005550010"
    assert reply.attribute("Dial", "timeout") == "25"
    assert ringing.table.calls.get(CALL).stage is CallStage.RINGING_PERSON
    assert not ringing.table.state.tickets


def test_the_person_rung_for_a_caller_without_a_number_sees_ours(ringing: World) -> None:
    reply = ringing.start().post("/twilio/voice", "incoming-call-withheld")
    assert reply.attribute("Dial", "callerId") == NUMBER


def test_when_nobody_answers_the_message_is_taken(ringing: World) -> None:
    twilio = ringing.start()
    twilio.post("/twilio/voice", "incoming-call")
    reply = twilio.post("/twilio/dialed", "dial-no-answer")

    assert reply.verbs == ["Start", "Say", "Record"]
    assert TicketId(reply.attribute("Start/Stream/Parameter", "value")) in ringing.table.state.tickets
    assert ringing.table.calls.get(CALL).stage is CallStage.TAKING_MESSAGE


def test_a_call_that_was_answered_ends_with_its_conversation(ringing: World) -> None:
    twilio = ringing.start()
    twilio.post("/twilio/voice", "incoming-call")
    for _ in range(2):
        assert twilio.post("/twilio/dialed", "dial-answered").verbs == ["Hangup"]
    assert ringing.table.calls.get(CALL).stage is CallStage.ANSWERED


def test_a_caller_who_gives_up_ringing_stays_a_missed_call(ringing: World) -> None:
    twilio = ringing.start()
    twilio.post("/twilio/voice", "incoming-call")
    assert twilio.post("/twilio/dialed", "dial-caller-hung-up").status == 200
    assert ringing.table.calls.get(CALL).stage is CallStage.RINGING_PERSON


def test_a_late_report_of_the_ringing_does_not_undo_an_answer(ringing: World) -> None:
    twilio = ringing.start()
    twilio.post("/twilio/voice", "incoming-call")
    twilio.post("/twilio/dialed", "dial-answered")
    twilio.post("/twilio/dialed", "dial-no-answer")
    assert ringing.table.calls.get(CALL).stage is CallStage.ANSWERED


@pytest.mark.parametrize("word", ["no-answer", "daydreaming"])
def test_when_nobody_answers_and_the_table_is_gone_the_message_is_still_taken(ringing: World, word: str) -> None:
    twilio = ringing.start()
    ringing.table.is_down = True
    reply = twilio.post("/twilio/dialed", "dial-no-answer", DialCallStatus=word)
    assert (reply.status, reply.verbs) == (200, ["Say", "Record"])


def test_an_answered_call_that_cannot_be_written_down_is_asked_for_again(ringing: World) -> None:
    ringing.table.is_down = True
    assert ringing.start().post("/twilio/dialed", "dial-answered").status == 503


def test_a_call_we_know_nothing_of_and_nobody_answers_is_written_down_and_heard_live(ringing: World) -> None:
    with capture_logs() as logs:
        replies = [ringing.start().post("/twilio/dialed", "dial-no-answer") for _ in range(2)]

    for reply in replies:
        assert reply.verbs == ["Start", "Say", "Record"]
        assert TicketId(reply.attribute("Start/Stream/Parameter", "value")) in ringing.table.state.tickets
    call = ringing.table.calls.get(CALL)
    assert (call.mailbox_id, call.number, call.caller) == (MAILBOX.id, NUMBER, "+14155550123")
    assert (call.stage, call.status) == (CallStage.TAKING_MESSAGE, CallStatus.RINGING)
    assert ringing.meter.counted == []
    assert {line["log_level"] for line in logs} <= {"info", "warning"}


def test_a_number_that_was_given_up_while_a_person_was_rung_is_answered_with_an_apology(ringing: World) -> None:
    reply = ringing.start().post("/twilio/dialed", "dial-no-answer", To="+15005550001")
    assert (reply.status, reply.verbs) == (200, ["Say", "Hangup"])
    assert not ringing.table.state.calls


def test_the_end_of_a_conversation_we_know_nothing_of_is_the_end(ringing: World) -> None:
    assert ringing.start().post("/twilio/dialed", "dial-answered").verbs == ["Hangup"]
    assert not ringing.table.state.calls


# --- The status of a call ---


def test_the_end_of_a_call_is_written_down(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/voice", "incoming-call")
    ended_at = world.clock.advance(timedelta(seconds=42))
    reply = twilio.post("/twilio/status", "call-completed")

    assert (reply.status, reply.body) == (204, "")
    call = world.table.calls.get(CALL)
    assert (call.status, call.ended_at, call.duration_s) == (CallStatus.COMPLETED, ended_at, 42)


def test_a_repeated_or_late_status_changes_nothing(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/voice", "incoming-call")
    twilio.post("/twilio/status", "call-completed")
    ended = world.table.calls.get(CALL)
    world.clock.advance(timedelta(seconds=9))
    for status in ("completed", "ringing", "in-progress", "no-answer"):
        assert twilio.post("/twilio/status", "call-completed", CallStatus=status, CallDuration="99").status == 204
    assert world.table.calls.get(CALL) == ended


def test_the_status_of_an_unknown_call_to_us_begins_it(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/status", "call-completed")
    call = world.table.calls.get(CALL)
    assert (call.status, call.ended_at, call.duration_s) == (CallStatus.COMPLETED, world.clock.now(), 42)
    assert call.started_at == world.clock.now() - timedelta(seconds=42)


def test_the_status_of_somebody_elses_call_is_dropped(world: World, twilio: Twilio) -> None:
    assert twilio.post("/twilio/status", "call-completed", To="+15005550001").status == 204
    assert not world.table.state.calls


def test_a_status_that_cannot_be_written_down_is_asked_for_again(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    assert twilio.post("/twilio/status", "call-completed").status == 503


def test_a_status_that_is_none_is_a_bad_request(twilio: Twilio) -> None:
    assert twilio.post("/twilio/status", "call-completed", CallStatus="daydreaming").status == 400


# --- The stream of a call ---


def test_a_stream_that_failed_is_counted(world: World, twilio: Twilio) -> None:
    assert twilio.post("/twilio/stream", "stream-error").status == 204
    assert world.meter.counted == [Metric.STREAM_FAILED]


@pytest.mark.parametrize("name", ["stream-started", "stream-stopped"])
def test_a_stream_that_went_well_is_not(world: World, twilio: Twilio, name: str) -> None:
    assert twilio.post("/twilio/stream", name).status == 204
    assert not world.meter.counted
