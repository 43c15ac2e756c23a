"""Mailbox: where messages of one or more Numbers go, who may read them and who is told."""

from dataclasses import dataclass, field
from enum import StrEnum

from telephony.consent import Consent
from telephony.hooks import Hook
from telephony.keeping import Keeping
from telephony.numbers import E164, MailboxId
from telephony.phrases import Phrase, PhraseDigest
from telephony.telling import Telling

DEFAULT_GREETING = "Hello. Please leave your message after the tone."


class Redaction(StrEnum):
    """What is left out of the text, and a tag put in its place; Deepgram's own words.

    Source: developers.deepgram.com/docs/redaction.
    """

    PCI = "pci"
    PII = "pii"
    PHI = "phi"
    SSN = "ssn"
    NUMBERS = "numbers"
    """Three figures and more in a row, and what is like a number."""
    AGGRESSIVE_NUMBERS = "aggressive_numbers"
    """Every figure."""

    @property
    def is_english_only(self) -> bool:
        """Whether it is known what it means in English alone."""
        return self not in {Redaction.NUMBERS, Redaction.AGGRESSIVE_NUMBERS}


@dataclass(frozen=True, slots=True)
class Listening:
    """How speech of this mailbox is recognised; Deepgram's own values.

    Attributes:
        language: BCP-47 with a hyphen, such as "en-US".
        key_terms: names and words to favour; Deepgram takes 500 tokens in all.
        redact: what the text leaves out, interim text too. The sound keeps it.
    """

    language: str = "en-US"
    model: str = "nova-3"
    key_terms: tuple[str, ...] = ()
    redact: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where messages go.

    Attributes:
        greeting: what the caller hears before the tone.
        sms_recipients: who is told by SMS.
        email_recipients: who is told by e-mail; each must confirm the subscription once.
        readers: subjects (JWT `sub`) who may read the mailbox through the API.
        max_message_seconds: the longest message that is taken.
        timezone: IANA name; times in messages to people are told in it, and quiet hours and digests go by it.
        keeping: how long its calls are kept.
        telling: how those people, and programs, are told.
        voice: in which of Deepgram's voices callers are spoken to; empty for Twilio's own.
        spoken: which phrases' sound is kept, so that it can be played.
        consent: what callers must be told or asked first; None for nothing.
        outgoing_greeting: what people hear whom this mailbox rings; empty for the greeting.
    """

    id: MailboxId
    name: str
    greeting: str = DEFAULT_GREETING
    listening: Listening = field(default_factory=Listening)
    sms_recipients: tuple[E164, ...] = ()
    email_recipients: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    max_message_seconds: int = 300
    timezone: str = "UTC"
    keeping: Keeping = field(default_factory=Keeping)
    telling: Telling = field(default_factory=Telling)
    voice: str = ""
    spoken: frozenset[PhraseDigest] = frozenset()
    consent: Consent | None = None
    outgoing_greeting: str = ""

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """All that callers of this mailbox are told in its voice; none without one."""
        if not self.voice:
            return ()
        outgoing = (self.outgoing_greeting,) if self.outgoing_greeting else ()
        consent = () if self.consent is None else (self.consent.announcement, self.consent.refusal)
        return tuple(Phrase(text, self.voice) for text in dict.fromkeys((self.greeting, *outgoing, *consent)))

    def plays(self, text: str) -> bool:
        """Tell whether *text* can be played in the mailbox's voice."""
        return bool(self.voice) and Phrase(text, self.voice).digest in self.spoken

    @property
    def unspoken(self) -> tuple[Phrase, ...]:
        """The phrases of which no sound is kept yet."""
        return tuple(phrase for phrase in self.phrases if phrase.digest not in self.spoken)


def new_hooks(before: Mailbox | None, mailbox: Mailbox) -> tuple[Hook, ...]:
    """Return the hooks of *mailbox* that it did not have *before*, by their names: those have no secret yet."""
    known = set() if before is None else {hook.id for hook in before.telling.hooks}
    return tuple(hook for hook in mailbox.telling.hooks if hook.id not in known)
