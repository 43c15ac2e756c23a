"""NumberAddresses: whom Twilio asks about the calls to a number, and what is remembered of whom it asked before."""

from dataclasses import dataclass, replace
from typing import Final, NewType
from urllib.parse import urlsplit

from telephony.numbers import E164

NumberSid = NewType("NumberSid", str)
"""Twilio's "PN" and 32 hexadecimal digits."""

MAX_OURS = 20
"""How many of the addresses that we gave a number are known as ours; each change of the public origin adds two."""

_SAMPLE_HOST: Final = "demo.twilio.com"
"""What a number asks that was bought and never looked at: it answers each text with a sample."""


@dataclass(frozen=True, slots=True)
class NumberAddresses:
    """Whom Twilio asks what to do with a call, whom it asks when that fails, whom it tells of the end and of a text.

    A blank address asks nobody.
    """

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"

    @property
    def is_anybody_texted(self) -> bool:
        """Whether texts go to somebody: neither nowhere nor to Twilio's own sample."""
        return bool(self.sms_url) and urlsplit(self.sms_url).hostname != _SAMPLE_HOST

    def with_sms_of(self, other: "NumberAddresses") -> "NumberAddresses":
        """Return these for calls, and those of *other* for texts."""
        return replace(self, sms_url=other.sms_url, sms_method=other.sms_method)


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account, as Twilio has it.

    Attributes:
        overruled_by: "application" or "trunk" when Twilio asks that one and ignores the addresses; else blank.
        has_sms_application: whether Twilio hands texts to an application, and ignores their address.
    """

    sid: NumberSid
    number: E164
    addresses: NumberAddresses
    overruled_by: str = ""
    has_sms_application: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a number was before it was pointed at us.

    Attributes:
        before: whom Twilio asked.
        ours: the addresses for calls and for texts that we have given it since, without fragments, oldest first; empty
            once it was given back.
    """

    before: NumberAddresses
    ours: tuple[str, ...]

    def knows(self, url: str) -> bool:
        """Tell whether an address is one of ours."""
        return without_fragment(url) in self.ours

    def adding(self, url: str) -> "Remembered":
        """Return it with one more address that is ours, the oldest forgotten when there are too many."""
        added = without_fragment(url)
        return Remembered(self.before, (*(each for each in self.ours if each != added), added)[-MAX_OURS:])


def without_fragment(url: str) -> str:
    """Return an address as Twilio requests it: the fragment only says how often to try."""
    return url.partition("#")[0]
