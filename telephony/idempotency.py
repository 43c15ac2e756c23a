"""Idempotency: a request that its sender repeats, because an answer was lost, is done once and answered alike."""

from dataclasses import dataclass
from datetime import timedelta

from telephony.errors import TelephonyError

LIFETIME = timedelta(hours=24)
"""How long an answer is kept for repeats of its request."""

LEASE = timedelta(seconds=60)
"""How long a request may take to be answered; then whoever did it has died, and a repeat does it again."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """By what a repeat is known.

    Attributes:
        subject: who asks; another's keys are others.
        key: what the sender made up for this request.
    """

    subject: str
    key: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered.

    Attributes:
        status: HTTP's.
        body: JSON.
    """

    status: int
    body: str


class KeyReusedError(TelephonyError):
    """A key was used before, for another request."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request")
