"""Pointing: have Twilio ask us about the calls to a number, and whoever it asked before when we go."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telephony.errors import NotFoundError, TelephonyError, UpstreamError
from telephony.number_addresses import NumberAddresses, OwnedNumber, Remembered, without_fragment
from telephony.numbers import E164
from telephony.ports import NumberMemory, NumberSource
from telephony.wire.callbacks import RETRIES
from telephony.wire.webhooks import WebhookPath

_UNAUTHENTICATED: Final = "20003"


class Aim(StrEnum):
    """Whom Twilio asks about calls to a number."""

    US = "us"
    US_IN_PART = "us-in-part"
    """Us, but the fallback or the status address is not as it should be."""
    NOBODY = "nobody"
    ELSEWHERE = "elsewhere"


class GivenBack(StrEnum):
    """What became of a number that we let go."""

    RESTORED = "restored"
    """Twilio asks again whom it asked before."""
    NOT_OURS = "not-ours"
    """It did not point at us, so it was left as it is."""
    FORGOTTEN = "forgotten"
    """It points at us and nobody remembers what was there before, so it was left as it is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a number stands.

    Attributes:
        overruled_by: "application" or "trunk" when Twilio ignores the addresses because of it; else blank.
    """

    number: E164
    aim: Aim
    voice_url: str
    overruled_by: str

    @property
    def warning(self) -> str:
        """What the owner has to be told, in a sentence; blank when calls reach us as they should."""
        if not self.overruled_by:
            return ""
        return (
            f"{self.number} has a {_OVERRULERS[self.overruled_by]}, because of which Twilio ignores the number's own "
            "addresses: take it off the number in Twilio's console, or calls will not reach us"
        )


_OVERRULERS: Final = {"application": "TwiML application", "trunk": "SIP trunk"}


@dataclass(frozen=True, slots=True)
class Pointer:
    """Points numbers at the webhooks of one public origin. Every method may be repeated without harm.

    The methods raise NotFoundError for a number that the account does not own, UpstreamError and ConfigurationError;
    `why` says these in plain words.
    """

    numbers: NumberSource
    memory: NumberMemory
    public_origin: str

    def standing(self, number: E164) -> Standing:
        """Return whom Twilio asks now."""
        return self._standing(self.numbers.find(number))

    def point(self, number: E164) -> Standing:
        """Have Twilio ask us. What it asked before is written down first, unless that was us already."""
        owned = self.numbers.find(number)
        wanted = our_addresses(self.public_origin)
        known = self.memory.recall(number)
        if known is None or not known.knows(owned.addresses.voice_url):
            known = Remembered(owned.addresses, ())
            if self._standing(owned).aim in {Aim.US, Aim.US_IN_PART}:
                # It points at us, and nobody knows why: there is nothing that it could be given back to.
                known = Remembered(NumberAddresses(), ())
        # In this order: an address that Twilio has and we do not know would be taken for the owner's.
        self.memory.remember(number, known.adding(wanted.voice_url))
        if owned.addresses != wanted:
            self.numbers.change(owned.sid, wanted)
        return Standing(number, Aim.US, wanted.voice_url, owned.overruled_by)

    def give_back(self, number: E164) -> GivenBack:
        """Have Twilio ask whom it asked before, if it still asks us."""
        owned = self.numbers.find(number)
        known = self.memory.recall(number)
        if known is None:
            is_ours = self._standing(owned).aim in {Aim.US, Aim.US_IN_PART}
            return GivenBack.FORGOTTEN if is_ours else GivenBack.NOT_OURS
        is_ours = known.knows(owned.addresses.voice_url)
        if is_ours:
            self.numbers.change(owned.sid, known.before)
        self.memory.remember(number, Remembered(known.before, ()))
        return GivenBack.RESTORED if is_ours else GivenBack.NOT_OURS

    def _standing(self, owned: OwnedNumber) -> Standing:
        now, wanted = owned.addresses, our_addresses(self.public_origin)
        if now == wanted:
            aim = Aim.US
        elif without_fragment(now.voice_url) == without_fragment(wanted.voice_url):
            aim = Aim.US_IN_PART
        else:
            aim = Aim.ELSEWHERE if now.voice_url else Aim.NOBODY
        return Standing(owned.number, aim, now.voice_url, owned.overruled_by)


def our_addresses(public_origin: str) -> NumberAddresses:
    """Return the addresses of our webhooks, each with how often Twilio is to try it."""

    def address(path: WebhookPath) -> str:
        return f"{public_origin}{path}{RETRIES}"

    return NumberAddresses(
        voice_url=address(WebhookPath.VOICE),
        voice_fallback_url=address(WebhookPath.FALLBACK),
        status_callback=address(WebhookPath.STATUS),
    )


def why(number: E164, exc: TelephonyError) -> str:
    """Say in plain words why *number* could not be looked at or changed, and what to do."""
    match exc:
        case NotFoundError():
            return f"{number} is not a number of this Twilio account: buy it there, or leave it out"
        case UpstreamError(service="twilio", code=code) if code == _UNAUTHENTICATED:
            return "Twilio refuses the credentials in the secret: run `make configure`"
        case UpstreamError():
            hint = "try again" if exc.retryable or exc.is_uncertain else "Twilio's error reference says more"
            return f"{number}: {exc}; {hint}"
        case _:
            return f"{number}: {exc}"
