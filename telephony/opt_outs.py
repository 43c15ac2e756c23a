"""OptOut: somebody wants no more SMS from one of our numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telephony.numbers import E164

OPTED_OUT = "opted-out"
"""What a delivery that was not attempted says."""

REFUSED_CODE = "21610"
"""Twilio's error for an SMS to somebody who has sent STOP. Source: Twilio's error dictionary."""

REFUSAL_HOLDS = timedelta(hours=24)
"""How long a refusal of Twilio's keeps us from trying again: it may not tell us when somebody wants SMS again."""


class OptOutSource(StrEnum):
    """How we know."""

    STOP = "stop"
    """They texted it to us."""
    REFUSAL = "refusal"
    """Twilio refused an SMS for it."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """A recipient who wants no SMS from a number of ours."""

    recipient: E164
    sender: E164
    since: datetime
    source: OptOutSource

    def holds(self, now: datetime) -> bool:
        """Tell whether they are not to be texted now."""
        return self.source is OptOutSource.STOP or now < self.since + REFUSAL_HOLDS


class SmsKeyword(StrEnum):
    """What a text to one of our numbers asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


# Source: Twilio's help page on opt-out keywords; Twilio acts on them, and answers them, before we hear of them.
_KEYWORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), SmsKeyword.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), SmsKeyword.START),
    **dict.fromkeys(("help", "info"), SmsKeyword.HELP),
}


def keyword(text: str) -> SmsKeyword | None:
    """Return what a text asks for, if it is one of Twilio's keywords and nothing else."""
    return _KEYWORDS.get(text.strip().lower())
