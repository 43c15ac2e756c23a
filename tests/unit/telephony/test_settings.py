"""Settings come from the environment, all at once, or the process does not start."""

import pytest

from telephony.errors import ConfigurationError
from telephony.settings import ApiSettings, PipelineSettings, StreamerSettings, WebhookSettings, read

WEBHOOKS = {
    "TABLE_NAME": "ringscribe",
    "PUBLIC_ORIGIN": "https://calls.example",
    "MEDIA_URL": "wss://calls.example/media",
    "TWILIO_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:twilio",
    "RECORDINGS_BUCKET": "recordings",
}
STREAMER = {
    "TABLE_NAME": "ringscribe",
    "MEDIA_URL": "wss://calls.example/media",
    "TWILIO_SECRET_ARN": "arn:twilio",
    "DEEPGRAM_SECRET_ARN": "arn:deepgram",
}


def _set(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {**WEBHOOKS, "HAS_STREAMER": "false", "UNRELATED": "x"})

    settings = read(WebhookSettings)

    assert settings.table_name == "ringscribe"
    assert settings.media_url == "wss://calls.example/media"
    assert not settings.has_streamer


def test_an_origin_loses_its_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {**WEBHOOKS, "PUBLIC_ORIGIN": "http://127.0.0.1:8000/"})

    assert read(WebhookSettings).public_origin == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_ORIGIN", "calls.example"),
        ("PUBLIC_ORIGIN", "https://"),
        ("PUBLIC_ORIGIN", "https://calls.example/twilio"),
        ("PUBLIC_ORIGIN", "https://calls.example?x=1"),
        ("PUBLIC_ORIGIN", "https://calls.example#x"),
        ("MEDIA_URL", "https://calls.example/media"),
        ("MEDIA_URL", "wss://calls.example/media?key=hidden"),
        ("MEDIA_URL", "wss://calls.example/media#x"),
        ("TABLE_NAME", ""),
        ("HAS_STREAMER", "hidden"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _set(monkeypatch, {**WEBHOOKS, name: value})

    with pytest.raises(ConfigurationError) as caught:
        read(WebhookSettings)

    assert name in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert caught.value.__context__ is None


def test_every_missing_setting_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(PipelineSettings)

    for name in ("TABLE_NAME", "PUBLIC_ORIGIN", "RECORDINGS_BUCKET", "TOPIC_ARN", "FOLLOWUPS_QUEUE_URL"):
        assert name in str(caught.value)


def test_the_streamer_has_deepgrams_address_and_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, STREAMER)

    settings = read(StreamerSettings)

    assert (settings.deepgram_url, settings.port) == ("wss://api.deepgram.com/v1/listen", 8080)


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("RECORDINGS_BUCKET", "JWT_ISSUER", "JWT_AUDIENCE", "JWKS_URL", "TOPIC_ARN", "JOBS_QUEUE_URL")
    _set(monkeypatch, {**WEBHOOKS, **dict.fromkeys(names, "x"), "CAPTIONS_URL": "wss://calls.example/captions"})
    settings = read(ApiSettings)

    with pytest.raises(AttributeError, match="immutable"):
        settings.table_name = "another"  # type: ignore[misc]
