"""Pointing: have Twilio ask us about the calls to a number, and whoever it asked before when we go.

Texts go to us, so that a STOP is heard, where they went to nobody; where they went to somebody, only if that is wanted.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from telephony.errors import NotFoundError, TelephonyError, UpstreamError
from telephony.number_addresses import NumberAddresses, OwnedNumber, Remembered, without_fragment
from telephony.numbers import E164
from telephony.ports.services import NumberSource
from telephony.ports.stores import NumberMemory
from telephony.wire.callbacks import address
from telephony.wire.webhooks import WebhookPath

_UNAUTHENTICATED: Final = "20003"


class Aim(StrEnum):
    """Whom Twilio asks about calls to a number."""

    US = "us"
    US_IN_PART = "us-in-part"
    """Us, but one of the other addresses is not as it should be."""
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
        texts_to: who gets the texts to it in our place: an address, "an application", or blank for nobody else.
    """

    number: E164
    aim: Aim
    voice_url: str
    overruled_by: str
    texts_to: str = ""

    @property
    def warning(self) -> str:
        """What the owner has to be told, in a sentence; blank when calls reach us as they should."""
        if not self.overruled_by:
            return ""
        return (
            f"{self.number} has a {_OVERRULERS[self.overruled_by]}, because of which Twilio ignores the number's own "
            "addresses: take it off the number in Twilio's console, or calls will not reach us"
        )

    @property
    def note(self) -> str:
        """What is well, and should be known all the same, in a sentence; blank for nothing."""
        if not self.texts_to:
            return ""
        return f"Texts to it go to {self.texts_to}, so that we hear of a STOP only when Twilio refuses our next SMS"


_OVERRULERS: Final = {"application": "TwiML application", "trunk": "SIP trunk"}


@dataclass(frozen=True, slots=True)
class Pointer:
    """Points numbers at the webhooks of one public origin. Every method may be repeated without harm.

    The methods raise NotFoundError for a number that the account does not own, UpstreamError and ConfigurationError;
    `why` says these in plain words.

    Attributes:
        takes_sms: whether texts are to come to us also where they go to somebody else.
    """

    numbers: NumberSource
    memory: NumberMemory
    public_origin: str
    takes_sms: bool = False

    def standing(self, number: E164) -> Standing:
        """Return whom Twilio asks now."""
        owned = self.numbers.find(number)
        return self._standing(owned, self._known(owned))

    def point(self, number: E164) -> Standing:
        """Have Twilio ask us. What it asked before is written down first, unless that was us already."""
        owned = self.numbers.find(number)
        known = self._known(owned)
        wanted = self._wanted(owned, known)
        # In this order: an address that Twilio has and we do not know would be taken for the owner's.
        self.memory.remember(number, _adding_all(known, our_addresses(self.public_origin)))
        if owned.addresses != wanted:
            self.numbers.change(owned.sid, wanted)
        return self._standing(replace(owned, addresses=wanted), known)

    def give_back(self, number: E164) -> GivenBack:
        """Have Twilio ask whom it asked before, if it still asks us."""
        owned = self.numbers.find(number)
        now, known = owned.addresses, self.memory.recall(number)
        if known is None:
            return GivenBack.FORGOTTEN if self._is_ours(now) else GivenBack.NOT_OURS
        is_ours = known.knows(now.voice_url)
        wanted = (known.before if is_ours else now).with_sms_of(known.before if known.knows(now.sms_url) else now)
        if wanted != now:
            self.numbers.change(owned.sid, wanted)
        self.memory.remember(number, Remembered(known.before, ()))
        return GivenBack.RESTORED if is_ours else GivenBack.NOT_OURS

    def _known(self, owned: OwnedNumber) -> Remembered:
        """Return what is to be remembered of a number: of calls and of texts, whom Twilio asks if that is not us.

        What points at us and nobody knows why has nothing that it could be given back to.
        """
        now, ours = owned.addresses, our_addresses(self.public_origin)
        known = self.memory.recall(owned.number) or Remembered(NumberAddresses(), ())
        before = known.before
        if not known.knows(now.voice_url):
            before = (NumberAddresses() if self._is_ours(now) else now).with_sms_of(before)
        if not known.knows(now.sms_url):
            by_hand = without_fragment(now.sms_url) == without_fragment(ours.sms_url)
            before = before.with_sms_of(NumberAddresses() if by_hand else now)
        return Remembered(before, known.ours)

    def _wanted(self, owned: OwnedNumber, known: Remembered) -> NumberAddresses:
        ours = our_addresses(self.public_origin)
        if owned.has_sms_application:
            return ours.with_sms_of(owned.addresses)
        return ours if self.takes_sms or not known.before.is_anybody_texted else ours.with_sms_of(known.before)

    def _standing(self, owned: OwnedNumber, known: Remembered) -> Standing:
        now, wanted = owned.addresses, self._wanted(owned, known)
        if now == wanted:
            aim = Aim.US
        elif self._is_ours(now):
            aim = Aim.US_IN_PART
        else:
            aim = Aim.ELSEWHERE if now.voice_url else Aim.NOBODY
        texts_to = wanted.sms_url if wanted.sms_url != our_addresses(self.public_origin).sms_url else ""
        if owned.has_sms_application:
            texts_to = "an application"
        return Standing(owned.number, aim, now.voice_url, owned.overruled_by, texts_to)

    def _is_ours(self, addresses: NumberAddresses) -> bool:
        ours = our_addresses(self.public_origin)
        return without_fragment(addresses.voice_url) == without_fragment(ours.voice_url)


def _adding_all(known: Remembered, ours: NumberAddresses) -> Remembered:
    return known.adding(ours.voice_url).adding(ours.sms_url)


def our_addresses(public_origin: str) -> NumberAddresses:
    """Return the addresses of our webhooks, each with how often Twilio is to try it."""
    return NumberAddresses(
        voice_url=address(public_origin, WebhookPath.VOICE),
        voice_fallback_url=address(public_origin, WebhookPath.FALLBACK),
        status_callback=address(public_origin, WebhookPath.STATUS),
        sms_url=address(public_origin, WebhookPath.SMS),
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
