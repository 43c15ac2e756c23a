"""Places in Secrets Manager for the credentials that only the owner has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aws_cdk import SecretValue, aws_kms, aws_secretsmanager
from constructs import Construct

from infra import context
from infra.acceptance import accept

TWILIO: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("account_sid", "auth_token", "previous_auth_token", "api_key", "api_secret"), "")
)
DEEPGRAM: Final[Mapping[str, str]] = MappingProxyType({"api_key": ""})


class Credentials(Construct):
    """One secret per vendor: the owner's, which the flags twilioSecret and deepgramSecret name by their ARNs.

    Without the flags they are made with empty fields for the owner to fill in; until then every use is refused, and
    the streamer does not start.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(scope, construct_id)
        chosen = context.twilio_secret(self.node), context.deepgram_secret(self.node)
        self.twilio = _known(self, "Twilio", chosen[0]) or _to_fill_in(self, "Twilio", TWILIO, key)
        self.deepgram = _known(self, "Deepgram", chosen[1]) or _to_fill_in(self, "Deepgram", DEEPGRAM, key)


def _known(scope: Construct, vendor: str, arn: str | None) -> aws_secretsmanager.ISecret | None:
    """Return the secret that `make deploy` found, where `make configure` had put it before there was a stack."""
    return aws_secretsmanager.Secret.from_secret_complete_arn(scope, vendor, arn) if arn else None


def _to_fill_in(
    scope: Construct, construct_id: str, fields: Mapping[str, str], key: aws_kms.IKey
) -> aws_secretsmanager.Secret:
    # CloudFormation writes this text again whenever it differs from the last template's, over what the owner filled
    # in. So the fields above are fixed for good: a new one may be read by the code, never be added here.
    secret = aws_secretsmanager.Secret(
        scope,
        construct_id,
        description=f"{construct_id} credentials of Ringscribe: fill in the fields",
        encryption_key=key,
        secret_object_value={name: SecretValue.unsafe_plain_text(text) for name, text in fields.items()},
    )
    vendors = "the vendor makes it; a new one is told us beside the old one, which is accepted meanwhile"
    accept(secret, {"AwsSolutions::AwsSolutions-SMG4": vendors})
    return secret
