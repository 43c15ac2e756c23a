"""What Twilio says of a recording is written once, whoever's call it was and whenever it is told."""

from datetime import timedelta

import pytest

from telephony.calls import CallSid, CallStage, CallStatus
from telephony.erasure import buried
from telephony.numbers import E164
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from tests.unit.webhooks.calling import MAILBOX, NUMBER, Twilio, World

CALL = CallSid("CA00000000000000000000000000000001")
SID = RecordingSid("RE00000000000000000000000000000001")


def completed(world: World) -> Recording:
    return Recording(SID, CALL, RecordingStatus.COMPLETED, 24_000, world.clock.now())


def recordings(world: World) -> list[Recording]:
    return list(world.table.state.recordings.values())


def test_whoever_ends_a_message_with_a_key_is_thanked(world: World, twilio: Twilio) -> None:
    reply = twilio.post("/twilio/recorded", "record-key-pressed")
    assert (reply.status, reply.verbs) == (200, ["Say", "Hangup"])
    assert recordings(world) == [Recording(SID, CALL, RecordingStatus.ANNOUNCED, 24_000, world.clock.now())]


def test_whoever_hangs_up_is_not_spoken_to(world: World, twilio: Twilio) -> None:
    assert twilio.post("/twilio/recorded", "record-hung-up").verbs == ["Hangup"]
    assert not recordings(world)


def test_the_end_of_a_message_needs_no_table(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    assert twilio.post("/twilio/recorded", "record-key-pressed").verbs == ["Say", "Hangup"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_completed_recording_is_written_down_also_of_an_unknown_call(
    world: World, twilio: Twilio, *, is_known: bool
) -> None:
    if is_known:
        twilio.post("/twilio/voice", "incoming-call")
    reply = twilio.post("/twilio/recording", "recording-completed")
    assert (reply.status, reply.body) == (204, "")
    assert recordings(world) == [completed(world)]


def test_what_is_told_of_an_erased_call_does_not_bring_it_back(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/voice", "incoming-call")
    call_sid = next(iter(world.table.state.calls))
    world.table.erasure.bury(buried(call_sid, MAILBOX.id, world.clock.now()))
    world.table.erasure.remove(call_sid, is_all=True)
    query = "?caller=%2B15005550001&number=%2B15005550006"
    posts = [("/twilio/recording", "recording-completed"), ("/twilio/recorded", "record-key-pressed")]
    posts += [("/twilio/status", "call-completed"), (f"/twilio/recording{query}", "recording-completed")]
    statuses = [twilio.post(path, name).status for path, name in posts]
    assert statuses == [204, 200, 204, 204]
    assert world.table.erasure.remains(call_sid) == 0
    assert world.table.state.calls == {}


def test_a_recording_that_will_not_come_is_written_down(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/recording", "recording-absent")
    assert [recording.status for recording in recordings(world)] == [RecordingStatus.ABSENT]


def test_repeated_and_late_reports_change_nothing(world: World, twilio: Twilio) -> None:
    twilio.post("/twilio/recording", "recording-completed")
    known = recordings(world)
    world.clock.advance(timedelta(seconds=5))
    twilio.post("/twilio/recording", "recording-completed")
    twilio.post("/twilio/recorded", "record-key-pressed")
    twilio.post("/twilio/recording", "recording-absent")
    assert recordings(world) == known


@pytest.mark.parametrize("url", ["https://attacker.example/x.wav", "http://169.254.169.254/", "", "file:///etc/passwd"])
def test_the_address_of_a_recording_is_never_used(world: World, twilio: Twilio, url: str) -> None:
    assert twilio.post("/twilio/recording", "recording-completed", RecordingUrl=url).status == 204
    assert recordings(world) == [completed(world)]


@pytest.mark.parametrize(
    ("field", "value"), [("RecordingSid", "../../x"), ("CallSid", "CA1"), ("RecordingStatus", "daydreaming")]
)
def test_a_report_that_makes_no_sense_is_a_bad_request(world: World, twilio: Twilio, field: str, value: str) -> None:
    assert twilio.post("/twilio/recording", "recording-completed", **{field: value}).status == 400
    assert not recordings(world)


def test_a_report_that_cannot_be_written_down_is_asked_for_again(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    assert twilio.post("/twilio/recording", "recording-completed").status == 503


# --- A message taken while the table was out of reach ---


def test_a_message_taken_without_the_table_is_written_down_once_it_is_back(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    answer = twilio.post("/twilio/voice", "incoming-call")
    callback = answer.attribute("Record", "recordingStatusCallback")
    assert twilio.post(callback, "recording-completed").status == 503
    world.table.is_down = False
    world.clock.advance(timedelta(seconds=60))
    assert twilio.post(callback, "recording-completed").status == 204

    call = world.table.calls.get(CALL)
    assert (call.caller, call.number, call.mailbox_id) == ("+14155550123", NUMBER, MAILBOX.id)
    assert (call.status, call.ended_at) == (CallStatus.COMPLETED, world.clock.now())
    assert call.started_at == world.clock.now() - timedelta(seconds=24)
    assert recordings(world) == [completed(world)]


def test_a_call_goes_on_until_its_recording_is_done(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    answer = twilio.post("/twilio/voice", "incoming-call")
    world.table.is_down = False
    twilio.post(answer.attribute("Record", "action"), "record-key-pressed")
    assert world.table.calls.get(CALL).status is CallStatus.IN_PROGRESS
    ended_at = world.clock.advance(timedelta(seconds=2))
    for _ in range(2):
        twilio.post(answer.attribute("Record", "recordingStatusCallback"), "recording-completed")
        world.clock.advance(timedelta(seconds=1))
    assert world.table.calls.get(CALL).ended_at == ended_at


def test_a_table_lost_while_a_person_was_rung_does_not_make_the_message_a_missed_call(ringing: World) -> None:
    twilio = ringing.start()
    twilio.post("/twilio/voice", "incoming-call")
    ringing.table.is_down = True
    answer = twilio.post("/twilio/dialed", "dial-no-answer")
    ringing.table.is_down = False
    twilio.post(answer.attribute("Record", "recordingStatusCallback"), "recording-completed")
    assert ringing.table.calls.get(CALL).stage is CallStage.TAKING_MESSAGE


def test_a_message_for_a_number_that_is_not_ours_has_no_call(world: World, twilio: Twilio) -> None:
    world.table.is_down = True
    answer = twilio.post("/twilio/voice", "incoming-call", To=E164("+15005550001"))
    world.table.is_down = False
    assert twilio.post(answer.attribute("Record", "recordingStatusCallback"), "recording-completed").status == 204
    assert not world.table.state.calls
    assert recordings(world) == [completed(world)]
