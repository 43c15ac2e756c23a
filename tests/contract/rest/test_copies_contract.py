"""What every TwilioCopies promises."""

from collections.abc import Callable

import pytest

from telephony.errors import UpstreamError
from telephony.ports.erasure import TwilioCopies
from telephony.recordings import RecordingSid
from telephony.rest.copies import TwilioRestCopies
from tests.contract.rest.server import Reply, Server
from tests.fakes.erasure import MemoryTwilioCopies
from tests.fakes.recordings import MemoryRecordingSource
from tests.fakes.secrets import ACCOUNT_SID, FixedSecrets

SID, OTHER = RecordingSid("RE" + "0a" * 16), RecordingSid("RE" + "1" * 32)
SMS = "SM" + "0a" * 16
ROOT = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
RECORDING, MESSAGE = f"{ROOT}/Recordings/{SID}.json", f"{ROOT}/Messages/{SMS}.json"


@pytest.fixture(params=["memory", "twilio"])
def having(request: pytest.FixtureRequest, twilio: Server) -> Callable[[], TwilioCopies]:
    """Give a Twilio that has one recording and one SMS."""

    def make() -> TwilioCopies:
        if request.param == "memory":
            return MemoryTwilioCopies(MemoryRecordingSource({SID: b"RIFF"}), messages={SMS})
        twilio.replies[RECORDING] = twilio.replies[MESSAGE] = [Reply(204), Reply(404)]
        return TwilioRestCopies(FixedSecrets(), twilio.origin)

    return make


def test_what_is_there_is_erased_once(having: Callable[[], TwilioCopies]) -> None:
    copies = having()
    assert [copies.erase_recording(SID) for _ in range(2)] == [True, False]
    assert not copies.erase_recording(OTHER)


def test_an_sms_is_erased_once(having: Callable[[], TwilioCopies]) -> None:
    copies = having()
    assert [copies.erase_message(SMS) for _ in range(2)] == [True, False]
    assert not copies.erase_message("SM" + "1" * 32)


def test_whether_an_sms_is_there_can_be_asked(having: Callable[[], TwilioCopies], twilio: Server) -> None:
    copies = having()
    twilio.replies[MESSAGE] = [Reply(200, b'{"sid": "SM1"}'), Reply(204), Reply(404)]
    assert copies.has_message(SMS)
    copies.erase_message(SMS)
    assert not copies.has_message(SMS)


@pytest.mark.parametrize(("status", "retryable"), [(400, False), (401, False), (429, True), (503, True)])
def test_what_twilio_does_not_erase_is_a_failure(twilio: Server, status: int, *, retryable: bool) -> None:
    twilio.replies[RECORDING] = [Reply(status, b'{"code": 21220, "message": "no"}')]
    with pytest.raises(UpstreamError) as failure:
        TwilioRestCopies(FixedSecrets(), twilio.origin).erase_recording(SID)
    assert (failure.value.service, failure.value.retryable) == ("twilio", retryable)


def test_it_is_asked_by_delete(twilio: Server) -> None:
    twilio.replies[RECORDING] = [Reply(204)]
    TwilioRestCopies(FixedSecrets(), twilio.origin).erase_recording(SID)
    assert [(asked.method, asked.path) for asked in twilio.asked] == [("DELETE", RECORDING)]
