"""What every DigestStore promises."""

import threading
from datetime import timedelta

import pytest

from telephony.digests import LEASE
from telephony.errors import ConflictError, NotFoundError
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid, any_mailbox

SLOT = NOW + timedelta(hours=3)


def test_a_list_holds_each_of_its_calls_once_and_no_others(table: AnyTable) -> None:
    mailbox, other, calls = any_mailbox().id, any_mailbox().id, [any_call_sid() for _ in range(3)]
    for call_sid in (*calls, calls[0]):
        table.digests.enlist(mailbox, SLOT, call_sid)
    table.digests.enlist(other, SLOT, any_call_sid())
    table.digests.enlist(mailbox, SLOT + timedelta(hours=1), any_call_sid())
    assert sorted(table.digests.listed(mailbox, SLOT, 10)) == sorted(calls)


def test_a_list_is_no_longer_than_asked(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    for _ in range(5):
        table.digests.enlist(mailbox, SLOT, any_call_sid())
    assert len(table.digests.listed(mailbox, SLOT, 3)) == 3


def test_a_list_that_nobody_wrote_is_empty(table: AnyTable) -> None:
    assert table.digests.listed(any_mailbox().id, SLOT, 10) == ()


def test_a_claimed_digest_is_nobody_elses_and_is_on_no_list(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    table.digests.claim(mailbox, SLOT, NOW)
    with pytest.raises(ConflictError):
        table.digests.claim(mailbox, SLOT, NOW + LEASE - timedelta(seconds=1))
    table.digests.claim(mailbox, SLOT + timedelta(hours=1), NOW)
    assert table.digests.listed(mailbox, SLOT, 10) == ()


def test_a_digest_whose_sender_died_is_taken_over_once(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    table.digests.claim(mailbox, SLOT, NOW)
    table.digests.claim(mailbox, SLOT, NOW + LEASE)
    with pytest.raises(ConflictError):
        table.digests.claim(mailbox, SLOT, NOW + LEASE + timedelta(seconds=1))


def test_a_digest_that_was_sent_is_not_sent_again(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    table.digests.claim(mailbox, SLOT, NOW)
    table.digests.finish(mailbox, SLOT)
    table.digests.finish(mailbox, SLOT)
    with pytest.raises(ConflictError):
        table.digests.claim(mailbox, SLOT, NOW + 10 * LEASE)


def test_a_digest_that_nobody_claimed_cannot_be_finished(table: AnyTable) -> None:
    with pytest.raises(NotFoundError, match="digest"):
        table.digests.finish(any_mailbox().id, SLOT)


def test_of_many_at_once_one_claims(shared_table: AnyTable) -> None:
    mailbox, won = any_mailbox().id, []

    def attempt(number: int) -> None:
        try:
            shared_table.digests.claim(mailbox, SLOT, NOW)
        except ConflictError:
            return
        won.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(won) == 1
