"""What every CallSource promises, and what Twilio's makes of its answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from telephony.calls import CallSid, CallStatus
from telephony.credentials import TwilioCredentials
from telephony.errors import NotFoundError, UpstreamError, WireError
from telephony.events import CallFound, RecordingReported
from telephony.ports.services import CallSource
from telephony.recordings import RecordingSid, RecordingStatus
from telephony.rest.calls import TwilioCalls
from tests.contract.rest.server import Reply, Server
from tests.fakes.call_source import MemoryCallSource
from tests.fakes.secrets import ACCOUNT_SID, FixedSecrets

SID = CallSid("CA" + "0a" * 16)
PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{SID}"
RECORDINGS = f"{PATH}/Recordings.json?PageSize=50"
RECORDING_SID = RecordingSid("RE" + "0b" * 16)
ENDED = CallFound(CallStatus.COMPLETED, datetime(2026, 3, 2, 12, 0, 42, tzinfo=UTC), 42)
REPORTED = RecordingReported(SID, RECORDING_SID, RecordingStatus.COMPLETED, 9_000)
UNKNOWN = Reply(404, json.dumps({"code": 20404, "message": "no", "status": 404}).encode())


def _json(value: object) -> Reply:
    return Reply(200, json.dumps(value).encode())


def _call(status: str = "completed", duration: str | None = "42") -> Reply:
    return _json({"sid": SID, "status": status, "end_time": "Mon, 02 Mar 2026 12:00:42 +0000", "duration": duration})


def _recordings(*recordings: dict[str, object]) -> Reply:
    return _json({"recordings": recordings, "page": 0, "page_size": 50, "next_page_uri": None})


def _source(twilio: Server) -> TwilioCalls:
    credentials = TwilioCredentials(ACCOUNT_SID, ("token",), "SK1", "key-secret")
    return TwilioCalls(FixedSecrets(credentials), twilio.origin)


@pytest.fixture(params=["memory", "twilio"])
def knowing(request: pytest.FixtureRequest, twilio: Server) -> Callable[[], CallSource]:
    """Give a source that knows one call with one recording."""

    def source() -> CallSource:
        if request.param == "memory":
            return MemoryCallSource({SID: ENDED}, [REPORTED])
        twilio.replies[f"{PATH}.json"] = [_call()]
        twilio.replies[RECORDINGS] = [_recordings({"sid": RECORDING_SID, "status": "completed", "duration": "9"})]
        return _source(twilio)

    return source


def test_a_call_that_is_over_has_its_end_and_its_recordings(knowing: Callable[[], CallSource]) -> None:
    assert knowing().call(SID) == ENDED
    assert knowing().recordings(SID) == (REPORTED,)


def test_a_call_that_twilio_does_not_know_is_not_found_and_has_no_recordings(knowing: Callable[[], CallSource]) -> None:
    other = CallSid("CA" + "1" * 32)
    with pytest.raises(NotFoundError):
        knowing().call(other)
    assert knowing().recordings(other) == ()


def test_a_call_that_goes_on_has_no_end(twilio: Server) -> None:
    twilio.replies[f"{PATH}.json"] = [_call("in-progress", None)]
    assert _source(twilio).call(SID) == CallFound(CallStatus.IN_PROGRESS, None, None)


@pytest.mark.parametrize("duration", [None, "", "-1"])
def test_a_length_that_is_not_known_is_none(twilio: Server, duration: str | None) -> None:
    twilio.replies[f"{PATH}.json"] = [_call("failed", duration)]
    twilio.replies[RECORDINGS] = [_recordings({"sid": RECORDING_SID, "status": "absent", "duration": duration})]
    assert _source(twilio).call(SID).duration_s is None
    assert _source(twilio).recordings(SID) == (RecordingReported(SID, RECORDING_SID, RecordingStatus.ABSENT, 0),)


@pytest.mark.parametrize("status", ["in-progress", "paused", "stopped", "processing"])
def test_a_recording_that_is_not_ready_is_announced(twilio: Server, status: str) -> None:
    twilio.replies[RECORDINGS] = [_recordings({"sid": RECORDING_SID, "status": status, "duration": None})]
    assert [each.status for each in _source(twilio).recordings(SID)] == [RecordingStatus.ANNOUNCED]


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b"<html>"),
        Reply(200, b"[]"),
        Reply(200, b"{}"),
        _call("sleeping"),
        _call("completed", "long"),
        _recordings({"sid": "RE1", "status": "completed"}),
        _recordings({"sid": RECORDING_SID, "status": "eaten"}),
        _recordings({"sid": RECORDING_SID, "status": "completed", "duration": "long"}),
    ],
)
def test_an_answer_that_is_no_answer_is_refused(twilio: Server, answer: Reply) -> None:
    twilio.replies[f"{PATH}.json"] = twilio.replies[RECORDINGS] = [answer]
    with pytest.raises((WireError, UpstreamError)):
        _source(twilio).recordings(SID)
    with pytest.raises((WireError, UpstreamError)):
        _source(twilio).call(SID)


@pytest.mark.parametrize(("status", "retryable"), [(403, False), (429, True), (500, True)])
def test_a_refusal_says_whether_it_can_pass(twilio: Server, status: int, *, retryable: bool) -> None:
    twilio.replies[f"{PATH}.json"] = twilio.replies[RECORDINGS] = [Reply(status, b"{}")]
    for question in (_source(twilio).call, _source(twilio).recordings):
        with pytest.raises(UpstreamError) as failure:
            question(SID)
        assert (failure.value.code, failure.value.retryable) == (str(status), retryable)
