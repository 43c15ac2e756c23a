"""Vault: the vendors' credentials in Secrets Manager, put there before the stack that reads them is deployed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.errors import OperationError
from operations.stack import Cloud, plainly
from telephony.aws.clients import error_code

TWILIO: Final = "ringscribe/twilio"
DEEPGRAM: Final = "ringscribe/deepgram"
NAMES: Final = (TWILIO, DEEPGRAM)

OUTPUTS: Final = {TWILIO: "TwilioSecret", DEEPGRAM: "DeepgramSecret"}
"""Which output of the stack says which secret it reads."""

RECOVERY_DAYS: Final = 30
"""For so long a secret that was thrown away can be had back; it costs nothing meanwhile."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets. Every method may raise OperationError."""

    cloud: Cloud

    def place(self, name: str) -> str:
        """Return where a secret is, or belongs: the ARN that the stack reads, else its name."""
        stack = self.cloud.find()
        return stack.outputs.get(OUTPUTS[name], name) if stack else name

    def read(self, place: str) -> Mapping[str, str]:
        """Return a secret's fields; none if it is not there, or thrown away."""
        with plainly("Secrets Manager"):
            try:
                text = self._client().get_secret_value(SecretId=place)["SecretString"]
            except ClientError as exc:
                if error_code(exc) in _ABSENT:
                    return {}
                raise
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise OperationError(f"the secret {place} is not a JSON object: delete it, and run `make configure`")
        return {name: str(value) for name, value in fields.items()}

    def write(self, place: str, fields: Mapping[str, str]) -> None:
        """Store a secret's fields over those that it had; it is made, or taken back, if it has to be."""
        client, text = self._client(), json.dumps(dict(fields))
        with plainly("Secrets Manager"):
            try:
                if "DeletedDate" in client.describe_secret(SecretId=place):
                    client.restore_secret(SecretId=place)
                client.put_secret_value(SecretId=place, SecretString=text)
            except ClientError as exc:
                if error_code(exc) != "ResourceNotFoundException":
                    raise
                client.create_secret(Name=place, SecretString=text, Description="Ringscribe's credentials")

    def arn(self, name: str) -> str | None:
        """Return the ARN of the secret of that name; None if it is not there, or thrown away."""
        with plainly("Secrets Manager"):
            try:
                found = self._client().describe_secret(SecretId=name)
            except ClientError as exc:
                if error_code(exc) in _ABSENT:
                    return None
                raise
        return None if "DeletedDate" in found else str(found["ARN"])

    def throw_away(self, name: str) -> bool:
        """Have a secret erased in RECOVERY_DAYS; tell whether there was one."""
        if self.arn(name) is None:
            return False
        with plainly("Secrets Manager"):
            self._client().delete_secret(SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)
        return True

    def _client(self) -> Any:  # noqa: ANN401 - see Cloud.client
        return self.cloud.client("secretsmanager")


_ABSENT: Final = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
