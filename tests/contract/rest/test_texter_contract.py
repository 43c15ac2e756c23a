"""What the Texter on Twilio's REST API promises."""

import json
import socket
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from telephony.credentials import TwilioCredentials
from telephony.errors import UpstreamError
from telephony.numbers import E164
from telephony.rest import client as module
from telephony.rest.texter import TwilioTexter
from tests.contract.rest.server import Reply, Server
from tests.fakes.secrets import ACCOUNT_SID, FixedSecrets

CREDENTIALS = TwilioCredentials(ACCOUNT_SID, ("token",), "SK1", "key-secret")
PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
TO, SENDER = E164("+14155550111"), E164("+14155550100")
TAKEN = Reply(201, json.dumps({"sid": "SM" + "1" * 32, "status": "queued"}).encode())


def _refusal(status: int, code: int) -> Reply:
    return Reply(status, json.dumps({"code": code, "message": "no", "status": status}).encode())


def _basic(credentials: TwilioCredentials) -> str:
    return "Basic " + b64encode(f"{credentials.api_key}:{credentials.api_secret}".encode()).decode()


def test_an_sms_is_sent_as_it_is_and_its_sid_returned(twilio: Server) -> None:
    twilio.replies[PATH] = [TAKEN]
    texter = TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin)
    assert texter.send(TO, SENDER, 'Voicemail from +1...\n"Grüße & 日本 🎉"') == "SM" + "1" * 32
    (asked,) = twilio.asked
    assert asked.form == {"To": [TO], "From": [SENDER], "Body": ['Voicemail from +1...\n"Grüße & 日本 🎉"']}
    assert asked.headers["Authorization"] == _basic(CREDENTIALS)


def test_every_sms_goes_its_own_way(twilio: Server) -> None:
    twilio.replies[PATH] = [TAKEN]
    texter = TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin)
    for text in ("one", "two"):
        texter.send(TO, SENDER, text)
    assert [asked.form["Body"] for asked in twilio.asked] == [["one"], ["two"]]
    assert len({asked.port for asked in twilio.asked}) == 2


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [(400, 21610, False), (400, 21211, False), (429, 20429, True)],
)
def test_a_refusal_has_twilios_code_and_says_whether_it_can_pass(
    twilio: Server, status: int, code: int, *, retryable: bool
) -> None:
    twilio.replies[PATH] = [_refusal(status, code)]
    with pytest.raises(UpstreamError) as failure:
        TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).send(TO, SENDER, "text")
    assert (failure.value.service, failure.value.code, failure.value.retryable) == ("twilio", str(code), retryable)
    assert not failure.value.is_uncertain
    assert not failure.value.is_denied
    assert len(twilio.asked) == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (_refusal(500, 20500), "20500"),
        (_refusal(503, 20503), "20503"),
        (Reply(502, b"<html>bad gateway</html>"), "502"),
        (Reply(504, b"<html>gateway timeout</html>"), "504"),
        (Reply(is_lost=True), "connection"),
        (Reply(201, b"{}", announced_bytes=900), "connection"),
        (Reply(201, b'{"sid": "SM'), "unreadable"),
        (Reply(201, b"[]"), "unreadable"),
        (Reply(201, b"{}"), "unreadable"),
    ],
)
def test_an_sms_of_which_it_is_not_known_whether_it_was_taken_is_not_to_be_sent_again(
    twilio: Server, reply: Reply, code: str
) -> None:
    twilio.replies[PATH] = [reply]
    with pytest.raises(UpstreamError) as failure:
        TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).send(TO, SENDER, "text")
    assert (failure.value.code, failure.value.retryable, failure.value.is_uncertain) == (code, False, True)
    assert len(twilio.asked) == 1


def test_a_refusal_that_is_not_json_has_its_status_for_a_code(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(429, b"<html>too many</html>")]
    with pytest.raises(UpstreamError) as failure:
        TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).send(TO, SENDER, "text")
    assert (failure.value.code, failure.value.retryable) == ("429", True)


def test_a_rotated_key_is_read_again_and_the_sms_sent(twilio: Server) -> None:
    twilio.replies[PATH] = [_refusal(401, 20003), TAKEN]
    rotated = replace(CREDENTIALS, api_key="SK2")
    texter = TwilioTexter(FixedSecrets(CREDENTIALS, next_twilio=rotated), twilio.origin)
    assert texter.send(TO, SENDER, "text").startswith("SM")
    assert [asked.headers["Authorization"] for asked in twilio.asked] == [_basic(CREDENTIALS), _basic(rotated)]


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 20005)])
def test_a_key_that_is_refused_and_was_not_rotated_is_the_owners_to_mend(
    twilio: Server, status: int, code: int
) -> None:
    twilio.replies[PATH] = [_refusal(status, code)]
    with pytest.raises(UpstreamError) as failure:
        TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).send(TO, SENDER, "text")
    assert (failure.value.code, failure.value.retryable, failure.value.is_denied) == (str(code), False, True)
    assert len(twilio.asked) == 1


@pytest.mark.parametrize("nowhere", ["http://127.0.0.1:9", "http://api.invalid"])
def test_an_sms_that_never_reached_an_api_may_be_sent_again_at_once(nowhere: str) -> None:
    with pytest.raises(UpstreamError) as failure:
        TwilioTexter(FixedSecrets(CREDENTIALS), nowhere).send(TO, SENDER, "text")
    assert (failure.value.code, failure.value.retryable, failure.value.is_uncertain) == ("connection", True, False)


def test_an_sms_whose_answer_never_came_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        texter = TwilioTexter(FixedSecrets(CREDENTIALS), f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(UpstreamError) as failure:
            texter.send(TO, SENDER, "text")
    assert (failure.value.code, failure.value.retryable, failure.value.is_uncertain) == ("timeout", False, True)


def _listed(*messages: tuple[str, str, str], more: str | None = None) -> Reply:
    listed = [{"sid": sid, "body": body, "date_created": at, "status": "queued"} for sid, body, at in messages]
    return Reply(200, json.dumps({"messages": listed, "page": 0, "page_size": 50, "next_page_uri": more}).encode())


FIRST_PAGE = f"{PATH}?To=%2B14155550111&From=%2B14155550100&PageSize=50"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AT_NOON, AN_HOUR_BEFORE = "Mon, 02 Mar 2026 12:00:00 +0000", "Mon, 02 Mar 2026 11:00:00 +0000"


def test_an_sms_is_found_by_its_marker_on_a_later_page_too(twilio: Server) -> None:
    twilio.replies[FIRST_PAGE] = [_listed(("SM1", "other", AT_NOON), ("SM2", "", AT_NOON), more=f"{PATH}?Page=1")]
    twilio.replies[f"{PATH}?Page=1"] = [_listed(("SM3", "Listen: https://x/token-1", AT_NOON))]
    texter = TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin)
    assert texter.find(TO, SENDER, "token-1", NOON) == "SM3"
    assert [asked.method for asked in twilio.asked] == ["GET", "GET"]


def test_an_sms_that_was_never_taken_is_not_found(twilio: Server) -> None:
    twilio.replies[FIRST_PAGE] = [_listed(("SM1", "token-2", AT_NOON))]
    assert TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).find(TO, SENDER, "token-1", NOON) is None


def test_what_was_taken_long_before_is_not_looked_through(twilio: Server) -> None:
    twilio.replies[FIRST_PAGE] = [_listed(("SM1", "token-1", AN_HOUR_BEFORE), more=f"{PATH}?Page=1")]
    assert TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).find(TO, SENDER, "token-1", NOON) is None
    assert len(twilio.asked) == 1


def test_the_search_for_an_sms_ends_after_some_pages(twilio: Server) -> None:
    page = [(f"SM{number}", "other", AT_NOON) for number in range(50)]
    twilio.replies[FIRST_PAGE] = twilio.replies[f"{PATH}?Page=1"] = [_listed(*page, more=f"{PATH}?Page=1")]
    assert TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).find(TO, SENDER, "token-1", NOON) is None
    assert len(twilio.asked) == 4


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [(401, "20003", False), (404, "404", False), (429, "429", True), (503, "503", True)],
)
def test_a_search_that_is_refused_says_so(twilio: Server, status: int, code: str, *, retryable: bool) -> None:
    twilio.replies[FIRST_PAGE] = [_refusal(status, 0)]
    with pytest.raises(UpstreamError) as failure:
        TwilioTexter(FixedSecrets(CREDENTIALS), twilio.origin).find(TO, SENDER, "token-1", NOON)
    assert (failure.value.code, failure.value.retryable) == (code, retryable)
