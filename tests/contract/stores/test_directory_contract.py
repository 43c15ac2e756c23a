"""What every Directory promises."""

from dataclasses import replace

import pytest

from telephony.consent import Consent
from telephony.errors import NotFoundError
from telephony.mailboxes import Listening, Redaction
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.phrases import Phrase, PhraseDigest
from tests.contract.stores.backends import AnyTable, any_mailbox, any_number


def test_a_number_is_answered_with_all_of_its_mailbox(table: AnyTable) -> None:
    mailbox = any_mailbox(
        greeting="Grüß Gott! <&> ☎",
        listening=Listening("de-AT", "nova-2", ("Grün", "Ordination"), (Redaction.NUMBERS,)),
        voice="aura-2-lara-de",
        consent=Consent("Wir zeichnen auf.", must_agree=True, wait_s=5, refusal="Ade.", ring=E164("+436641234567")),
        sms_recipients=(E164("+436641234567"),),
        email_recipients=("grün@example.org", "b@example.org"),
        readers=("user-1", "user-2"),
        max_message_seconds=120,
        timezone="Europe/Vienna",
    )
    number = Number(any_number(), mailbox.id, NumberMode.RING_FIRST, E164("+436647654321"), 35)
    table.directory.put(mailbox, [number])
    assert table.directory.answering(number.number) == (number, mailbox)
    assert table.directory.mailbox(mailbox.id) == mailbox


def test_a_number_or_mailbox_that_is_not_there_is_not_found(table: AnyTable) -> None:
    with pytest.raises(NotFoundError, match="number"):
        table.directory.answering(any_number())
    with pytest.raises(NotFoundError, match="mailbox"):
        table.directory.mailbox(MailboxId("nobody"))


def test_a_changed_mailbox_answers_all_of_its_numbers(table: AnyTable) -> None:
    mailbox = any_mailbox()
    numbers = [Number(any_number(), mailbox.id), Number(any_number(), mailbox.id)]
    table.directory.put(mailbox, numbers)
    changed = replace(mailbox, greeting="We moved.")
    table.directory.put(changed, numbers)
    assert [table.directory.answering(each.number) for each in numbers] == [(each, changed) for each in numbers]


def test_a_number_that_is_left_out_is_answered_no_more_and_may_go_elsewhere(table: AnyTable) -> None:
    mailbox, other = any_mailbox(), any_mailbox()
    kept, dropped = Number(any_number(), mailbox.id), Number(any_number(), mailbox.id)
    table.directory.put(mailbox, [kept, dropped])
    table.directory.put(mailbox, [kept])
    with pytest.raises(NotFoundError):
        table.directory.answering(dropped.number)
    moved = replace(dropped, mailbox_id=other.id)
    table.directory.put(other, [moved])
    table.directory.put(mailbox, [kept])
    assert table.directory.answering(moved.number) == (moved, other)


def test_a_number_of_another_mailbox_is_refused_and_nothing_is_stored(table: AnyTable) -> None:
    mailbox, other = any_mailbox(), any_mailbox()
    taken = Number(any_number(), mailbox.id)
    table.directory.put(mailbox, [taken])
    with pytest.raises(ValueError, match="another"):
        table.directory.put(other, [taken])
    with pytest.raises(ValueError, match="another"):
        table.directory.put(other, [replace(taken, mailbox_id=other.id)])
    assert table.directory.answering(taken.number) == (taken, mailbox)
    with pytest.raises(NotFoundError):
        table.directory.mailbox(other.id)


def test_what_can_be_played_is_known_to_the_mailbox_and_to_each_of_its_numbers(table: AnyTable) -> None:
    mailbox = any_mailbox(voice="aura-2-thalia-en", consent=Consent("This call is recorded."))
    numbers = [Number(any_number(), mailbox.id), Number(any_number(), mailbox.id)]
    table.directory.put(mailbox, numbers)
    greeting = Phrase(mailbox.greeting, mailbox.voice).digest
    table.directory.spoken(mailbox.id, {greeting, PhraseDigest("0" * 64)})
    spoken = replace(mailbox, spoken=frozenset({greeting}))
    assert table.directory.mailbox(mailbox.id) == spoken
    assert [table.directory.answering(each.number)[1] for each in numbers] == [spoken, spoken]
    assert [phrase.text for phrase in spoken.unspoken] == ["This call is recorded.", "Nothing was recorded. Goodbye."]


def test_what_can_be_played_stays_so_when_the_mailbox_changes_and_still_says_it(table: AnyTable) -> None:
    mailbox = any_mailbox(voice="aura-2-thalia-en")
    number = Number(any_number(), mailbox.id)
    table.directory.put(mailbox, [number])
    digests = frozenset({Phrase(mailbox.greeting, mailbox.voice).digest})
    table.directory.spoken(mailbox.id, digests)
    table.directory.put(replace(mailbox, name="Another name"), [number])
    assert table.directory.answering(number.number)[1].spoken == digests
    table.directory.put(replace(mailbox, greeting="We moved."), [number])
    assert table.directory.answering(number.number)[1].spoken == frozenset()


def test_nothing_is_written_down_of_a_mailbox_that_is_not_there(table: AnyTable) -> None:
    with pytest.raises(NotFoundError):
        table.directory.spoken(MailboxId("nobody"), set())
