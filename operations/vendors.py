"""Vendors: do Twilio and Deepgram take the credentials? Asked by doing what the credentials are for."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from telephony.credentials import DeepgramCredentials, TwilioCredentials
from telephony.errors import ConfigurationError, NotFoundError, TelephonyError
from telephony.numbers import E164
from telephony.pointing import why
from telephony.rest.numbers import TwilioNumbers

TIMEOUT_S: Final = 15

SILENCE_MS: Final = 100
"""Enough to be taken for sound; Deepgram bills it with a thousandth of a cent."""

_NOBODY: Final = E164("+15005550000")
"""A number that no account can own: Twilio answers that it is not there, once it has taken the credentials.
Source: https://www.twilio.com/docs/iam/test-credentials, "Magic input"."""

_DEEPGRAM_TROUBLE: Final = {
    HTTPStatus.UNAUTHORIZED: "Deepgram refuses the API key",
    HTTPStatus.FORBIDDEN: "the Deepgram API key has no right to transcribe: make one with the role Member",
    HTTPStatus.PAYMENT_REQUIRED: "the Deepgram project has no credit left: add some in its console",
    HTTPStatus.TOO_MANY_REQUESTS: "the Deepgram project has too many streams at once: ask Deepgram for more",
}


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the vendors' APIs are."""

    twilio: str = "https://api.twilio.com"
    deepgram: str = "https://api.deepgram.com"


@dataclass(frozen=True, slots=True)
class GivenTwilio:
    """Hands out these credentials of Twilio's; see `telephony.ports.SecretStore`."""

    credentials: TwilioCredentials

    def twilio(self, *, fresh: bool = False) -> TwilioCredentials:  # noqa: ARG002 - they never change
        """Return them."""
        return self.credentials

    def deepgram(self) -> DeepgramCredentials:
        """Raise ConfigurationError."""
        raise ConfigurationError("only Twilio's credentials are at hand")


def twilio_troubles(credentials: TwilioCredentials, origin: str) -> list[str]:
    """Return, in plain words, what Twilio refuses of *credentials*; nothing when it takes them all.

    The auth token is asked about too, though we only check signatures with it: with a wrong one, every webhook would
    be refused. An account's own page is not asked for, because Twilio shows it to no standard API key.
    """
    sid, token = credentials.account_sid, credentials.auth_tokens[0]
    troubles = []
    if not _is_taken(TwilioCredentials(sid, (token,), sid, token), origin):
        troubles.append("Twilio refuses the account SID with the auth token")
    if credentials.api_key != sid and not _is_taken(credentials, origin):
        troubles.append("Twilio refuses the API key with its secret")
    return troubles


def _is_taken(credentials: TwilioCredentials, origin: str) -> bool:
    try:
        TwilioNumbers(GivenTwilio(credentials), origin).find(_NOBODY)
    except NotFoundError:
        return True
    except TelephonyError as exc:
        if "refuses the credentials" in why(_NOBODY, exc):
            return False
        raise
    return True


def number_troubles(credentials: TwilioCredentials, numbers: Sequence[E164], origin: str) -> list[str]:
    """Return, in plain words, which numbers are not the account's. Raises: TelephonyError if Twilio fails."""
    source, troubles = TwilioNumbers(GivenTwilio(credentials), origin), []
    for number in numbers:
        try:
            source.find(number)
        except NotFoundError as exc:
            troubles.append(why(number, exc))
    return troubles


def deepgram_trouble(credentials: DeepgramCredentials, origin: str) -> str:
    """Return, in plain words, why Deepgram would not transcribe for us now; blank when it does.

    A little silence is transcribed: that needs the right that we need and a project with credit, which a look at the
    key or the project does not show.
    """
    headers = {"Authorization": f"Token {credentials.api_key}", "Content-Type": "audio/wav"}
    try:
        answer = httpx.post(
            f"{origin}/v1/listen", params={"model": "nova-3"}, content=_silence(), headers=headers, timeout=TIMEOUT_S
        )
    except httpx.HTTPError as exc:
        return f"Deepgram cannot be reached: {type(exc).__name__}"
    if answer.is_success:
        return ""
    known = _DEEPGRAM_TROUBLE.get(HTTPStatus(answer.status_code)) if answer.status_code in _STATUSES else None
    return known or f"Deepgram answers {answer.status_code}"


_STATUSES: Final = frozenset(map(int, HTTPStatus))


def _silence() -> bytes:
    file, rate = io.BytesIO(), 8_000
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(bytes(2 * rate * SILENCE_MS // 1_000))
    return file.getvalue()
