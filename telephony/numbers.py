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

_SHORTEST_DIGITS = 7  # with the country's; Niue has the shortest

_NORTH_AMERICAN = re.compile(r"\+1(?!900|976)[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)


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


def caller_to_show(caller: str, nobody: str = _NOBODY) -> str:
    """Name *caller*, Twilio's `From`, in a message to a person: the number, or *nobody* when it was withheld."""
    if is_withheld(caller):
        return nobody
    shown = caller.removeprefix("client:").removeprefix("sip:")
    return "".join(each for each in shown[:_SHOWN_CHARACTERS] if each.isprintable()).strip() or nobody


def is_textable(number: E164) -> bool:
    """Tell whether *number* can be one that an SMS reaches: no withheld caller's, none that cannot be dialled.

    Of North America's numbers the plan is checked too, and premium ones are left out.
    Source: ITU-T E.164, the North American Numbering Plan.
    """
    if number in _WITHHELD or len(number) <= _SHORTEST_DIGITS:
        return False
    return _NORTH_AMERICAN.fullmatch(number) is not None if number.startswith("+1") else True


def is_withheld(caller: str) -> bool:
    """Tell whether Twilio's `From` identifies nobody."""
    if caller in _WITHHELD:
        return True
    addressed = caller.startswith(("+", "client:", "sip:")) or caller.isdigit()
    return not addressed
