"""Credentials of the services we call, as the owner put them in Secrets Manager."""

import json
from dataclasses import dataclass, field

from telephony.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TwilioCredentials:
    """What we need of a Twilio account.

    Attributes:
        auth_tokens: the tokens Twilio may sign with: the current one, then the one before it during a rotation.
        api_key: an API key ("SK...") for REST calls; the account's SID when only the token is given.
    """

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    api_key: str
    api_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeepgramCredentials:
    """What we need of a Deepgram project."""

    api_key: str = field(repr=False)


def parse_twilio(secret: str) -> TwilioCredentials:
    """Read the Twilio secret: JSON with account_sid, auth_token, and maybe previous_auth_token, api_key, api_secret.

    Raises: ConfigurationError.
    """
    fields = _fields(secret, "Twilio", ("account_sid", "auth_token"))
    previous = fields.get("previous_auth_token", "")
    return TwilioCredentials(
        account_sid=fields["account_sid"],
        auth_tokens=(fields["auth_token"], previous) if previous else (fields["auth_token"],),
        api_key=fields.get("api_key") or fields["account_sid"],
        api_secret=fields.get("api_secret") or fields["auth_token"],
    )


def parse_deepgram(secret: str) -> DeepgramCredentials:
    """Read the Deepgram secret: JSON with api_key. Raises: ConfigurationError."""
    return DeepgramCredentials(_fields(secret, "Deepgram", ("api_key",))["api_key"])


def _fields(secret: str, service: str, required: tuple[str, ...]) -> dict[str, str]:
    try:
        fields = json.loads(secret)
    # RecursionError: json.loads() on "[[[[...".
    except (RecursionError, ValueError) as exc:
        raise ConfigurationError(f"the {service} secret is not JSON") from exc
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise ConfigurationError(f"the {service} secret must be a JSON object of strings")
    missing = [name for name in required if not fields.get(name)]
    if missing:
        raise ConfigurationError(f"the {service} secret lacks {', '.join(missing)}")
    return fields
