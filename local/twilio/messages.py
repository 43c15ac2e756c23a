"""SMS that the product sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_BODY_CHARS = 1_600


class MessageStatus(StrEnum):
    """Twilio's words, for the way that every message of this simulator takes."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"


@dataclass(slots=True, kw_only=True)
class Message:
    """One SMS as the REST API took it."""

    sid: str
    to: str
    from_: str
    body: str
    created_at: datetime
    status: MessageStatus = MessageStatus.QUEUED
    status_callback: str = ""

    @property
    def segments(self) -> int:
        """How many SMS carry the body: 160 or 153 characters each, 70 or 67 when one is not in GSM-7."""
        plain = all(char in _GSM7 for char in self.body)
        units = len(self.body) + sum(char in _GSM7_ESCAPED for char in self.body)
        if not plain:
            units = len(self.body.encode("utf-16-be")) // 2
        single, split = (160, 153) if plain else (70, 67)
        return 1 if units <= single else -(-units // split)


_GSM7_ESCAPED = frozenset("^{}\\[~]|€")
_GSM7 = _GSM7_ESCAPED | frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
