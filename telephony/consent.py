"""Consent: what callers are told of the recording before it begins, whether they must agree, and the proof of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from telephony.calls import CallSid
from telephony.numbers import E164

AGREEING_KEY: Final = "1"
"""The key that means yes; any other means no."""

DEFAULT_REFUSAL: Final = "Nothing was recorded. Goodbye."


@dataclass(frozen=True, slots=True)
class Consent:
    """A mailbox's policy. Nothing is streamed or recorded before the announcement has been spoken to its end.

    Attributes:
        announcement: what the caller hears first.
        must_agree: whether the caller must press AGREEING_KEY; else staying on the line is enough.
        wait_s: how long a key is waited for after the announcement.
        refusal: what a caller hears who does not agree, before the call is ended or somebody is rung.
        ring: who is rung, unrecorded, for a caller who does not agree; None ends the call.
    """

    announcement: str
    must_agree: bool = False
    wait_s: int = 8
    refusal: str = DEFAULT_REFUSAL
    ring: E164 | None = None


class ConsentStep(StrEnum):
    """What happened."""

    ANNOUNCED = "announced"
    """The announcement was given to Twilio to be spoken; what followed it was done after its end."""
    AGREED = "agreed"
    """The caller has pressed AGREEING_KEY after it."""
    REFUSED = "refused"
    """The caller has pressed another key, or none."""


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """What can be shown of a call's consent; written once for each step, and never over.

    Attributes:
        text: the announcement, word for word.
        webhook: in answer to, or by, which of Twilio's signed requests.
        key: what the caller pressed; empty for nothing, and where nothing was asked.
    """

    call_sid: CallSid
    step: ConsentStep
    at: datetime
    text: str
    webhook: str
    key: str = ""

    @property
    def version(self) -> str:
        """Which announcement it was: the SHA-256 of its text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def has_agreed(key: str) -> bool:
    """Tell what a pressed key means."""
    return key == AGREEING_KEY
