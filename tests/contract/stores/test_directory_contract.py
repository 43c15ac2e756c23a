"""What every Directory promises."""

from dataclasses import replace
from datetime import time

import pytest

from telephony.digests import Digest
from telephony.errors import NotFoundError
from telephony.hooks import Hook, HookEvent, HookId
from telephony.mailboxes import Listening
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.quiet_hours import QuietHours, Weekday
from telephony.telling import Telling
from telephony.wording import Language
from tests.contract.stores.backends import AnyTable, any_mailbox, any_number

TELLING = Telling(
    language=Language.GERMAN,
    sms_template="Für $mailbox: $words ☎",
    email_template="$words\n\n$link",
    quiet_hours=QuietHours(time(22), time(7, 30), (Weekday.MONDAY, Weekday.SUNDAY), hold_email=True),
    digest=Digest((time(8), time(18, 15)), with_sms=True),
    hooks=(
        Hook(HookId("crm"), "https://crm.example.com/?a=b", (HookEvent.MISSED,)),
        Hook(HookId("desk"), "https://desk.example.com/"),
    ),
)


def test_a_number_is_answered_with_all_of_its_mailbox(table: AnyTable) -> None:
    mailbox = any_mailbox(
        greeting="Grüß Gott! <&> ☎",
        listening=Listening("de-AT", "nova-2", ("Grün", "Ordination")),
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
    with pytest.raises(ValueError, match="another"):
        table.directory.put(other, [taken])
    with pytest.raises(ValueError, match="another"):
        table.directory.put(other, [replace(taken, mailbox_id=other.id)])
    assert table.directory.answering(taken.number) == (taken, mailbox)
    with pytest.raises(NotFoundError):
        table.directory.mailbox(other.id)
