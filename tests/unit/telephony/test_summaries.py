"""A digest says how many called, and of each what a message of its own would."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.notifications import SUBJECT_CHARACTERS
from telephony.sms_length import MAX_SEGMENTS, segments
from telephony.summaries import MAX_EMAIL_BYTES, Entry, email_summary, sms_summary, sms_summary_marker
from telephony.telling import Telling
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, Voicemail, describe
from telephony.wording import Language
from tests import examples

SLOT = examples.NOON + timedelta(hours=6)
LINK = "https://calls.example/api/listen/token"
MAILBOX = examples.MAILBOX


def _voicemail(said: str = "Please call back.") -> Voicemail:
    words = [examples.utterance(said)] if said else []
    transcript = Transcript.assemble(examples.CALL_SID, [examples.ended_stream()] if said else [], words)
    return describe(examples.ENDED_CALL, MAILBOX, CallFacts(examples.ENDED_CALL, MAILBOX, transcript))


MESSAGE, MISSED = Entry(_voicemail(), LINK), Entry(_voicemail(""), LINK)


def test_an_sms_has_the_numbers_of_messages_and_of_missed_calls() -> None:
    assert sms_summary(MAILBOX, SLOT, [MESSAGE, MISSED, MESSAGE]) == (
        "Front desk, 2 Mar 18:00 UTC. New messages: 2. Missed calls: 1."
    )


@pytest.mark.parametrize("language", Language)
def test_an_sms_can_be_found_again_by_its_marker(language: Language) -> None:
    mailbox = replace(MAILBOX, name="Dr. Grün\u2019s", telling=Telling(language))

    text = sms_summary(mailbox, SLOT, [MESSAGE])

    assert sms_summary_marker(mailbox, SLOT) in text
    assert sms_summary_marker(mailbox, SLOT + timedelta(hours=1)) not in text


def test_an_sms_of_any_mailbox_fits() -> None:
    assert segments(sms_summary(replace(MAILBOX, name="ű" * 100), SLOT, [MESSAGE] * 100)) <= MAX_SEGMENTS


def test_an_email_tells_each_call_with_its_link() -> None:
    email = email_summary(MAILBOX, SLOT, [MESSAGE, MISSED])

    assert email.subject == "Front desk, 2 Mar 18:00 UTC. New messages: 1. Missed calls: 1"
    assert email.body == (
        "Front desk, 2 Mar 18:00 UTC. New messages: 1. Missed calls: 1.\n\n\n"
        "1. Voicemail from +15005550001, 2 Mar 12:00 UTC, 0:01.\n\n"
        f"Please call back.\n\nListen:\n{LINK}\n\n\n"
        "2. Missed call from +15005550001, 2 Mar 12:00 UTC. No message was left.\n"
    )


def test_of_a_long_message_an_email_tells_the_beginning() -> None:
    body = email_summary(MAILBOX, SLOT, [Entry(_voicemail("word " * 1_000), LINK)]).body

    assert "word word...\n" in body
    assert 900 < len(body) < 1_300


def test_a_word_without_an_end_is_left_to_the_link() -> None:
    body = email_summary(MAILBOX, SLOT, [Entry(_voicemail("a" * 2_000), LINK)]).body

    assert "aa" not in body
    assert LINK in body


@pytest.mark.parametrize(("calls", "has_words"), [(60, True), (100, False)])
def test_however_many_called_an_email_is_not_too_long(calls: int, has_words: bool) -> None:
    long = Entry(_voicemail("🎂🎂🎂🎂 " * 1_000), LINK)  # four bytes a letter

    body = email_summary(MAILBOX, SLOT, [long] * calls * (1 if has_words else 3)).body

    assert len(body.encode()) <= MAX_EMAIL_BYTES
    assert ("🎂🎂🎂🎂..." in body) is has_words
    assert body.count(LINK) == calls * (1 if has_words else 3)


def test_a_list_beyond_all_bounds_still_says_how_many() -> None:
    email = email_summary(MAILBOX, SLOT, [MESSAGE] * 3_000)

    assert email.body == "Front desk, 2 Mar 18:00 UTC. New messages: 3000. Missed calls: 0.\n"


def test_a_subject_is_what_sns_takes() -> None:
    subject = email_summary(replace(MAILBOX, name="Größe " * 30), SLOT, [MESSAGE]).subject

    assert subject.isascii()
    assert len(subject) <= SUBJECT_CHARACTERS
