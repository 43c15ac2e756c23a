"""Whom we may ring, what they hear, and who is told."""

from dataclasses import replace

import pytest

from telephony.calls import Direction
from telephony.consent import Consent
from telephony.errors import ConflictError
from telephony.numbers import E164
from telephony.outgoing import ANNOUNCEMENT, check, hour_of, mailbox_for
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, Tell, next_steps
from tests import examples


@pytest.mark.parametrize(("to", "is_ours"), [("+14155550177", True), ("+266696687", False), ("+1234", False)])
def test_nobody_is_rung_who_cannot_be_meant(to: str, *, is_ours: bool) -> None:
    with pytest.raises(ConflictError):
        check(E164(to), is_ours=is_ours)


def test_a_strangers_number_may_be_rung() -> None:
    check(E164("+14155550177"), is_ours=False)


def test_they_are_always_told_of_the_recording_and_hear_the_words_for_them() -> None:
    heard = mailbox_for(replace(examples.MAILBOX, outgoing_greeting="News of your order."))
    assert (heard.greeting, heard.consent) == ("News of your order.", Consent(ANNOUNCEMENT))
    own = Consent("We record.")
    kept = mailbox_for(replace(examples.MAILBOX, consent=own))
    assert (kept.greeting, kept.consent) == (examples.MAILBOX.greeting, own)


def test_what_they_hear_is_spoken_beforehand_too() -> None:
    mailbox = replace(examples.MAILBOX, voice="aura-2-thalia-en", outgoing_greeting="News of your order.")
    assert [phrase.text for phrase in mailbox.phrases] == [mailbox.greeting, "News of your order."]


def test_calls_are_counted_by_the_hour() -> None:
    assert hour_of(examples.NOON) == "2026-03-02T12"


@pytest.mark.parametrize("direction", list(Direction))
def test_nobody_is_told_of_a_call_that_was_asked_for(direction: Direction) -> None:
    call = replace(examples.ENDED_CALL, direction=direction)
    said = [examples.utterance("hello there")]
    transcript = Transcript.assemble(examples.CALL_SID, [examples.ended_stream()], said)
    steps = next_steps(CallFacts(call, examples.MAILBOX, transcript), examples.ENDED_AT)
    assert any(isinstance(step, Tell) for step in steps) is (direction is Direction.INBOUND)
