"""Calls that we make: whom, how often, and what they hear."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from telephony.calls import Call, CallSid, CallStage, CallStatus, Direction
from telephony.consent import Consent
from telephony.errors import ConflictError, TelephonyError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, is_withheld

MOST_AN_HOUR: Final = 30
"""Of one mailbox: a program that runs wild must not become a robot that calls half a town."""

ANNOUNCEMENT: Final = "This call is recorded and put in writing."
"""For a mailbox without a policy: whoever is rung has not chosen to speak to a machine."""

_DIALLABLE: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""Shorter numbers are no subscriber's anywhere."""


class TooManyCallsError(TelephonyError):
    """The mailbox has rung as many as it may within the hour."""

    def __init__(self) -> None:
        super().__init__(f"a mailbox may ring {MOST_AN_HOUR} times an hour")


class MayRingError(TelephonyError):
    """Nobody knows whether the telephone rings: it must not be asked for again."""

    def __init__(self) -> None:
        super().__init__(
            "Twilio did not say whether it rings them. If it does, the mailbox's list has the call within a minute: "
            "when they answer, or when it has rung out. Repeated with the same Idempotency-Key, this rings nobody."
        )


def check(to: E164, *, is_ours: bool) -> None:
    """Return if *to* may be rung. Raises: ConflictError."""
    if is_ours:
        raise ConflictError("one of our own numbers cannot be rung")
    if is_withheld(to) or _DIALLABLE.fullmatch(to) is None:
        raise ConflictError("nobody has this number")


def mailbox_for(mailbox: Mailbox) -> Mailbox:
    """Return what somebody is told whom we rang: always that the call is recorded, and the words for such calls."""
    consent = mailbox.consent or Consent(ANNOUNCEMENT)
    return replace(mailbox, greeting=mailbox.outgoing_greeting or mailbox.greeting, consent=consent)


def call_to(to: str, *, sid: CallSid, sender: E164, mailbox_id: MailboxId, now: datetime, status: CallStatus) -> Call:
    """Return a call of ours as it begins; `caller` is the other party, as always."""
    return Call(
        sid=sid,
        mailbox_id=mailbox_id,
        number=sender,
        caller=to,
        started_at=now,
        status=status,
        direction=Direction.OUTBOUND,
        stage=CallStage.RINGING_PERSON,
    )


def hour_of(now: datetime) -> str:
    """Return the hour in which calls are counted together."""
    return now.strftime("%Y-%m-%dT%H")
