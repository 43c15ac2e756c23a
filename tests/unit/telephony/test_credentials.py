"""Credentials are read from what the owner put in Secrets Manager, and never shown."""

import json

import pytest

from telephony.credentials import DeepgramCredentials, TwilioCredentials, parse_deepgram, parse_twilio
from telephony.errors import ConfigurationError

ACCOUNT = "AC" + "0" * 32


def test_a_token_alone_will_do() -> None:
    credentials = parse_twilio(json.dumps({"account_sid": ACCOUNT, "auth_token": "now"}))

    assert credentials == TwilioCredentials(ACCOUNT, ("now",), ACCOUNT, "now")


def test_during_a_rotation_the_token_before_is_good_too() -> None:
    secret = {"account_sid": ACCOUNT, "auth_token": "now", "previous_auth_token": "before"}

    assert parse_twilio(json.dumps(secret)).auth_tokens == ("now", "before")


def test_an_api_key_makes_the_rest_calls() -> None:
    secret = {"account_sid": ACCOUNT, "auth_token": "now", "api_key": "SK1", "api_secret": "key"}

    credentials = parse_twilio(json.dumps(secret))

    assert (credentials.api_key, credentials.api_secret) == ("SK1", "key")


def test_deepgrams_key_is_read() -> None:
    assert parse_deepgram('{"api_key": "k"}') == DeepgramCredentials("k")


@pytest.mark.parametrize(
    ("secret", "complaint"),
    [
        ("", "the Twilio secret is not JSON"),
        ("[]", "the Twilio secret must be a JSON object of strings"),
        ('{"account_sid": 7}', "the Twilio secret must be a JSON object of strings"),
        ("{}", "the Twilio secret lacks account_sid, auth_token"),
        ('{"account_sid": "AC", "auth_token": ""}', "the Twilio secret lacks auth_token"),
    ],
)
def test_a_secret_that_will_not_do_is_told_apart(secret: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_twilio(secret)

    assert str(caught.value) == complaint


def test_secrets_are_never_shown() -> None:
    shown = repr(TwilioCredentials("AC1", ("token",), "SK1", "hidden")) + repr(DeepgramCredentials("hidden"))

    assert "token'" not in shown
    assert "hidden" not in shown
