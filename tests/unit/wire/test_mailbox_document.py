"""A mailbox as its owner and the API write it down."""

from typing import Any

import pytest
from pydantic import ValidationError

from telephony.keeping import Keeping
from telephony.wire.mailbox_document import MAX_READERS, MAX_RECIPIENTS, MailboxDocument

WHOLE: dict[str, Any] = {
    "id": "front-desk",
    "name": "Front desk",
    "numbers": [
        {"number": "+15005550006", "ring": "+15005550010", "ring_seconds": 30},
        {"number": "+15005550007", "ring": None, "ring_seconds": 25},
    ],
    "greeting": "Grüß Gott!",
    "outgoing_greeting": "Hier ist die Praxis.",
    "language": "de-AT",
    "model": "nova-2",
    "key_terms": ["Grün"],
    "redact": ["numbers"],
    "voice": "aura-2-julius-de",
    "consent": {
        "announcement": "Wir nehmen auf.",
        "press_1": True,
        "wait_seconds": 5,
        "refusal": "Auf Wiederhören.",
        "ring": "+15005550011",
    },
    "sms_recipients": ["+15005550010"],
    "email_recipients": ["grün@example.org"],
    "readers": ["ada"],
    "max_message_seconds": 60,
    "timezone": "Europe/Vienna",
    "keeping": {"retention_days": 30, "legal_hold": True},
    "telling": {
        "language": "de",
        "sms_template": "$caller: $words $link",
        "email_template": "$words",
        "quiet_hours": {"begin": "22:00", "end": "07:30", "days": ["monday", "friday"], "hold_email": True},
        "digest": {"times": ["08:00", "18:00"], "with_sms": True},
        "webhooks": [{"id": "crm", "url": "https://crm.example.com/", "events": ["call.missed"]}],
    },
}


def test_what_was_written_down_comes_back_with_every_field() -> None:
    document = MailboxDocument.model_validate(WHOLE)

    assert set(WHOLE) == set(MailboxDocument.model_fields), "a new field belongs into this example"
    assert all(getattr(document, name) != field.default for name, field in MailboxDocument.model_fields.items())
    assert MailboxDocument.of(document.mailbox(), document.all_numbers()) == document
    assert document.model_dump() == WHOLE


@pytest.mark.parametrize(
    "changes",
    [
        {"sms_recipients": ["+15005550010"] * (MAX_RECIPIENTS + 1)},
        {"email_recipients": ["a@example.org"] * (MAX_RECIPIENTS + 1)},
        {"email_recipients": ["a" * 250 + "@b.org"]},
        {"readers": [str(number) for number in range(MAX_READERS + 1)]},
        {"readers": [""]},
        {"readers": ["x" * 129]},
        {"key_terms": ["x" * 101]},
        {"model": "x" * 65},
    ],
)
def test_every_list_and_text_is_bounded(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MailboxDocument.model_validate({**WHOLE, **changes})


WRITTEN = {"id": "reception", "name": "Reception", "numbers": [{"number": "+14155550123"}]}


def test_a_mailbox_that_says_nothing_keeps_everything() -> None:
    assert MailboxDocument.model_validate(WRITTEN).mailbox().keeping == Keeping()


def test_a_term_and_a_hold_are_the_mailboxs() -> None:
    document = MailboxDocument.model_validate({**WRITTEN, "keeping": {"retention_days": 30, "legal_hold": True}})
    assert document.mailbox().keeping == Keeping(30, is_on_hold=True)


@pytest.mark.parametrize("keeping", [{"retention_days": 0}, {"retention_days": 3_651}, {"days": 3}])
def test_a_term_that_makes_no_sense_is_refused(keeping: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        MailboxDocument.model_validate({**WRITTEN, "keeping": keeping})
