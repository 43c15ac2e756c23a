"""Telling: how the people and programs of a mailbox are told of its calls."""

from dataclasses import dataclass

from telephony.digests import Digest
from telephony.hooks import Hook
from telephony.quiet_hours import QuietHours
from telephony.wording import Language


@dataclass(frozen=True, slots=True)
class Telling:
    """How a mailbox tells.

    Attributes:
        language: of the fixed words; what the caller said stays as it is.
        sms_template: the text of an SMS about a message, with the placeholders of `telephony.templates`; blank is ours.
        email_template: the body of an e-mail, likewise.
        quiet_hours: when SMS must wait; digests and hooks don't.
        digest: when people are told of several calls at once; None tells of each as it comes.
        hooks: programs, told of each call as it comes.
    """

    language: Language = Language.ENGLISH
    sms_template: str = ""
    email_template: str = ""
    quiet_hours: QuietHours | None = None
    digest: Digest | None = None
    hooks: tuple[Hook, ...] = ()
