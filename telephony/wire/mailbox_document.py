"""MailboxDocument: a mailbox and its numbers as the owner writes them down, in a file or to the API.

docs/mailbox.example.json is one.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from telephony.consent import DEFAULT_REFUSAL, Consent
from telephony.errors import WireError
from telephony.keeping import Keeping
from telephony.mailboxes import DEFAULT_GREETING, Listening, Mailbox, Redaction
from telephony.numbers import E164, E164_WRITTEN, MailboxId, Number, NumberMode, is_textable, parse_e164
from telephony.wire.telling_document import TellingDocument
from telephony.wire.written import written

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LANGUAGE: Final = re.compile(r"multi|[a-z]{2,3}(-[A-Za-z0-9]+)*", re.ASCII)

_VOICE: Final = re.compile(r"aura-[a-z0-9-]{1,40}", re.ASCII)

MAX_NUMBERS: Final = 50
"""All are stored with the mailbox in one transaction."""
MAX_RECIPIENTS: Final = 50
"""By SMS, and as many by e-mail: each is told of each message."""
MAX_READERS: Final = 40
"""With the numbers they fit in the transaction that stores the mailbox."""


def _phone_number(text: str) -> E164:
    try:
        return parse_e164(text)
    except WireError as exc:
        raise ValueError(str(exc)) from exc


def _textable(number: E164) -> E164:
    if not is_textable(number):
        raise ValueError("no SMS can reach this number, or it would cost its owner dearly")
    return number


def _id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise ValueError("small letters, digits and hyphens, at most 63")
    return text


def _email(text: str) -> str:
    if _EMAIL.fullmatch(text) is None:
        raise ValueError("not an e-mail address")
    return text


def _language(text: str) -> str:
    if _LANGUAGE.fullmatch(text) is None:
        raise ValueError("a language with a hyphen, such as en-US, or multi")
    return text


def _voice(text: str) -> str:
    if _VOICE.fullmatch(text) is None:
        raise ValueError("one of Deepgram's voices, such as aura-2-thalia-en")
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError("an IANA name, such as Europe/Vienna") from exc
    return text


PhoneNumber = Annotated[E164, AfterValidator(_phone_number), written(E164_WRITTEN, 16)]
TextableNumber = Annotated[PhoneNumber, AfterValidator(_textable)]
Email = Annotated[str, AfterValidator(_email), written(_EMAIL, 254)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberEntry(_Strict):
    """One number; with `ring` it rings a person first."""

    number: PhoneNumber
    ring: PhoneNumber | None = None
    ring_seconds: int = Field(default=20, ge=5, le=600)


class KeepingEntry(_Strict):
    """How long calls are kept."""

    retention_days: int | None = Field(default=None, ge=1, le=3_650)
    legal_hold: bool = False


class ConsentEntry(_Strict):
    """What callers are told before anything is recorded, and whether they must press 1."""

    announcement: str = Field(min_length=1, max_length=2_000)
    press_1: bool = False
    wait_seconds: int = Field(default=8, ge=1, le=60)
    refusal: str = Field(default=DEFAULT_REFUSAL, min_length=1, max_length=2_000)
    ring: PhoneNumber | None = None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentEntry":
        """Write a consent down, whatever bounds there were when it was stored."""
        return cls.model_construct(
            announcement=consent.announcement,
            press_1=consent.must_agree,
            wait_seconds=consent.wait_s,
            refusal=consent.refusal,
            ring=consent.ring,
        )


class MailboxDocument(_Strict):
    """The whole document."""

    id: Annotated[str, AfterValidator(_id), written(_ID)]
    name: str = Field(min_length=1, max_length=100)
    numbers: list[NumberEntry] = Field(min_length=1, max_length=MAX_NUMBERS)
    greeting: str = Field(default=DEFAULT_GREETING, min_length=1, max_length=2_000)
    outgoing_greeting: str = Field(default="", max_length=2_000)
    language: Annotated[str, AfterValidator(_language), written(_LANGUAGE, 35)] = "en-US"
    model: str = Field(default="nova-3", min_length=1, max_length=64)
    key_terms: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=100)
    redact: list[Redaction] = Field(default=[], max_length=len(Redaction))
    voice: Annotated[str, AfterValidator(_voice), written(_VOICE)] | None = None
    consent: ConsentEntry | None = None
    sms_recipients: list[TextableNumber] = Field(default=[], max_length=MAX_RECIPIENTS)
    email_recipients: list[Email] = Field(default=[], max_length=MAX_RECIPIENTS)
    readers: list[Annotated[str, Field(min_length=1, max_length=128)]] = Field(default=[], max_length=MAX_READERS)
    max_message_seconds: int = Field(default=300, ge=2, le=14_400)
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    keeping: KeepingEntry = KeepingEntry()
    telling: TellingDocument = TellingDocument()

    @model_validator(mode="after")
    def _is_consistent(self) -> "MailboxDocument":
        if len({each.number for each in self.numbers}) < len(self.numbers):
            raise ValueError("a number is listed twice")
        if not {each.number for each in self.numbers}.isdisjoint(self.sms_recipients):
            raise ValueError("a number of the mailbox cannot be told of its own messages by SMS")
        digest = self.telling.digest
        if digest is not None and self.sms_recipients and not (digest.with_sms or self.email_recipients):
            raise ValueError("a digest without SMS needs email_recipients: else nobody is told")
        return self

    @model_validator(mode="after")
    def _is_redaction_known_in_the_language(self) -> "MailboxDocument":
        if self.language.partition("-")[0] != "en" and any(each.is_english_only for each in self.redact):
            raise ValueError("in a language other than English only numbers can be redacted")
        return self

    @classmethod
    def of(cls, mailbox: Mailbox, numbers: Sequence[Number]) -> Self:
        """Write a mailbox down, whatever bounds there were when it was stored."""
        return cls.model_construct(
            id=mailbox.id,
            name=mailbox.name,
            numbers=[_entry(number) for number in numbers],
            greeting=mailbox.greeting,
            outgoing_greeting=mailbox.outgoing_greeting,
            language=mailbox.listening.language,
            model=mailbox.listening.model,
            key_terms=list(mailbox.listening.key_terms),
            redact=list(mailbox.listening.redact),
            voice=mailbox.voice or None,
            consent=None if mailbox.consent is None else ConsentEntry.of(mailbox.consent),
            sms_recipients=list(mailbox.sms_recipients),
            email_recipients=list(mailbox.email_recipients),
            readers=list(mailbox.readers),
            max_message_seconds=mailbox.max_message_seconds,
            timezone=mailbox.timezone,
            keeping=KeepingEntry.model_construct(
                retention_days=mailbox.keeping.retention_days, legal_hold=mailbox.keeping.is_on_hold
            ),
            telling=TellingDocument.of(mailbox.telling),
        )

    def mailbox(self) -> Mailbox:
        """Return the mailbox."""
        return Mailbox(
            id=MailboxId(self.id),
            name=self.name,
            greeting=self.greeting,
            listening=Listening(self.language, self.model, tuple(self.key_terms), tuple(self.redact)),
            sms_recipients=tuple(self.sms_recipients),
            email_recipients=tuple(self.email_recipients),
            readers=tuple(self.readers),
            max_message_seconds=self.max_message_seconds,
            timezone=self.timezone,
            keeping=Keeping(self.keeping.retention_days, self.keeping.legal_hold),
            telling=self.telling.telling(),
            voice=self.voice or "",
            outgoing_greeting=self.outgoing_greeting,
            consent=None if self.consent is None else _consent(self.consent),
        )

    def all_numbers(self) -> Sequence[Number]:
        """Return the mailbox's numbers."""
        return [_number(each, MailboxId(self.id)) for each in self.numbers]


def _entry(number: Number) -> NumberEntry:
    return NumberEntry.model_construct(number=number.number, ring=number.ring_target, ring_seconds=number.ring_seconds)


def _number(entry: NumberEntry, mailbox_id: MailboxId) -> Number:
    mode = NumberMode.VOICEMAIL if entry.ring is None else NumberMode.RING_FIRST
    return Number(entry.number, mailbox_id, mode, entry.ring, entry.ring_seconds)


def _consent(entry: ConsentEntry) -> Consent:
    return Consent(
        announcement=entry.announcement,
        must_agree=entry.press_1,
        wait_s=entry.wait_seconds,
        refusal=entry.refusal,
        ring=entry.ring,
    )
