"""Configure: ask for the vendors' credentials, have the vendors check them, and put them into Secrets Manager.

Before the first deployment, so that one is enough: the streamer does not start without credentials, and the numbers
are pointed at us while the stack is made.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from operations import vault
from operations.choices import NUMBERS, Choices, parse_numbers
from operations.errors import OperationError
from operations.stack import Cloud
from operations.terminal import Terminal
from operations.vault import Vault
from operations.vendors import Origins, deepgram_trouble, number_troubles, twilio_troubles
from telephony.credentials import DeepgramCredentials, TwilioCredentials
from telephony.errors import TelephonyError
from telephony.numbers import E164

_SID: Final = {
    "account_sid": re.compile(r"AC[0-9a-f]{32}", re.ASCII),
    "api_key": re.compile(r"SK[0-9a-f]{32}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Configure:
    """One conversation; `run` raises OperationError, and has stored nothing then."""

    cloud: Cloud
    terminal: Terminal
    choices: Choices
    origins: Origins

    def run(self) -> None:
        """Ask, check, store."""
        account = self.cloud.account()
        self.terminal.say(f"AWS account {account.id}, region {account.region}")
        safe = Vault(self.cloud)
        places = {name: safe.place(name) for name in vault.NAMES}
        twilio = self._ask_twilio(safe.read(places[vault.TWILIO]))
        deepgram = self._ask_deepgram(safe.read(places[vault.DEEPGRAM]))
        numbers = self._ask_numbers()
        self._check(twilio, deepgram, numbers)
        safe.write(places[vault.TWILIO], twilio)
        safe.write(places[vault.DEEPGRAM], deepgram)
        self.choices.add({NUMBERS: ",".join(numbers)})
        self.terminal.say("The credentials are in Secrets Manager; what is running takes them up within five minutes.")
        self.terminal.say("Next: `make deploy`")

    def _ask_twilio(self, known: Mapping[str, str]) -> dict[str, str]:
        say = self.terminal.say
        say("Twilio: the account SID and auth token are on the console's first page; make an API key of type Standard")
        say("under Account > API keys, or leave it blank to use the auth token.")
        if known.get("account_sid"):
            say("There are credentials already: a blank answer keeps what is there.")
        fields = {
            "account_sid": self._ask(known, "account_sid", "Twilio account SID (AC...)"),
            "auth_token": self._ask_secret(known, "auth_token", "Twilio auth token"),
            "api_key": self._ask(known, "api_key", "Twilio API key SID (SK...)"),
        }
        fields["api_secret"] = ""
        if fields["api_key"]:
            fields["api_secret"] = self._ask_secret(known, "api_secret", "Twilio API key secret")
        for name, pattern in _SID.items():
            if fields[name] and pattern.fullmatch(fields[name]) is None:
                raise OperationError(f"that is no {name.replace('_', ' ')}: {pattern.pattern} is wanted")
        if not fields["account_sid"] or not fields["auth_token"]:
            raise OperationError("the account SID and the auth token are needed")
        return {**fields, "previous_auth_token": _previous(known, fields)}

    def _ask_deepgram(self, known: Mapping[str, str]) -> dict[str, str]:
        key = self._ask_secret(known, "api_key", "Deepgram API key")
        if not key:
            raise OperationError("the Deepgram API key is needed")
        return {"api_key": key}

    def _ask_numbers(self) -> tuple[E164, ...]:
        known = self.choices.numbers()
        shown = f" (blank keeps {', '.join(known)})" if known else ""
        return parse_numbers(self.terminal.ask(f"Your Twilio numbers, with commas between{shown}")) or known

    def _ask(self, known: Mapping[str, str], name: str, question: str) -> str:
        return self.terminal.ask(question) or known.get(name, "")

    def _ask_secret(self, known: Mapping[str, str], name: str, question: str) -> str:
        return self.terminal.ask_secret(question) or known.get(name, "")

    def _check(self, twilio: Mapping[str, str], deepgram: Mapping[str, str], numbers: tuple[E164, ...]) -> None:
        sid, token = twilio["account_sid"], twilio["auth_token"]
        credentials = TwilioCredentials(sid, (token,), twilio["api_key"] or sid, twilio["api_secret"] or token)
        try:
            troubles = twilio_troubles(credentials, self.origins.twilio)
            if not troubles:
                troubles = number_troubles(credentials, numbers, self.origins.twilio)
        except TelephonyError as exc:
            troubles = [f"Twilio could not be asked: {exc}"]
        trouble = deepgram_trouble(DeepgramCredentials(deepgram["api_key"]), self.origins.deepgram)
        if trouble:
            troubles.append(trouble)
        if troubles:
            raise OperationError("nothing was stored: " + "; ".join(troubles))
        self.terminal.say(f"Twilio and Deepgram take the credentials; {len(numbers)} number(s) are the account's.")


def _previous(known: Mapping[str, str], fields: Mapping[str, str]) -> str:
    """Return the token that was in use until now: Twilio may go on signing with it until the new one is promoted."""
    is_same_account = known.get("account_sid") == fields["account_sid"]
    if not is_same_account:
        return ""
    was = known.get("auth_token", "")
    return was if was != fields["auth_token"] else known.get("previous_auth_token", "")
