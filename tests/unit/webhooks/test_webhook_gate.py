"""Nothing of a request is believed, and nothing done, before Twilio's signature is found on it."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from structlog.testing import capture_logs

from telephony.credentials import TwilioCredentials
from telephony.metrics import Metric
from tests.fakes.secrets import ACCOUNT_SID, AUTH_TOKEN
from tests.unit.webhooks.calling import ORIGIN, Twilio, World, form, sign

WEBHOOKS = {
    "/twilio/voice": "incoming-call",
    "/twilio/fallback": "fallback",
    "/twilio/dialed": "dial-no-answer",
    "/twilio/recorded": "record-key-pressed",
    "/twilio/recording": "recording-completed",
    "/twilio/status": "call-completed",
    "/twilio/stream": "stream-error",
}
VOICE_BODY = urlencode(form("incoming-call"))
VOICE_SIGNATURE = sign(f"{ORIGIN}/twilio/voice", VOICE_BODY)


def credentials(*tokens: str) -> TwilioCredentials:
    return TwilioCredentials(ACCOUNT_SID, tokens, "SK1", "secret")


def assert_refused(world: World, status: int, expected: int = 403) -> None:
    assert status == expected
    assert world.meter.counted == [Metric.WEBHOOK_REFUSED]
    assert not world.table.state.calls
    assert not world.table.state.recordings
    assert not world.table.state.tickets


@pytest.mark.parametrize(("path", "name"), WEBHOOKS.items())
def test_a_forged_signature_is_refused(world: World, twilio: Twilio, path: str, name: str) -> None:
    assert_refused(world, twilio.post(path, name, token="forged").status)


@pytest.mark.parametrize(("path", "name"), WEBHOOKS.items())
@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "é"}])
def test_a_missing_signature_is_refused(
    world: World, twilio: Twilio, path: str, name: str, headers: dict[str, str]
) -> None:
    assert_refused(world, twilio.send(path, urlencode(form(name)), headers).status)


@pytest.mark.parametrize(("path", "name"), WEBHOOKS.items())
def test_a_stale_signature_is_refused(world: World, path: str, name: str) -> None:
    world.secrets.twilio_credentials = credentials("current", "previous")
    assert_refused(world, world.start().post(path, name, token="the-one-before").status)


@pytest.mark.parametrize(("path", "name"), WEBHOOKS.items())
@pytest.mark.parametrize("token", ["current", "previous"])
def test_both_tokens_of_a_rotation_are_taken(world: World, path: str, name: str, token: str) -> None:
    world.secrets.twilio_credentials = credentials("current", "previous")
    assert world.start().post(path, name, token=token).status in {200, 204}


def test_a_token_rotated_a_moment_ago_is_taken(world: World, twilio: Twilio) -> None:
    world.secrets.next_twilio = credentials("rotated", AUTH_TOKEN)
    assert twilio.post("/twilio/voice", "incoming-call", token="rotated").status == 200


def test_what_is_refused_is_logged_without_a_value(twilio: Twilio) -> None:
    with capture_logs() as logs:
        twilio.post("/twilio/voice", "incoming-call", token="forged", **{"x" * 90: "y"})
    (refusal,) = [line for line in logs if line["event"] == "webhook-refused"]
    assert refusal["reason"] == "signature"
    assert {"AccountSid", "From", "To", "x" * 40} <= set(refusal["parameters"])
    assert "4155550123" not in str(logs)


def test_a_changed_field_is_refused(world: World, twilio: Twilio) -> None:
    body = VOICE_BODY.replace("incoming", "").replace("%2B14155550123", "%2B14155550199")
    assert_refused(world, twilio.send("/twilio/voice", body, {"X-Twilio-Signature": VOICE_SIGNATURE}).status)


def test_a_signature_for_another_webhook_is_refused(world: World, twilio: Twilio) -> None:
    headers = {"X-Twilio-Signature": VOICE_SIGNATURE}
    assert_refused(world, twilio.send("/twilio/fallback", VOICE_BODY, headers).status)


def test_an_added_query_is_refused(world: World, twilio: Twilio) -> None:
    headers = {"X-Twilio-Signature": VOICE_SIGNATURE}
    assert_refused(world, twilio.send("/twilio/voice?number=%2B15005550001", VOICE_BODY, headers).status)


def test_no_header_has_a_say_in_what_must_be_signed(world: World, twilio: Twilio) -> None:
    headers = {
        "X-Twilio-Signature": sign("https://attacker.example/twilio/voice", VOICE_BODY),
        "host": "attacker.example",
        "x-forwarded-host": "attacker.example",
        "x-forwarded-proto": "https",
    }
    assert_refused(world, twilio.send("/twilio/voice", VOICE_BODY, headers).status)


def test_another_accounts_call_is_refused(world: World, twilio: Twilio) -> None:
    assert_refused(world, twilio.post("/twilio/voice", "incoming-call", AccountSid="AC" + "9" * 32).status)


def test_a_form_without_an_account_is_refused(world: World, twilio: Twilio) -> None:
    assert_refused(world, twilio.post("/twilio/recording", "recording-completed", AccountSid="").status)


@pytest.mark.parametrize("body", ["a=%FF", "&".join(f"f{number}=" for number in range(301))])
def test_what_cannot_be_read_is_refused(world: World, twilio: Twilio, body: str) -> None:
    assert_refused(world, twilio.send("/twilio/voice", body, {"X-Twilio-Signature": VOICE_SIGNATURE}).status)


def test_a_body_that_is_too_large_is_refused(world: World, twilio: Twilio) -> None:
    headers = {"X-Twilio-Signature": VOICE_SIGNATURE}
    assert_refused(world, twilio.send("/twilio/voice", "a=" + "x" * 65_535, headers).status, 413)


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data; boundary=x"])
def test_what_is_no_form_is_refused(world: World, twilio: Twilio, content_type: str) -> None:
    headers = {"X-Twilio-Signature": VOICE_SIGNATURE, "content-type": content_type}
    assert_refused(world, twilio.send("/twilio/voice", VOICE_BODY, headers).status, 415)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/twilio/voice", 405),
        ("POST", "/twilio/voice/", 404),
        ("POST", "/twilio/unknown", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/openapi.json", 404),
    ],
)
def test_there_is_nothing_else_to_be_found(twilio: Twilio, method: str, path: str, status: int) -> None:
    reply = twilio.send(path, VOICE_BODY, {"X-Twilio-Signature": VOICE_SIGNATURE}, method=method)
    assert reply.status == status


def test_a_body_in_base64_is_read_like_a_plain_one(world: World, twilio: Twilio) -> None:
    headers = {"X-Twilio-Signature": VOICE_SIGNATURE}
    reply = twilio.send("/twilio/voice", VOICE_BODY, headers, is_base64=True)
    assert reply.status == 200
    assert len(world.table.state.calls) == 1


def test_a_name_beyond_ascii_is_signed_as_utf_8(twilio: Twilio) -> None:
    assert twilio.post("/twilio/voice", "incoming-call-by-name").status == 200


def test_the_account_of_a_rotated_secret_counts(world: World, twilio: Twilio) -> None:
    world.secrets.next_twilio = replace(credentials("rotated"), account_sid="AC" + "9" * 32)
    reply = twilio.post("/twilio/voice", "incoming-call", token="rotated", AccountSid="AC" + "9" * 32)
    assert reply.status == 200
