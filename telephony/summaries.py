"""What people read when they are told of several calls at once: the text of a digest's SMS and e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.calls import VoicemailKind
from telephony.mailboxes import Mailbox
from telephony.notifications import Email, headline, invitation, subject_of, words_of
from telephony.quality import quality
from telephony.sms_length import plain
from telephony.voicemail import Voicemail
from telephony.wording import WORDINGS
from telephony.zones import local

MAX_EMAIL_BYTES: Final = 200_000
"""SNS takes 256 KiB, its own words included."""

WORD_LIMITS: Final = (1_000, 300, 0)
"""How many characters of each message are told; fewer, when all together are too long. The links have the rest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call in a digest."""

    voicemail: Voicemail
    link: str


def sms_summary(mailbox: Mailbox, slot: datetime, entries: Sequence[Entry]) -> str:
    """Tell how many calls there were."""
    return plain(_head(mailbox, slot, entries))


def sms_summary_marker(mailbox: Mailbox, slot: datetime) -> str:
    """Return what stands in the SMS of the digest of this time and in no other."""
    time = WORDINGS[mailbox.telling.language].time(local(slot, mailbox.timezone))
    return plain(f"{mailbox.name}, {time}.")


def email_summary(mailbox: Mailbox, slot: datetime, entries: Sequence[Entry]) -> Email:
    """Tell of each call, in the order given, with as many of its words as all have room for."""
    head = _head(mailbox, slot, entries)
    bodies = (_body(head, entries, limit) for limit in WORD_LIMITS)
    fits = (body for body in bodies if len(body.encode()) <= MAX_EMAIL_BYTES)
    return Email(subject_of(head), next(fits, f"{head}\n"))


def _head(mailbox: Mailbox, slot: datetime, entries: Sequence[Entry]) -> str:
    words = WORDINGS[mailbox.telling.language]
    missed = sum(each.voicemail.kind is VoicemailKind.MISSED for each in entries)
    return words.summary.format(
        mailbox=mailbox.name,
        time=words.time(local(slot, mailbox.timezone)),
        messages=len(entries) - missed,
        missed=missed,
    )


def _body(head: str, entries: Sequence[Entry], limit: int) -> str:
    told = (_told(number, each, limit) for number, each in enumerate(entries, start=1))
    return "\n\n\n".join((head, *told)) + "\n"


def _told(number: int, entry: Entry, limit: int) -> str:
    voicemail = entry.voicemail
    said = voicemail.transcript.text
    parts = (
        f"{number}. {headline(voicemail)}",
        said if len(said) <= limit else _beginning(said, limit),
        quality(voicemail, words_of(voicemail)),
        invitation(voicemail, entry.link),
    )
    return "\n\n".join(part for part in parts if part)


def _beginning(said: str, limit: int) -> str:
    """Return whole words of up to so many characters, and that there are more."""
    begun = said[: limit + 1].rpartition(" ")[0]
    return f"{begun}..." if begun else ""
