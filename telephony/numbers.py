"""Number: a Twilio phone number and what answers it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from telephony.errors import WireError

E164 = NewType("E164", str)
"""A phone number as "+" and up to 15 digits. Source: ITU-T E.164."""

MailboxId = NewType("MailboxId", str)

_SHOWN_CHARACTERS = 64  # a SIP address is as long as its owner likes, and the message must still fit an SMS

_NOBODY = "a withheld number"

E164_WRITTEN = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)

# What Twilio hands on when the caller's number is withheld, spelled on a keypad with a "+" before it. They look like
# E.164 and belong to nobody (or to a stranger): never text them. Source: Twilio's help pages on caller ID.
_WITHHELD = frozenset({"+266696687", "+86282452253", "+8656696", "+2562533", "+7378742833"})


class NumberMode(StrEnum):
    """What happens when the number is called."""

    VOICEMAIL = "voicemail"
    RING_FIRST = "ring-first"


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number of ours.

    Attributes:
        ring_target: who is rung first; set exactly when `mode` is RING_FIRST.
        ring_seconds: how long to ring before the caller may leave a message. Twilio allows 5 to 600.
    """

    number: E164
    mailbox_id: MailboxId
    mode: NumberMode = NumberMode.VOICEMAIL
    ring_target: E164 | None = None
    ring_seconds: int = 20

    def __post_init__(self) -> None:
        """Refuse a ring-first number with nobody to ring. Raises: ValueError."""
        if (self.mode is NumberMode.RING_FIRST) != (self.ring_target is not None):
            raise ValueError("ring_target goes with mode ring-first, and only with it")


def parse_e164(text: str) -> E164:
    """Return *text* as a phone number. Raises: WireError if it is not one."""
    if E164_WRITTEN.fullmatch(text) is None:
        raise WireError("a phone number is '+' and 2 to 15 digits")
    return E164(text)


def caller_to_show(caller: str) -> str:
    """Name *caller*, Twilio's `From`, in a message to a person: the number, or that it was withheld."""
    if is_withheld(caller):
        return _NOBODY
    shown = caller.removeprefix("client:").removeprefix("sip:")
    return "".join(each for each in shown[:_SHOWN_CHARACTERS] if each.isprintable()).strip() or _NOBODY


def is_withheld(caller: str) -> bool:
    """Tell whether Twilio's `From` identifies nobody."""
    if caller in _WITHHELD:
        return True
    addressed = caller.startswith(("+", "client:", "sip:")) or caller.isdigit()
    return not addressed
