"""Mailboxes and numbers as items of the table, and back."""

from collections.abc import Sequence
from typing import Final

from telephony.aws.attributes import Fields, Item, Value
from telephony.aws.item_keys import keys, sid_after
from telephony.aws.table import (
    ARCHIVE_PARTITION_KEY,
    ARCHIVE_SORT_KEY,
    CONFIG,
    KEEPING,
    MAILBOX,
    NUMBER,
    PARTITION_KEY,
    READER,
    key,
)
from telephony.aws.telling_items import telling_from, telling_values
from telephony.consent import Consent
from telephony.keeping import Keeping
from telephony.mailboxes import Listening, Mailbox, Redaction
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.phrases import PhraseDigest
from telephony.telling import Telling

REVISION: Final = "revision"
READERS_LISTED: Final = "readers_listed"
SPOKEN: Final = "spoken"
"""Which phrases' sound is kept: beside the mailbox, in its own item and in each of its numbers'."""


def mailbox_item(mailbox: Mailbox, numbers: Sequence[Number], revision: int = 1) -> Item:
    """Write a mailbox, which numbers lead to it and how, and whose lists it is in.

    One that says how long it keeps calls lists itself.
    """
    listing: Item = {ARCHIVE_PARTITION_KEY: KEEPING, ARCHIVE_SORT_KEY: mailbox.id}
    return {
        **keys(key(MAILBOX, mailbox.id), CONFIG, CONFIG),
        **({} if mailbox.keeping.retention_days is None else listing),
        **_mailbox_values(mailbox),
        "numbers": [str(each.number) for each in numbers],
        "number_values": [{"number": each.number, **_number_values(each)} for each in numbers],
        READERS_LISTED: list[Value](dict.fromkeys(mailbox.readers)),
        SPOKEN: spoken_values(mailbox.spoken),
        REVISION: revision,
    }


def reader_item(reader: str, mailbox_id: MailboxId) -> Item:
    """Write that a mailbox lists a reader, so that the reader finds it."""
    return {**keys(key(READER, reader), key(MAILBOX, mailbox_id), MAILBOX), "mailbox_id": mailbox_id}


def mailbox_from(fields: Fields, beside: Fields | None = None) -> Mailbox:
    """Read a mailbox, from its own item or from the copy in a number's, which is the item *beside* it then."""
    return Mailbox(
        id=MailboxId(fields.text("id")),
        name=fields.text("name"),
        greeting=fields.text("greeting"),
        listening=listening_from(fields.fields("listening")),
        sms_recipients=tuple(E164(each) for each in fields.texts("sms_recipients")),
        email_recipients=fields.texts("email_recipients"),
        readers=fields.texts("readers"),
        max_message_seconds=fields.count("max_message_seconds"),
        timezone=fields.text("timezone"),
        keeping=_keeping_from(fields.fields("keeping")) if "keeping" in fields.values else Keeping(),
        telling=telling_from(fields.fields("telling")) if "telling" in fields.values else Telling(),
        voice=fields.maybe_text("voice") or "",
        outgoing_greeting=fields.maybe_text("outgoing_greeting") or "",
        spoken=_spoken_from(beside or fields),
        consent=_consent_from(fields.fields("consent")) if "consent" in fields.values else None,
    )


def number_item(number: Number, mailbox: Mailbox) -> Item:
    """Write a number with a copy of its mailbox."""
    return {
        **keys(key(NUMBER, number.number), CONFIG, CONFIG),
        **_number_values(number),
        "mailbox": _mailbox_values(mailbox),
        SPOKEN: spoken_values(mailbox.spoken),
    }


def number_from(fields: Fields) -> Number:
    """Read a number from its own item."""
    return _number(E164(sid_after(NUMBER, fields.text(PARTITION_KEY))), fields)


def numbers_from(fields: Fields) -> tuple[Number, ...]:
    """Read a mailbox's numbers from its item."""
    return tuple(_number(E164(each.text("number")), each) for each in fields.each("number_values"))


def _number(number: E164, fields: Fields) -> Number:
    target = fields.maybe_text("ring_target")
    return Number(
        number=number,
        mailbox_id=MailboxId(fields.text("mailbox_id")),
        mode=NumberMode(fields.text("mode")),
        ring_target=None if target is None else E164(target),
        ring_seconds=fields.count("ring_seconds"),
    )


def _number_values(number: Number) -> Item:
    return {
        "mailbox_id": number.mailbox_id,
        "mode": number.mode.value,
        "ring_target": number.ring_target,
        "ring_seconds": number.ring_seconds,
    }


def _mailbox_values(mailbox: Mailbox) -> Item:
    return {
        "id": mailbox.id,
        "name": mailbox.name,
        "greeting": mailbox.greeting,
        "listening": listening_values(mailbox.listening),
        "sms_recipients": [str(each) for each in mailbox.sms_recipients],
        "email_recipients": list[Value](mailbox.email_recipients),
        "readers": list[Value](mailbox.readers),
        "max_message_seconds": mailbox.max_message_seconds,
        "timezone": mailbox.timezone,
        "keeping": {
            "retention_days": mailbox.keeping.retention_days,
            "held": int(mailbox.keeping.is_on_hold),
        },
        "telling": telling_values(mailbox.telling),
        "voice": mailbox.voice or None,
        "outgoing_greeting": mailbox.outgoing_greeting or None,
        "consent": None if mailbox.consent is None else _consent_values(mailbox.consent),
    }


def _keeping_from(fields: Fields) -> Keeping:
    return Keeping(fields.maybe_count("retention_days"), bool(fields.count("held")))


def listening_values(listening: Listening) -> Item:
    """Write how speech is recognised."""
    return {
        "language": listening.language,
        "model": listening.model,
        "key_terms": list[Value](listening.key_terms),
        "redact": [each.value for each in listening.redact],
    }


def listening_from(fields: Fields) -> Listening:
    """Read how speech is recognised."""
    redact = fields.maybe_texts("redact")
    return Listening(
        language=fields.text("language"),
        model=fields.text("model"),
        key_terms=fields.texts("key_terms"),
        redact=tuple(Redaction(each) for each in redact),
    )


def spoken_values(spoken: frozenset[PhraseDigest]) -> list[Value]:
    """Write which phrases' sound is kept."""
    return list[Value](sorted(spoken))


def _spoken_from(fields: Fields) -> frozenset[PhraseDigest]:
    texts = fields.maybe_texts(SPOKEN)
    return frozenset(PhraseDigest(each) for each in texts)


def _consent_values(consent: Consent) -> Item:
    return {
        "announcement": consent.announcement,
        "must_agree": int(consent.must_agree),
        "wait_s": consent.wait_s,
        "refusal": consent.refusal,
        "ring": consent.ring,
    }


def _consent_from(fields: Fields) -> Consent:
    ring = fields.maybe_text("ring")
    return Consent(
        announcement=fields.text("announcement"),
        must_agree=bool(fields.count("must_agree")),
        wait_s=fields.count("wait_s"),
        refusal=fields.text("refusal"),
        ring=None if ring is None else E164(ring),
    )
