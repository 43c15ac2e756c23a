"""SecretStore on Secrets Manager."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from telephony.aws.clients import error_code, meaning, translated
from telephony.credentials import DeepgramCredentials, TwilioCredentials, parse_deepgram, parse_twilio
from telephony.errors import ConfigurationError, UpstreamError

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_S: Final = 300
"""A rotated secret is in use everywhere after this long, without anybody being told."""
FRESH_EVERY_S: Final = 10
"""Forged webhooks ask for fresh readings too; they must not use up the service's rate, or our money."""

_MISSING: Final = frozenset({"ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException"})


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    asked_at_s: float


class SecretsManagerSecrets:
    """The credentials, kept for five minutes; see `telephony.ports.SecretStore`.

    An empty ARN means that this deployable has no use for the secret.
    """

    def __init__(
        self,
        client: "SecretsManagerClient",
        *,
        twilio_arn: str = "",
        deepgram_arn: str = "",
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._twilio_arn = twilio_arn
        self._deepgram_arn = deepgram_arn
        self._monotonic_s = monotonic_s
        self._readings: dict[str, _Reading] = {}

    def twilio(self, *, fresh: bool = False) -> TwilioCredentials:
        """Return Twilio's credentials; *fresh* asks for a new reading, granted every 10 s.

        Raises: ConfigurationError.
        """
        return parse_twilio(self._text(self._twilio_arn, kept_s=FRESH_EVERY_S if fresh else KEPT_S))

    def deepgram(self) -> DeepgramCredentials:
        """Return Deepgram's credentials. Raises: ConfigurationError."""
        return parse_deepgram(self._text(self._deepgram_arn, kept_s=KEPT_S))

    def _text(self, arn: str, *, kept_s: float) -> str:
        known = self._readings.get(arn)
        now_s = self._monotonic_s()
        if known is not None and now_s - known.asked_at_s < kept_s:
            return known.text
        try:
            text = self._read(arn)
        except UpstreamError:
            if known is None:
                raise
            text = known.text  # what was right minutes ago beats no answer to a caller
        self._readings[arn] = _Reading(text, now_s)
        return text

    def _read(self, arn: str) -> str:
        if not arn:
            raise ConfigurationError("this deployable was given no ARN for the secret it needs")
        with translated("secretsmanager"):
            try:
                answer = self._client.get_secret_value(SecretId=arn)
            except ClientError as exc:
                if error_code(exc) in _MISSING:
                    raise ConfigurationError(f"the secret cannot be read: {error_code(exc)}") from exc
                raise meaning("secretsmanager", exc) from exc
        if "SecretString" not in answer:
            raise ConfigurationError("the secret is binary; it must be text")
        return answer["SecretString"]
