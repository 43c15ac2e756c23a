"""What an owner may write down of voice, consent and redaction."""

from typing import Any

import pytest
from pydantic import ValidationError

from telephony.consent import Consent
from telephony.mailboxes import Redaction
from telephony.numbers import E164
from telephony.wire.mailbox_document import MailboxDocument

WRITTEN: dict[str, Any] = {"id": "reception", "name": "Reception", "numbers": [{"number": "+14155550123"}]}


def _read(**changes: object) -> MailboxDocument:
    return MailboxDocument.model_validate(WRITTEN | changes)


def test_a_mailbox_says_nothing_of_them_unless_it_is_written() -> None:
    mailbox = _read().mailbox()
    assert (mailbox.voice, mailbox.consent, mailbox.listening.redact, mailbox.phrases) == ("", None, (), ())


def test_voice_consent_and_redaction_are_read() -> None:
    consent = {"announcement": "We record.", "press_1": True, "wait_seconds": 5, "ring": "+14155550177"}
    mailbox = _read(voice="aura-2-thalia-en", consent=consent, redact=["pci", "numbers"]).mailbox()
    assert mailbox.voice == "aura-2-thalia-en"
    assert mailbox.listening.redact == (Redaction.PCI, Redaction.NUMBERS)
    assert mailbox.consent == Consent("We record.", must_agree=True, wait_s=5, ring=E164("+14155550177"))
    assert [phrase.text for phrase in mailbox.phrases] == [
        mailbox.greeting,
        "We record.",
        "Nothing was recorded. Goodbye.",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"voice": "Polly.Joanna"},
        {"redact": ["everything"]},
        {"redact": ["pci"], "language": "de-AT"},
        {"redact": ["ssn"], "language": "multi"},
        {"consent": {"announcement": ""}},
        {"consent": {"announcement": "x", "wait_seconds": 0}},
        {"consent": {"announcement": "x", "press_2": True}},
    ],
)
def test_what_could_not_be_kept_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _read(**wrong)


@pytest.mark.parametrize(("language", "redact"), [("de", ["numbers"]), ("en", ["pci"]), ("en-GB", ["phi"])])
def test_redaction_is_taken_where_deepgram_has_it(language: str, redact: list[str]) -> None:
    assert [each.value for each in _read(language=language, redact=redact).redact] == redact
