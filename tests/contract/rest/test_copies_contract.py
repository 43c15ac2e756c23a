"""What every TwilioCopies promises."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from telephony.deliveries import Attempt
from telephony.errors import UpstreamError
from telephony.numbers import E164
from telephony.ports.erasure import TwilioCopies
from telephony.recordings import RecordingSid
from telephony.rest import copies as copies_module
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


TO, SENDER = E164("+14155550111"), E164("+14155550100")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ATTEMPT = Attempt(SENDER, "token-1", NOON)
LIST = f"{ROOT}/Messages.json"
FIRST = f"{LIST}?To=%2B14155550111&From=%2B14155550100&PageSize=1000"
OF_THE_DAYS = (
    f"{LIST}?To=%2B14155550111&From=%2B14155550100&DateSent%3C=2026-03-06&DateSent%3E=2026-03-02&PageSize=1000"
)
MORE = f"{LIST}?Page=1"
AT_NOON, AN_HOUR_BEFORE, A_YEAR_LATER = (
    "Mon, 02 Mar 2026 12:00:00 +0000",
    "Mon, 02 Mar 2026 11:00:00 +0000",
    "Tue, 02 Mar 2027 12:00:00 +0000",
)


def _listed(*messages: tuple[str, str, str | None, str], more: str | None = None) -> Reply:
    listed = [
        {"sid": sid, "body": body, "date_sent": sent, "date_created": created} for sid, body, sent, created in messages
    ]
    return Reply(200, json.dumps({"messages": listed, "page": 0, "page_size": 1_000, "next_page_uri": more}).encode())


def _copies(twilio: Server) -> TwilioRestCopies:
    return TwilioRestCopies(FixedSecrets(), twilio.origin)


def test_every_sms_with_an_attempts_marker_is_found_queued_sent_or_failed(twilio: Server) -> None:
    twilio.replies[FIRST] = [
        _listed(
            ("SM1", "https://x/token-1", None, AT_NOON),
            ("SM2", "https://x/token-2", AT_NOON, AT_NOON),
            ("SM3", "", AT_NOON, AT_NOON),
            ("SM4", "never sent", None, AN_HOUR_BEFORE),
            ("SM5", "https://x/token-1", AT_NOON, AT_NOON),
            ("SM6", "older", AN_HOUR_BEFORE, AN_HOUR_BEFORE),
            ("SM7", "https://x/token-1", AN_HOUR_BEFORE, AN_HOUR_BEFORE),
        )
    ]
    assert _copies(twilio).messages_with(TO, ATTEMPT) == ("SM1", "SM5")
    assert [asked.path for asked in twilio.asked] == [FIRST]


def test_among_too_many_newer_ones_an_sms_is_looked_for_by_the_days_it_was_sent_on(
    twilio: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies_module, "MOST_SMS", 2)
    monkeypatch.setattr(copies_module, "PAGE_SMS", 2)
    newer = [(f"SM{number}", "newer", A_YEAR_LATER, A_YEAR_LATER) for number in range(2)]
    small = "&PageSize=2"
    first, days = (each.replace("&PageSize=1000", small) for each in (FIRST, OF_THE_DAYS))
    twilio.replies[first] = [_listed(*newer, more=MORE)]
    twilio.replies[days] = [_listed(("SM9", "https://x/token-1", AT_NOON, AT_NOON))]
    assert _copies(twilio).messages_with(TO, ATTEMPT) == ("SM9",)
    assert [asked.path for asked in twilio.asked] == [first, days]


def test_not_to_have_looked_through_all_is_no_proof_that_there_is_none(twilio: Server) -> None:
    page = [(f"SM{number}", "other", A_YEAR_LATER, A_YEAR_LATER) for number in range(1_000)]
    twilio.replies[FIRST] = twilio.replies[OF_THE_DAYS] = twilio.replies[MORE] = [_listed(*page, more=MORE)]
    with pytest.raises(UpstreamError) as failure:
        _copies(twilio).messages_with(TO, ATTEMPT)
    assert (failure.value.code, failure.value.retryable) == ("too-many-sms", False)
    assert len(twilio.asked) == 8


def test_a_fake_finds_what_twilio_would(twilio: Server) -> None:
    twilio.replies[FIRST] = [_listed(("SM1", "https://x/token-1", AT_NOON, AT_NOON))]
    lost = {"SM1": ((TO, SENDER), "https://x/token-1", NOON), "SM2": ((TO, SENDER), "https://x/token-2", NOON)}
    memory = MemoryTwilioCopies(messages={"SM1", "SM2"}, lost=lost)
    assert memory.messages_with(TO, ATTEMPT) == _copies(twilio).messages_with(TO, ATTEMPT) == ("SM1",)
