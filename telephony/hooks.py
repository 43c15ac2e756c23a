"""Hook: an address of a program that is told of calls, and how what it is told is signed."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from telephony.calls import CallSid

HookId = NewType("HookId", str)
"""A mailbox's own name for one of its hooks."""

MAX_HOOKS: Final = 5
"""Of a mailbox: each may take its time with every call."""

MAX_URL_CHARACTERS: Final = 500

KEEPS_PREVIOUS: Final = timedelta(hours=24)
"""How long a secret stays valid beside the one that took its place, unless somebody says otherwise."""
MOST_KEPT: Final = timedelta(days=7)

SIGNATURE_HEADER: Final = "Ringscribe-Signature"
EVENT_ID_HEADER: Final = "Ringscribe-Event-Id"


class HookEvent(StrEnum):
    """What a program is told of."""

    COMPLETED = "voicemail.completed"
    """A caller left something, and this is its text as far as there is one."""
    MISSED = "call.missed"
    """A caller left nothing."""
    REPAIRED = "transcript.repaired"
    """The text is better than what was told before."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a program is told, and of what.

    Attributes:
        url: https, and no address of a private network.
    """

    id: HookId
    url: str
    events: tuple[HookEvent, ...] = tuple(HookEvent)


@dataclass(frozen=True, slots=True)
class HookTarget:
    """Which event goes to which hook.

    Attributes:
        number: which of several events of a kind about one call; 0 for the one there is.
    """

    hook_id: HookId
    event: HookEvent
    number: int = 0

    @property
    def recipient(self) -> str:
        """The target as a delivery's recipient: "crm:voicemail.completed", "crm:transcript.repaired:2"."""
        return f"{self.hook_id}:{self._name}"

    @classmethod
    def of(cls, recipient: str) -> "HookTarget":
        """Read a delivery's recipient. Raises: ValueError."""
        hook_id, event, *number = recipient.split(":")
        return cls(HookId(hook_id), HookEvent(event), int(number[0]) if number else 0)

    def event_id(self, call_sid: CallSid) -> str:
        """Return what tells this event from any other, the same one however often it is sent."""
        return f"{call_sid}:{self._name}"

    @property
    def _name(self) -> str:
        return f"{self.event}:{self.number}" if self.number else self.event.value


def signature(secrets: Sequence[str], at: datetime, body: bytes) -> str:
    """Return the signature of *body*: "t=" and seconds since the epoch, and for each secret ",v1=" and a digest.

    A digest is the hex HMAC-SHA256 of "t.body". While a secret takes another's place there are two.
    """
    seconds = str(int(at.timestamp()))
    signed = seconds.encode() + b"." + body
    digests = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={seconds}", *(f"v1={digest}" for digest in digests)))
