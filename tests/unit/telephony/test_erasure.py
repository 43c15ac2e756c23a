"""When an erased call is looked at again, and how long a mailbox keeps its calls."""

from dataclasses import replace
from datetime import timedelta

from telephony.erasure import LOOKS, TOMBSTONE_LIFETIME, Erased, buried, next_look
from telephony.keeping import Keeping
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, FetchRecording, next_steps
from tests import examples

DAY = timedelta(days=1)


def test_an_erased_call_is_looked_at_until_nothing_of_it_can_come() -> None:
    tombstone = buried(examples.CALL_SID, examples.MAILBOX.id, examples.NOON)
    looks = [tombstone.look_at]
    while looks[-1] is not None:
        looks.append(next_look(tombstone.erased_at, looks[-1]))
    assert looks == [*(examples.NOON + look for look in LOOKS), None]
    assert tombstone.expires_at == examples.NOON + TOMBSTONE_LIFETIME
    assert LOOKS[-1] < TOMBSTONE_LIFETIME


def test_a_look_that_was_missed_is_not_made_up_for() -> None:
    assert next_look(examples.NOON, examples.NOON + timedelta(hours=2)) == examples.NOON + timedelta(hours=6)


def test_nothing_is_done_for_an_erased_call() -> None:
    facts = CallFacts(None, None, Transcript(examples.CALL_SID), recordings=(examples.RECORDING,))
    assert next_steps(facts, examples.NOON) == (FetchRecording(examples.RECORDING),)
    assert next_steps(replace(facts, is_erased=True), examples.NOON) == ()


def test_an_erasure_is_proved_when_nothing_is_left() -> None:
    assert Erased({"table_items": 3}).is_proved
    assert not Erased({"table_items": 3}, ("Twilio's recording RE1",)).is_proved


def test_a_mailbox_without_a_term_keeps_everything() -> None:
    assert Keeping().kept_since(examples.NOON) is None


def test_a_term_counts_days_back_from_now() -> None:
    assert Keeping(30).kept_since(examples.NOON) == examples.NOON - 30 * DAY
    assert Keeping(30).kept_since(examples.NOON, timedelta(seconds=1)) == examples.NOON - timedelta(seconds=30)


def test_a_legal_hold_goes_before_the_term() -> None:
    assert Keeping(30, is_on_hold=True).kept_since(examples.NOON) is None
