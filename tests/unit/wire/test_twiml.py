"""TwiML says what was decided, in the elements and order that Twilio's rules ask for."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from local.twilio import twiml as simulated
from telephony.answering import (
    Announce,
    Answer,
    Apologise,
    AskConsent,
    EndUnrecorded,
    HangUp,
    Parties,
    RingPerson,
    SayNothing,
    TakeMessage,
    TakeMessageBlindly,
    Thank,
)
from telephony.calls import CallSid
from telephony.consent import Consent
from telephony.mailboxes import Listening, Mailbox
from telephony.numbers import E164, MailboxId
from telephony.phrases import Phrase
from telephony.streams import Ticket, TicketId, TicketPurpose
from telephony.wire import twiml

ADDRESSES = twiml.Addresses(
    "https://calls.example.test", "wss://calls.example.test/media", lambda digest: f"{digest[:8]}.signed.wav"
)
MAILBOX = Mailbox(MailboxId("front-desk"), "Front desk", greeting="Hi & welcome <3", max_message_seconds=90)
TICKET = Ticket(
    TicketId("t0ken-_"),
    TicketPurpose.MEDIA,
    CallSid("CA00000000000000000000000000000001"),
    MAILBOX.id,
    datetime(2026, 3, 2, tzinfo=UTC),
)
PARTIES = Parties("sip:zoë@a.example&number=+1", E164("+15005550006"))

ASKING = Consent("We record this. Press 1 if you agree.", must_agree=True, wait_s=6)
ASKING_MAILBOX = replace(MAILBOX, consent=ASKING)

EVERY_ANSWER = [
    Announce(ASKING_MAILBOX, ASKING),
    AskConsent(ASKING_MAILBOX, ASKING),
    EndUnrecorded(ASKING_MAILBOX, ASKING, None),
    EndUnrecorded(ASKING_MAILBOX, ASKING, RingPerson(E164("+15005550010"), 20, None)),
    TakeMessage(MAILBOX, TICKET),
    TakeMessage(MAILBOX, None),
    TakeMessageBlindly(PARTIES),
    RingPerson(E164("+15005550010"), 20, None),
    RingPerson(E164("+15005550010"), 20, E164("+15005550006")),
    Apologise(),
    Thank(),
    HangUp(),
]


def written(answer: Answer) -> ET.Element:
    return ET.fromstring(twiml.write(answer, ADDRESSES))  # noqa: S314 - our own document


def only(root: ET.Element, path: str) -> ET.Element:
    (found,) = root.findall(path)
    return found


def test_a_message_is_streamed_before_it_is_asked_for_and_recorded_after() -> None:
    root = written(TakeMessage(MAILBOX, TICKET))
    assert root.tag == "Response"
    assert [verb.tag for verb in root] == ["Start", "Say", "Record"]
    assert only(root, "Say").text == "Hi & welcome <3"
    assert only(root, "Say").attrib == {"language": "en-US"}


def test_the_stream_brings_the_callers_track_and_the_ticket() -> None:
    root = written(TakeMessage(MAILBOX, TICKET))
    stream = only(root, "Start/Stream")
    assert stream.get("url") == "wss://calls.example.test/media"
    assert stream.get("track") == "inbound_track"
    assert stream.get("name") == "message"
    assert urlsplit(stream.get("statusCallback")).path == "/twilio/stream"
    assert only(root, "Start/Stream/Parameter").attrib == {"name": "ticket", "value": "t0ken-_"}


def test_without_a_ticket_nothing_is_streamed() -> None:
    assert [verb.tag for verb in written(TakeMessage(MAILBOX, None))] == ["Say", "Record"]


def test_the_recording_is_bounded_untrimmed_and_reported() -> None:
    record = only(written(TakeMessage(MAILBOX, TICKET)), "Record")
    assert record.get("maxLength") == "90"
    assert record.get("trim") == "do-not-trim"
    assert record.get("playBeep") == "true"
    assert record.get("recordingStatusCallbackEvent") == "completed absent"
    assert urlsplit(record.get("action")).path == "/twilio/recorded"
    assert urlsplit(record.get("recordingStatusCallback")).path == "/twilio/recording"
    assert not urlsplit(record.get("action")).query


@pytest.mark.parametrize(("seconds", "length"), [(0, "2"), (1, "2"), (14_400, "14400"), (99_999, "14400")])
def test_the_length_is_kept_within_what_twilio_takes(seconds: int, length: str) -> None:
    mailbox = Mailbox(MailboxId("m"), "M", max_message_seconds=seconds)
    assert only(written(TakeMessage(mailbox, None)), "Record").get("maxLength") == length


@pytest.mark.parametrize("language", ["multi", "en", "es-419", ""])
def test_a_language_that_cannot_be_spoken_is_left_to_twilio(language: str) -> None:
    mailbox = Mailbox(MailboxId("m"), "M", listening=Listening(language=language))
    assert only(written(TakeMessage(mailbox, None)), "Say").attrib == {}


@pytest.mark.parametrize("greeting", ["", " \n", "\x00\x1f"])
def test_a_greeting_without_a_word_is_not_spoken(greeting: str) -> None:
    mailbox = Mailbox(MailboxId("m"), "M", greeting=greeting)
    assert [verb.tag for verb in written(TakeMessage(mailbox, None))] == ["Record"]


def test_what_xml_cannot_hold_is_left_out_of_a_greeting() -> None:
    mailbox = Mailbox(MailboxId("m"), "M", greeting="Grüß\x00 dich \ud800🎉")
    assert only(written(TakeMessage(mailbox, None)), "Say").text == "Grüß  dich  🎉"


def test_a_message_taken_blindly_says_in_its_callbacks_who_called_whom() -> None:
    root = written(TakeMessageBlindly(PARTIES))
    assert [verb.tag for verb in root] == ["Say", "Record"]
    assert only(root, "Say").text == twiml.BLIND_GREETING
    assert "recorded" in twiml.BLIND_GREETING  # the mailbox may be one that must announce it
    for name in ("action", "recordingStatusCallback"):
        query = urlsplit(only(root, "Record").get(name)).query
        assert query == "caller=sip%3Azo%C3%AB%40a.example%26number%3D%2B1&number=%2B15005550006"
        assert parse_qsl(query) == [("caller", PARTIES.caller), ("number", PARTIES.number)]


def test_a_person_is_rung_while_the_caller_hears_it() -> None:
    dial = only(written(RingPerson(E164("+15005550010"), 25, None)), "Dial")
    assert urlsplit(dial.attrib.pop("action")).path == "/twilio/dialed"
    assert dial.attrib == {"answerOnBridge": "true", "method": "POST", "timeout": "25"}
    assert only(dial, "Number").text == "+15005550010"


def test_a_person_can_be_shown_another_number_than_the_callers() -> None:
    ring = RingPerson(E164("+15005550010"), 1, E164("+15005550006"))
    assert only(written(ring), "Dial").get("callerId") == "+15005550006"
    assert only(written(ring), "Dial").get("timeout") == "5"


@pytest.mark.parametrize(
    ("answer", "verbs"),
    [
        (Apologise(), ["Say", "Hangup"]),
        (Thank(), ["Say", "Hangup"]),
        (HangUp(), ["Hangup"]),
        (SayNothing(), []),
    ],
)
def test_the_other_answers_end_the_call_if_there_is_one(answer: Answer, verbs: list[str]) -> None:
    assert [verb.tag for verb in written(answer)] == verbs


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_every_callback_is_absolute_and_asks_to_be_repeated(answer: Answer) -> None:
    callbacks = [
        value
        for element in written(answer).iter()
        for name, value in element.attrib.items()
        if name.lower().endswith("callback") or name == "action"
    ]
    for callback in callbacks:
        assert callback.startswith("https://calls.example.test/twilio/")
        assert dict(parse_qsl(urlsplit(callback).fragment)) == {
            "ct": "2000",
            "rc": "3",
            "rp": "5xx,ct,rt",
            "rt": "4500",
            "tt": "15000",
        }


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_a_start_is_never_last_and_no_stream_stands_alone(answer: Answer) -> None:
    root = written(answer)
    assert root[-1].tag in {"Gather", "Record", "Dial", "Hangup", "Redirect"}
    assert not root.findall("Stream")


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_the_simulated_twilio_finds_nothing_to_warn_of(answer: Answer) -> None:
    document = simulated.parse(twiml.write(answer, ADDRESSES).encode())
    assert document.verbs
    assert not document.warnings


def test_a_phrase_is_played_once_its_sound_is_kept_and_said_until_then() -> None:
    with_voice = replace(MAILBOX, voice="aura-2-thalia-en")
    assert [verb.tag for verb in written(TakeMessage(with_voice, None))] == ["Say", "Record"]
    phrase = Phrase(with_voice.greeting, with_voice.voice)
    root = written(TakeMessage(replace(with_voice, spoken=frozenset({phrase.digest})), None))
    assert [verb.tag for verb in root] == ["Play", "Record"]
    assert (
        only(root, "Play").text
        == f"https://calls.example.test/twilio/phrases/{phrase.digest[:8]}.signed.wav?mailbox=front-desk"
    )


def test_the_sound_of_another_text_or_voice_is_not_played() -> None:
    kept = frozenset({Phrase("Another greeting", "aura-2-thalia-en").digest, Phrase(MAILBOX.greeting, "other").digest})
    root = written(TakeMessage(replace(MAILBOX, voice="aura-2-thalia-en", spoken=kept), None))
    assert [verb.tag for verb in root] == ["Say", "Record"]


def test_an_announcement_comes_before_the_stream() -> None:
    announcing = replace(MAILBOX, consent=Consent("This call is recorded."))
    root = written(TakeMessage(announcing, TICKET))
    assert [verb.tag for verb in root] == ["Say", "Start", "Say", "Record"]
    assert root[0].text == "This call is recorded."


def test_who_has_agreed_hears_no_announcement_again() -> None:
    assert [verb.tag for verb in written(TakeMessage(ASKING_MAILBOX, TICKET, is_told=True))] == [
        "Start",
        "Say",
        "Record",
    ]


def test_asking_for_consent_waits_for_one_key_and_neither_streams_nor_records() -> None:
    root = written(AskConsent(ASKING_MAILBOX, ASKING))
    assert [verb.tag for verb in root] == ["Gather"]
    gather = only(root, "Gather")
    assert (gather.get("numDigits"), gather.get("timeout"), gather.get("input")) == ("1", "6", "dtmf")
    assert gather.get("finishOnKey") == ""
    assert gather.get("actionOnEmptyResult") == "true"  # else silence would end in nothing
    assert urlsplit(gather.get("action")).path == "/twilio/consented"
    assert only(root, "Gather/Say").text == ASKING.announcement


@pytest.mark.parametrize("ring", [None, RingPerson(E164("+15005550010"), 20, None)])
def test_who_does_not_agree_is_told_so_and_neither_streamed_nor_recorded(ring: RingPerson | None) -> None:
    root = written(EndUnrecorded(ASKING_MAILBOX, ASKING, ring))
    assert [verb.tag for verb in root] == ["Say", "Hangup" if ring is None else "Dial"]
    assert only(root, "Say").text == ASKING.refusal
