"""Nothing is heard in a pause, whatever fails on the way to it, and one call of it is enough."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.api.ports import ApiPorts
from telephony.calls import CallStatus
from telephony.coverage import Coverage, Track
from telephony.errors import UpstreamError
from telephony.pauses import MAX_PAUSES, Pause
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.control import MemoryControl
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway, Issuer

PAUSE, RESUME = f"/api/calls/{examples.CALL_SID}/pause", f"/api/calls/{examples.CALL_SID}/resume"
STREAM = MediaStream(
    examples.STREAM_SID, examples.CALL_SID, examples.NOON, (Coverage(Track.INBOUND), Coverage(Track.OUTBOUND))
)
DOWN = UpstreamError("twilio", "503", retryable=True)
REFUSED = UpstreamError("twilio", "21220", retryable=False)


@pytest.fixture
def control(ports: ApiPorts) -> MemoryControl:
    assert isinstance(ports.control, MemoryControl)
    return ports.control


@pytest.fixture(autouse=True)
def _call(table: MemoryTable, clock: FixedClock) -> None:
    clock.at = examples.NOON + timedelta(seconds=4)
    table.directory.put(examples.MAILBOX, [])
    table.calls.begin(examples.CALL, None)
    table.transcripts.save([STREAM], [])


@pytest.fixture
def ask(api: Gateway, issuer: Issuer) -> "Ask":
    return Ask(api, issuer)


class Ask:
    def __init__(self, api: Gateway, issuer: Issuer) -> None:
        self._api, self._token = api, issuer.token()

    def __call__(self, path: str) -> Answer:
        return self._api.ask("POST", path, self._token)


def _pauses(table: MemoryTable) -> tuple[Pause, ...]:
    return table.calls.facts(examples.CALL_SID).transcript.pauses


def test_a_pause_stops_the_stream_by_name_and_by_sid_and_then_the_recording(
    ask: Ask, control: MemoryControl, clock: FixedClock
) -> None:
    answer = ask(PAUSE)

    assert answer.status == 200
    assert control.asked == [
        ("stop", "message"),
        ("stop", examples.STREAM_SID),
        ("pause", examples.CALL_SID),
    ]
    assert answer.json() == {
        "call_sid": examples.CALL_SID,
        "number": 1,
        "started_at": clock.now().isoformat().replace("+00:00", "Z"),
        "ended_at": None,
        "is_recording_paused": True,
    }


def test_a_pause_is_written_down_before_twilio_is_asked(
    ask: Ask, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    control.refusals["stop"] = DOWN
    assert ask(PAUSE).status == 503
    (pause,) = _pauses(table)
    assert pause.started_at == clock.now()
    assert not pause.is_recording_paused


def test_a_pause_that_failed_is_made_sure_of_and_stays_one(
    ask: Ask, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    control.refusals["pause"] = DOWN
    assert ask(PAUSE).status == 503
    control.refusals.clear()
    began_at = clock.now()
    clock.advance(timedelta(seconds=3))
    assert ask(PAUSE).json()["is_recording_paused"]
    assert ask(PAUSE).status == 200
    (pause,) = _pauses(table)
    assert pause.started_at == began_at


def test_a_recording_that_twilio_will_not_hold_is_an_error_and_no_pause_of_the_recording(
    ask: Ask, table: MemoryTable, control: MemoryControl
) -> None:
    control.refusals["pause"] = REFUSED
    assert ask(PAUSE).status == 500
    assert not _pauses(table)[0].is_recording_paused


def test_where_nothing_is_recorded_the_answer_says_so(ask: Ask, control: MemoryControl) -> None:
    control.records = False
    assert ask(PAUSE).json()["is_recording_paused"] is False


def test_resuming_starts_another_stream_of_the_same_tracks_and_lets_the_recording_go_on(
    ask: Ask, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    ask(PAUSE)
    control.asked.clear()
    clock.advance(timedelta(seconds=20))

    answer = ask(RESUME)

    assert answer.json()["ended_at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert control.asked == [("start", "message-1"), ("resume", examples.CALL_SID)]
    (order,) = control.started
    assert table.state.tickets[order.ticket.id].tracks == (Track.INBOUND, Track.OUTBOUND)
    assert order.ticket.call_sid == examples.CALL_SID


def test_resuming_again_changes_nothing(ask: Ask, control: MemoryControl, clock: FixedClock) -> None:
    ask(PAUSE)
    first = ask(RESUME).json()
    clock.advance(timedelta(seconds=5))
    assert ask(RESUME).json() == first
    assert len(control.started) == 1


def test_the_next_pause_stops_the_stream_that_resuming_has_started(ask: Ask, control: MemoryControl) -> None:
    ask(PAUSE)
    ask(RESUME)
    control.asked.clear()
    assert ask(PAUSE).json()["number"] == 2
    assert control.asked[0] == ("stop", "message-1")


def test_a_resumption_that_failed_leaves_the_call_paused(ask: Ask, table: MemoryTable, control: MemoryControl) -> None:
    ask(PAUSE)
    control.refusals["resume"] = DOWN
    assert ask(RESUME).status == 503
    assert _pauses(table)[0].ended_at is None


def test_a_stream_that_an_earlier_try_has_started_is_enough(
    ask: Ask, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    ask(PAUSE)
    control.refusals["start"] = REFUSED
    assert ask(RESUME).status == 500
    later = replace(STREAM, sid=StreamSid("MZ" + "5" * 32), started_at=clock.now() + timedelta(seconds=1))
    table.transcripts.save([later], [])
    assert ask(RESUME).status == 200


def test_a_stream_that_the_pause_has_ended_is_not_taken_for_another(
    ask: Ask, table: MemoryTable, control: MemoryControl, clock: FixedClock
) -> None:
    ask(PAUSE)
    control.refusals["start"] = REFUSED
    ended = replace(STREAM, state=StreamState.ENDED, end=StreamEnd.STOPPED, ended_at=clock.now())
    table.transcripts.save([ended], [])
    assert ask(RESUME).status == 500


def test_where_nobody_listens_live_no_stream_is_started(
    ask: Ask, ports: ApiPorts, issuer: Issuer, control: MemoryControl
) -> None:
    ask = Ask(Gateway(replace(ports, has_streamer=False)), issuer)
    ask(PAUSE)
    assert ask(RESUME).status == 200
    assert control.started == []


def test_a_call_that_is_not_paused_cannot_go_on(ask: Ask) -> None:
    assert ask(RESUME).status == 409


@pytest.mark.parametrize("path", [PAUSE, RESUME])
def test_a_call_that_is_over_is_neither_paused_nor_resumed(ask: Ask, table: MemoryTable, path: str) -> None:
    if path == RESUME:
        ask(PAUSE)
    table.calls.report(examples.CALL_SID, CallStatus.COMPLETED, examples.ENDED_AT, 30)
    assert ask(path).status == 409


def test_a_call_is_paused_so_often_and_no_more(ask: Ask) -> None:
    for _ in range(MAX_PAUSES):
        assert ask(PAUSE).status == 200
        assert ask(RESUME).status == 200
    assert ask(PAUSE).status == 409


def test_a_call_without_a_stream_yet_is_resumed_with_the_callers_track(
    ask: Ask, table: MemoryTable, control: MemoryControl
) -> None:
    table.state.streams.clear()
    ask(PAUSE)
    ask(RESUME)
    assert control.started[0].ticket.tracks == (Track.INBOUND,)


def test_the_transcript_shows_the_pause(api: Gateway, issuer: Issuer, ask: Ask) -> None:
    ask(PAUSE)
    shown = api.get(f"/api/calls/{examples.CALL_SID}/transcript", issuer.token()).json()
    assert shown["pauses"] == [{"start_ms": 4_000, "end_ms": None, "reason": "paused by request"}]
