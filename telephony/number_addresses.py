"""NumberAddresses: whom Twilio asks about the calls to a number, and what is remembered of whom it asked before."""

from dataclasses import dataclass
from typing import NewType

from telephony.numbers import E164

NumberSid = NewType("NumberSid", str)
"""Twilio's "PN" and 32 hexadecimal digits."""

MAX_OURS = 10
"""How many of the addresses that we gave a number are known as ours; each change of the public origin adds one."""


@dataclass(frozen=True, slots=True)
class NumberAddresses:
    """Whom Twilio asks what to do with a call, whom it asks when that fails, and whom it tells of the end.

    A blank address asks nobody.
    """

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account, as Twilio has it.

    Attributes:
        overruled_by: "application" or "trunk" when Twilio asks that one and ignores the addresses; else blank.
    """

    sid: NumberSid
    number: E164
    addresses: NumberAddresses
    overruled_by: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a number was before it was pointed at us.

    Attributes:
        before: whom Twilio asked.
        ours: the voice addresses that we have given it since, without fragments, oldest first; empty once it was
            given back.
    """

    before: NumberAddresses
    ours: tuple[str, ...]

    def knows(self, voice_url: str) -> bool:
        """Tell whether an address is one of ours."""
        return without_fragment(voice_url) in self.ours

    def adding(self, voice_url: str) -> "Remembered":
        """Return it with one more address that is ours, the oldest forgotten when there are too many."""
        added = without_fragment(voice_url)
        return Remembered(self.before, (*(each for each in self.ours if each != added), added)[-MAX_OURS:])


def without_fragment(url: str) -> str:
    """Return an address as Twilio requests it: the fragment only says how often to try."""
    return url.partition("#")[0]
