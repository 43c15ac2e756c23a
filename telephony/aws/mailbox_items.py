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
from telephony.keeping import Keeping
from telephony.mailboxes import Listening, Mailbox
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.telling import Telling

REVISION: Final = "revision"
READERS_LISTED: Final = "readers_listed"


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
        REVISION: revision,
    }


def reader_item(reader: str, mailbox_id: MailboxId) -> Item:
    """Write that a mailbox lists a reader, so that the reader finds it."""
    return {**keys(key(READER, reader), key(MAILBOX, mailbox_id), MAILBOX), "mailbox_id": mailbox_id}


def mailbox_from(fields: Fields) -> Mailbox:
    """Read a mailbox, from its own item or from the copy in a number's."""
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
    )


def number_item(number: Number, mailbox: Mailbox) -> Item:
    """Write a number with a copy of its mailbox."""
    return {
        **keys(key(NUMBER, number.number), CONFIG, CONFIG),
        **_number_values(number),
        "mailbox": _mailbox_values(mailbox),
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
    }


def _keeping_from(fields: Fields) -> Keeping:
    return Keeping(fields.maybe_count("retention_days"), bool(fields.count("held")))


def listening_values(listening: Listening) -> Item:
    """Write how speech is recognised."""
    return {
        "language": listening.language,
        "model": listening.model,
        "key_terms": list[Value](listening.key_terms),
    }


def listening_from(fields: Fields) -> Listening:
    """Read how speech is recognised."""
    return Listening(fields.text("language"), fields.text("model"), fields.texts("key_terms"))
