"""What the API answers of programs' secrets: each is shown when it is made, and never again."""

from datetime import datetime

from pydantic import BaseModel, Field

from telephony.wire.mailbox_document import MailboxDocument


class WebhookSecretOut(BaseModel):
    """With what a program tells that it is us. Keep it where secrets are kept: it is not shown again."""

    webhook_id: str
    secret: str
    previous_valid_until: datetime | None = Field(
        default=None, description="Until then events are signed with the secret before, too; null when there is none."
    )


class MailboxStoredOut(MailboxDocument):
    """A mailbox as it was stored, and the secrets of the webhooks that are new."""

    webhook_secrets: list[WebhookSecretOut] = Field(
        default=[],
        exclude_if=lambda secrets: not secrets,
        description="Of each webhook that the mailbox did not have before; absent when there is none. If one is "
        "missing, ask for another: `POST .../webhooks/{webhook_id}/secret`.",
    )
