"""Mailbox: where messages of one or more Numbers go, who may read them and who is told."""

from dataclasses import dataclass, field

from telephony.keeping import Keeping
from telephony.numbers import E164, MailboxId
from telephony.telling import Telling

DEFAULT_GREETING = "Hello. Please leave your message after the tone."


@dataclass(frozen=True, slots=True)
class Listening:
    """How speech of this mailbox is recognised; Deepgram's own values.

    Attributes:
        language: BCP-47 with a hyphen, such as "en-US".
        key_terms: names and words to favour; Deepgram takes 500 tokens in all.
    """

    language: str = "en-US"
    model: str = "nova-3"
    key_terms: tuple[str, ...] = ()


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
