"""What every Directory promises."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time
from threading import Barrier

import pytest

from telephony.consent import Consent
from telephony.digests import Digest
from telephony.errors import ConflictError, NotFoundError, NumberTakenError, WireError
from telephony.hooks import Hook, HookEvent, HookId
from telephony.mailboxes import Listening, Mailbox, Redaction
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.phrases import Phrase, PhraseDigest
from telephony.ports.stores import StoredMailbox
from telephony.quiet_hours import QuietHours, Weekday
from telephony.telling import Telling
from telephony.wording import Language
from tests.contract.stores.backends import AnyTable, any_mailbox, any_number

TELLING = Telling(
    language=Language.GERMAN,
    sms_template="Für $mailbox: $words ☎",
    email_template="$words\n\n$link",
    quiet_hours=QuietHours(time(22), time(7, 30, 15), (Weekday.MONDAY, Weekday.SUNDAY), hold_email=True),
    digest=Digest((time(8), time(18, 15, 0, 1)), with_sms=True),
    hooks=(
        Hook(HookId("crm"), "https://crm.example.com/?a=b", (HookEvent.MISSED,)),
        Hook(HookId("desk"), "https://desk.example.com/"),
    ),
)


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
        telling=TELLING,
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
    free = Number(any_number(), other.id)
    for wanted in ([taken], [free, replace(taken, mailbox_id=other.id)]):
        with pytest.raises(NumberTakenError) as refusal:
            table.directory.put(other, wanted)
        assert refusal.value.number == taken.number
    assert table.directory.answering(taken.number) == (taken, mailbox)
    with pytest.raises(NotFoundError):
        table.directory.mailbox(other.id)


def test_a_mailbox_is_stored_with_its_numbers_and_counts_how_often(table: AnyTable) -> None:
    mailbox = any_mailbox()
    numbers = (Number(any_number(), mailbox.id, NumberMode.RING_FIRST, E164("+436647654321"), 35),)
    assert table.directory.put(mailbox, numbers) == 1
    assert table.directory.stored(mailbox.id) == StoredMailbox(mailbox, numbers, 1)
    assert table.directory.put(mailbox, ()) == 2
    assert table.directory.stored(mailbox.id) == StoredMailbox(mailbox, (), 2)
    with pytest.raises(NotFoundError):
        table.directory.stored(MailboxId("nobody"))


def test_a_mailbox_is_stored_over_the_revision_that_is_named_and_no_other(table: AnyTable) -> None:
    mailbox = any_mailbox()
    with pytest.raises(ConflictError):
        table.directory.put(mailbox, (), 1)
    assert table.directory.put(mailbox, (), 0) == 1
    for revision in (0, 2):
        with pytest.raises(ConflictError):
            table.directory.put(replace(mailbox, name="Other"), (), revision)
    assert table.directory.put(replace(mailbox, name="New"), (), 1) == 2
    assert table.directory.mailbox(mailbox.id).name == "New"


def test_of_those_who_change_a_mailbox_at_once_one_succeeds(shared_table: AnyTable) -> None:
    mailbox = any_mailbox()
    shared_table.directory.put(mailbox, ())
    start = Barrier(4)

    def is_stored() -> bool:
        start.wait(timeout=10)
        try:
            return shared_table.directory.put(mailbox, (), 1) == 2
        except ConflictError:
            return False

    with ThreadPoolExecutor(4) as pool:
        outcomes = [racer.result(timeout=30) for racer in [pool.submit(is_stored) for _ in range(4)]]
    assert outcomes.count(True) == 1


def _readable(table: AnyTable, reader: str, limit: int = 2) -> list[Mailbox]:
    seen: list[Mailbox] = []
    cursor: str | None = None
    for _ in range(10):
        page = table.directory.readable_by(reader, limit, cursor)
        assert len(page.mailboxes) <= limit
        seen += page.mailboxes
        cursor = page.cursor
        if cursor is None:
            return seen
    raise AssertionError("the list does not end")


def test_a_reader_finds_the_mailboxes_that_list_them_in_order(table: AnyTable) -> None:
    reader, other = f"ada#{secrets.token_hex(4)}", f"grace-{secrets.token_hex(4)}"
    mailboxes = [any_mailbox(readers=(reader, other) if number % 2 else (reader, reader)) for number in range(5)]
    for mailbox in mailboxes:
        table.directory.put(mailbox, ())
    assert _readable(table, reader) == sorted(mailboxes, key=lambda each: each.id)
    assert {each.id for each in _readable(table, other)} == {each.id for each in mailboxes[1::2]}
    assert _readable(table, f"{reader}x") == []


def test_a_reader_that_is_left_out_finds_it_no_more(table: AnyTable) -> None:
    reader, other = f"ada-{secrets.token_hex(4)}", f"grace-{secrets.token_hex(4)}"
    mailbox = any_mailbox(readers=(reader,))
    table.directory.put(mailbox, ())
    moved = replace(mailbox, readers=(other,))
    table.directory.put(moved, ())
    table.directory.put(moved, ())
    assert (_readable(table, reader), _readable(table, other)) == ([], [moved])


def test_the_cursor_of_another_reader_is_refused(table: AnyTable) -> None:
    reader, other = f"ada-{secrets.token_hex(4)}", f"grace-{secrets.token_hex(4)}"
    for _ in range(2):
        table.directory.put(any_mailbox(readers=(reader,)), ())
    cursor = table.directory.readable_by(reader, 1, None).cursor
    for refused in (cursor, "", "x", "W10", "A" * 5_000):
        with pytest.raises(WireError):
            table.directory.readable_by(other, 1, refused)


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
    for _ in range(2):
        table.directory.lost(mailbox.id, greeting)
        assert [table.directory.answering(each.number)[1].spoken for each in numbers] == [frozenset(), frozenset()]
    assert table.directory.mailbox(mailbox.id) == mailbox


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
    with pytest.raises(NotFoundError):
        table.directory.lost(MailboxId("nobody"), PhraseDigest("0" * 64))
