"""What every RecordingSource promises, and what Twilio's takes no matter who answers."""

import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest

from telephony.credentials import TwilioCredentials
from telephony.errors import NotFoundError, UpstreamError, WireError
from telephony.ports.services import RecordingSource
from telephony.recordings import RecordingSid
from telephony.rest import recordings as module
from telephony.rest.recordings import TwilioRecordings
from tests.contract.rest import server
from tests.contract.rest.server import Reply, Server
from tests.fakes.recordings import MemoryRecordingSource
from tests.fakes.secrets import ACCOUNT_SID, FixedSecrets

CREDENTIALS = TwilioCredentials(ACCOUNT_SID, ("token",), "SK1", "key-secret")
SID = RecordingSid("RE" + "0a" * 16)
PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Recordings/{SID}.wav"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 2_000
BASIC = "Basic " + b64encode(b"SK1:key-secret").decode()

Fill = Callable[[bytes], RecordingSource]


def _source(twilio: Server) -> TwilioRecordings:
    return TwilioRecordings(FixedSecrets(CREDENTIALS), twilio.origin)


@pytest.fixture(params=["memory", "twilio"])
def fill(request: pytest.FixtureRequest, twilio: Server) -> Fill:
    def with_sound(sound: bytes) -> RecordingSource:
        if request.param == "memory":
            return MemoryRecordingSource({SID: sound})
        twilio.replies[PATH] = [Reply(200, sound)]
        return _source(twilio)

    return with_sound


def test_a_recording_comes_whole(fill: Fill) -> None:
    assert fill(WAV).fetch(SID) == WAV


def test_a_recording_that_is_not_there_is_not_found(fill: Fill) -> None:
    with pytest.raises(NotFoundError):
        fill(WAV).fetch(RecordingSid("RE" + "1" * 32))


def test_the_request_carries_the_key_and_nothing_of_a_webhook(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(200, WAV)]
    _source(twilio).fetch(SID)
    (asked,) = twilio.asked
    assert (asked.method, asked.path, asked.headers["Authorization"]) == ("GET", PATH, BASIC)


@pytest.mark.parametrize("body", [b"", b"RIFF", b"ID3\x03" + bytes(100), b"<html>sign in</html>", b"RIFF\0\0\0\0AVI  "])
def test_what_is_no_wav_is_refused(twilio: Server, body: bytes) -> None:
    twilio.replies[PATH] = [Reply(200, body)]
    with pytest.raises(WireError):
        _source(twilio).fetch(SID)


@pytest.mark.parametrize(
    ("status", "retryable", "is_denied"),
    [
        (400, False, False),
        (401, False, True),
        (403, False, True),
        (429, True, False),
        (500, True, False),
        (503, True, False),
    ],
)
def test_a_refusal_says_whether_it_can_pass_and_whether_it_is_the_owners_to_mend(
    twilio: Server, status: int, *, retryable: bool, is_denied: bool
) -> None:
    twilio.replies[PATH] = [Reply(status)]
    with pytest.raises(UpstreamError) as failure:
        _source(twilio).fetch(SID)
    assert (failure.value.code, failure.value.retryable, failure.value.is_denied) == (str(status), retryable, is_denied)


def test_a_rotated_key_is_read_again_and_the_recording_fetched(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(401), Reply(200, WAV)]
    secrets = FixedSecrets(CREDENTIALS, next_twilio=replace(CREDENTIALS, api_key="SK2"))
    assert TwilioRecordings(secrets, twilio.origin).fetch(SID) == WAV


def test_an_answer_that_breaks_off_is_a_failure_that_may_pass(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(200, WAV, announced_bytes=len(WAV) + 1)]
    with pytest.raises(UpstreamError) as failure:
        _source(twilio).fetch(SID)
    assert failure.value.retryable


def test_a_recording_larger_than_memory_is_refused(twilio: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", len(WAV) - 1)
    twilio.replies[PATH] = [Reply(200, WAV)]
    with pytest.raises(WireError, match="long"):
        _source(twilio).fetch(SID)


def test_a_peer_that_trickles_is_left_when_patience_ends(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(200, WAV)]
    seconds = iter(range(0, 1_000, 40))
    source = TwilioRecordings(FixedSecrets(CREDENTIALS), twilio.origin, monotonic_s=lambda: next(seconds))
    with pytest.raises(UpstreamError, match="timeout"):
        source.fetch(SID)


def test_a_redirect_within_the_api_is_followed_with_the_key(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(302, headers={"Location": "/elsewhere"})]
    twilio.replies["/elsewhere"] = [Reply(200, WAV)]
    assert _source(twilio).fetch(SID) == WAV
    assert [asked.headers.get("Authorization") for asked in twilio.asked] == [BASIC, BASIC]


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:9/x", "ftp://h/x", "file:///etc/passwd", "//169.254.169.254/", "http://[x", "https://"],
)
def test_a_redirect_to_what_is_no_https_address_is_not_followed(twilio: Server, location: str) -> None:
    twilio.replies[PATH] = [Reply(302, headers={"Location": location})]
    with pytest.raises(WireError):
        _source(twilio).fetch(SID)


def test_the_key_goes_to_no_other_host(twilio: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.running() as other:
        # Only https leads elsewhere, and a test has no certificate: the check of the scheme is taken away.
        monkeypatch.setattr(module, "ELSEWHERE", ("https", "http"))
        twilio.replies[PATH] = [Reply(307, headers={"Location": f"{other.origin}/sound"})]
        other.replies["/sound"] = [Reply(200, WAV)]
        assert _source(twilio).fetch(SID) == WAV
        (asked,) = other.asked
    assert "Authorization" not in asked.headers


def test_redirects_that_never_end_are_left(twilio: Server) -> None:
    twilio.replies[PATH] = [Reply(302, headers={"Location": PATH})]
    with pytest.raises(WireError, match="redirects"):
        _source(twilio).fetch(SID)
    assert len(twilio.asked) == 1 + module.MAX_REDIRECTS


def test_an_api_that_cannot_be_reached_is_a_failure_that_may_pass() -> None:
    with pytest.raises(UpstreamError) as failure:
        TwilioRecordings(FixedSecrets(CREDENTIALS), "http://127.0.0.1:9").fetch(SID)
    assert (failure.value.code, failure.value.retryable) == ("connection", True)


def test_an_api_that_does_not_answer_is_a_failure_that_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", (1, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = TwilioRecordings(FixedSecrets(CREDENTIALS), f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(UpstreamError) as failure:
            source.fetch(SID)
    assert (failure.value.code, failure.value.retryable) == ("timeout", True)
