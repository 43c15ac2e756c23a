"""In every language all is said, in the alphabet of SMS, and with the same places to fill."""

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime
from string import Formatter

import pytest

from telephony.calls import Call
from telephony.coverage import Interval
from telephony.notifications import email_text, sms_text
from telephony.sms_length import is_gsm
from telephony.telling import Telling
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, Voicemail, describe
from telephony.wording import WORDINGS, Language, Wording
from tests import examples

LINK = "https://calls.example/api/listen/token"
ENGLISH = WORDINGS[Language.ENGLISH]
TEXTS = [each.name for each in dataclasses.fields(Wording) if each.name != "months"]
BY_EMAIL_ONLY = {"mailbox"}


def _places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def _text(words: Wording, name: str) -> str:
    text = getattr(words, name)
    assert isinstance(text, str)
    return text


def _voicemail(language: Language, call: Call = examples.ENDED_CALL, *, holes: tuple[Interval, ...] = ()) -> Voicemail:
    stream = examples.ended_stream(examples.coverage(holes=holes))
    mailbox = replace(examples.MAILBOX, telling=Telling(language), timezone="Europe/Berlin")
    transcript = Transcript.assemble(examples.CALL_SID, [stream], [examples.utterance("Bonjour, hier ist Ada.")])
    return describe(call, mailbox, CallFacts(call, mailbox, transcript, (examples.RECORDING,)))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", TEXTS)
def test_each_text_is_there_with_the_places_of_the_english_one(language: Language, name: str) -> None:
    text = _text(WORDINGS[language], name)

    assert text
    assert _places(text) == _places(_text(ENGLISH, name))


@pytest.mark.parametrize("language", Language)
def test_what_goes_out_by_sms_is_of_its_alphabet(language: Language) -> None:
    words = WORDINGS[language]

    texts = [*words.months, *(_text(words, name) for name in TEXTS if name not in BY_EMAIL_ONLY)]

    assert [text for text in texts if not is_gsm(text)] == []


@pytest.mark.parametrize("language", Language)
def test_every_month_has_a_name_of_its_own(language: Language) -> None:
    months = WORDINGS[language].months

    assert len(set(months)) == 12
    assert {words.months for words in WORDINGS.values()} >= {months}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.ENGLISH, "Voicemail from +15005550001, 2 Mar 13:00 CET, 0:12."),
        (Language.GERMAN, "Sprachnachricht von +15005550001, 2. März 13:00 CET, 0:12."),
        (Language.SPANISH, "Mensaje de voz de +15005550001, 2 mar 13:00 CET, 0:12."),
        (Language.FRENCH, "Message vocal de +15005550001, 2 mars 13:00 CET, 0:12."),
        (Language.ITALIAN, "Messaggio vocale da +15005550001, 2 mar 13:00 CET, 0:12."),
        (Language.DUTCH, "Voicemail van +15005550001, 2 mrt 13:00 CET, 0:12."),
        (Language.PORTUGUESE, "Mensagem de voz de +15005550001, 2 de mar 13:00 CET, 0:12."),
    ],
)
def test_a_message_begins_in_its_mailboxs_language(language: Language, said: str) -> None:
    text = sms_text(_voicemail(language), LINK)

    assert text == f'{said}\n"Bonjour, hier ist Ada."\n{WORDINGS[language].listen}\n{LINK}'


def test_what_is_not_known_is_said_in_german() -> None:
    holes = tuple(Interval(at, at + 500) for at in range(1_000, 9_000, 2_000))

    text = sms_text(_voicemail(Language.GERMAN, holes=holes), LINK)

    assert (
        "Der Text ist unvollständig. Nicht erfasst vom Anruf: 0:01-0:02, 0:03-0:04, 0:05-0:06 und weitere Stellen."
        in text.splitlines()
    )


def test_a_withheld_number_has_its_words_in_each_language() -> None:
    call = replace(examples.ENDED_CALL, caller="+266696687")

    assert sms_text(_voicemail(Language.GERMAN, call), LINK).startswith("Sprachnachricht von anonym, ")


def test_a_subject_is_written_in_the_letters_that_sns_takes() -> None:
    assert email_text(_voicemail(Language.GERMAN), LINK).subject == (
        "Sprachnachricht von +15005550001, 2. Maerz 13:00 CET, 0:12"
    )


def test_an_email_ends_with_the_mailbox_in_its_language() -> None:
    body = email_text(_voicemail(Language.SPANISH), LINK).body

    assert body.endswith(f"\n\nEscuchar:\n{LINK}\n\nBuzón de voz: Front desk\n")


def test_a_time_says_which_clock_it_was_read_from() -> None:
    assert ENGLISH.time(datetime(2026, 12, 31, 9, 5, tzinfo=UTC)) == "31 Dec 09:05 UTC"
