"""How an owner writes down how to tell, and what is refused when it is stored."""

from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from telephony.digests import Digest
from telephony.hooks import Hook, HookEvent, HookId
from telephony.numbers import E164, is_textable
from telephony.quiet_hours import EVERY_DAY, QuietHours, Weekday
from telephony.telling import Telling
from telephony.wire.mailbox_document import MailboxDocument
from telephony.wire.telling_document import TellingDocument
from telephony.wording import Language

WHOLE: dict[str, Any] = {
    "language": "de",
    "sms_template": "$caller: $words $link",
    "email_template": "$mailbox\n\n$words",
    "quiet_hours": {"begin": "22:00", "end": "07:30", "days": ["friday", "monday"], "hold_email": True},
    "digest": {"times": ["18:00", "08:00", "18:00"], "with_sms": True},
    "webhooks": [
        {"id": "crm", "url": "https://crm.example.com:8443/hook?of=voicemail", "events": ["call.missed"]},
        {"id": "desk", "url": "https://desk.example.com/"},
    ],
}


def _mailbox(**changes: object) -> MailboxDocument:
    return MailboxDocument.model_validate(
        {"id": "desk", "name": "Desk", "numbers": [{"number": "+14155550123"}], **changes}
    )


def test_a_document_without_it_tells_in_english_at_once() -> None:
    assert _mailbox().mailbox().telling == Telling()


def test_all_of_it_is_read() -> None:
    assert _mailbox(telling=WHOLE).mailbox().telling == Telling(
        language=Language.GERMAN,
        sms_template="$caller: $words $link",
        email_template="$mailbox\n\n$words",
        quiet_hours=QuietHours(time(22), time(7, 30), (Weekday.MONDAY, Weekday.FRIDAY), hold_email=True),
        digest=Digest((time(8), time(18)), with_sms=True),
        hooks=(
            Hook(HookId("crm"), "https://crm.example.com:8443/hook?of=voicemail", (HookEvent.MISSED,)),
            Hook(HookId("desk"), "https://desk.example.com/"),
        ),
    )


def test_quiet_hours_are_every_day_unless_days_are_named() -> None:
    document = TellingDocument.model_validate({"quiet_hours": {"begin": "22:00", "end": "07:00"}})

    assert document.telling().quiet_hours == QuietHours(time(22), time(7), EVERY_DAY)


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"language": "xx"}, "language"),
        ({"sms_template": "Hi $name"}, r"\$name is no placeholder"),
        ({"sms_template": "x" * 301}, "300"),
        ({"email_template": "$5"}, "for a dollar"),
        ({"quiet_hours": {"begin": "24:00", "end": "07:00"}}, "07:30"),
        ({"quiet_hours": {"begin": "7", "end": "07:00"}}, "07:30"),
        ({"quiet_hours": {"begin": "07:00", "end": "07:00"}}, "60 minutes"),
        ({"quiet_hours": {"begin": "22:00", "end": "07:00", "days": ["funday"]}}, "one of monday"),
        ({"digest": {"times": []}}, "times"),
        ({"digest": {"times": ["08:00"] * 7}}, "times"),
        ({"webhooks": [{"id": f"h{number}", "url": "https://a.example/"} for number in range(6)]}, "webhooks"),
        ({"webhooks": [{"id": "a", "url": "https://a.example/"}] * 2}, "one id"),
        ({"webhooks": [{"id": "A/b", "url": "https://a.example/"}]}, "small letters"),
        ({"webhooks": [{"id": "a", "url": "https://a.example/", "events": []}]}, "events"),
        ({"webhooks": [{"id": "a", "url": "https://a.example/", "events": ["call.ended"]}]}, "events"),
        ({"webhooks": [{"id": "a", "url": "https://a.example/", "events": ["transcript.repaired"]}]}, "goes with"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_done_is_refused(changes: dict[str, object], trouble: str) -> None:
    with pytest.raises(ValidationError, match=trouble):
        _mailbox(telling=changes)


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/",
        "ftp://crm.example.com/",
        "https://",
        "https:///path",
        "https://user:secret@crm.example.com/",
        "https://@crm.example.com/",
        "https://crm.example.com/#part",
        "https://localhost/",
        "https://x.localhost/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://192.168.0.1:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://224.0.0.1/",
        "https://[ff0e::1]/",
        "https://crm.example.com:99999/",
        "https://crm.example.com/a b",
        "https://crm.example.com/\r\nHost: x",
        "https://crm.exämple.com/",
        "https://[::1/",
        "not an address",
        "https://crm.example.com/" + "a" * 500,
    ],
)
def test_an_address_that_is_no_public_https_one_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="webhooks"):
        _mailbox(telling={"webhooks": [{"id": "a", "url": url}]})


def test_a_public_address_may_be_written_in_numbers() -> None:
    document = TellingDocument.model_validate({"webhooks": [{"id": "a", "url": "https://1.1.1.1/hook"}]})

    assert document.telling().hooks[0].url == "https://1.1.1.1/hook"


@pytest.mark.parametrize(
    "number",
    [
        "+266696687",
        "+86282452253",
        "+2562533",
        "+122",
        "+19005550123",
        "+19765550123",
        "+11155550123",
        "+14151550123",
        "+1415555012",
        "+141555501234",
    ],
)
def test_nobody_is_told_at_a_number_that_cannot_be_theirs(number: str) -> None:
    assert not is_textable(E164(number))
    with pytest.raises(ValidationError, match=r"sms_recipients\.0"):
        _mailbox(sms_recipients=[number])


@pytest.mark.parametrize("number", ["+14155550177", "+15005550001", "+436641234567", "+6834000"])
def test_an_ordinary_number_is_told(number: str) -> None:
    assert is_textable(E164(number))
    assert _mailbox(sms_recipients=[number]).mailbox().sms_recipients == (number,)


def test_a_mailbox_does_not_text_itself() -> None:
    with pytest.raises(ValidationError, match="its own messages"):
        _mailbox(sms_recipients=["+14155550123"])


def test_a_digest_is_refused_of_which_nobody_would_hear() -> None:
    with pytest.raises(ValidationError, match="nobody is told"):
        _mailbox(sms_recipients=["+14155550177"], telling={"digest": {"times": ["08:00"]}})
    told = _mailbox(sms_recipients=["+14155550177"], telling={"digest": {"times": ["08:00"], "with_sms": True}})
    assert told.mailbox().telling.digest == Digest((time(8),), with_sms=True)
