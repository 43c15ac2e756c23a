"""Twilio's numbers and what is remembered of them, in memory."""

from dataclasses import dataclass, field, replace

from telephony.errors import NotFoundError
from telephony.number_addresses import NumberAddresses, NumberSid, OwnedNumber, Remembered
from telephony.numbers import E164


@dataclass
class MemoryNumbers:
    """The account's numbers; keeps the promises of `telephony.ports.NumberSource`.

    Attributes:
        refusals: raised one after the other, before anything is looked at.
        change_refusals: the same, before anything is changed.
    """

    owned: dict[E164, OwnedNumber] = field(default_factory=dict)
    refusals: list[Exception] = field(default_factory=list)
    change_refusals: list[Exception] = field(default_factory=list)
    changes: int = 0

    def own(
        self, number: E164, addresses: NumberAddresses, overruled_by: str = "", *, has_sms_application: bool = False
    ) -> None:
        """Give the account a number."""
        sid = NumberSid(f"PN{len(self.owned):032}")
        self.owned[number] = OwnedNumber(sid, number, addresses, overruled_by, has_sms_application)

    def find(self, number: E164) -> OwnedNumber:
        """Return a number. Raises: NotFoundError, and whatever is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        if number not in self.owned:
            raise NotFoundError("number")
        return self.owned[number]

    def change(self, sid: NumberSid, addresses: NumberAddresses) -> None:
        """Change a number. Raises: NotFoundError, and whatever is in `change_refusals`."""
        if self.change_refusals:
            raise self.change_refusals.pop(0)
        for number, owned in self.owned.items():
            if owned.sid == sid:
                self.owned[number] = replace(owned, addresses=addresses)
                self.changes += 1
                return
        raise NotFoundError("number")


@dataclass
class MemoryNumberMemory:
    """Remembers; keeps the promises of `telephony.ports.NumberMemory`."""

    remembered: dict[E164, Remembered] = field(default_factory=dict)

    def recall(self, number: E164) -> Remembered | None:
        """Return what is remembered of a number."""
        return self.remembered.get(number)

    def remember(self, number: E164, remembered: Remembered) -> None:
        """Remember this."""
        self.remembered[number] = remembered
