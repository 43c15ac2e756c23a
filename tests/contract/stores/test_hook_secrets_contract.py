"""What every HookSecrets promises."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from telephony.errors import ConflictError
from telephony.hooks import HookId
from tests.contract.stores.backends import AnyTable, any_mailbox
from tests.examples import NOON

CRM, DESK = HookId("crm"), HookId("desk")
DAY, NOTHING = timedelta(days=1), timedelta()


def test_a_hooks_secret_is_its_own_and_stays(table: AnyTable) -> None:
    mailbox, other = any_mailbox().id, any_mailbox().id
    secrets = [table.hook_secrets.issue(*each) for each in ((mailbox, CRM), (mailbox, DESK), (other, CRM))]
    assert len(set(secrets)) == 3
    assert table.hook_secrets.valid(mailbox, CRM, NOON) == (secrets[0],)
    assert table.hook_secrets.valid(mailbox, CRM, NOON + 400 * DAY) == (secrets[0],)


def test_a_secret_cannot_be_guessed(table: AnyTable) -> None:
    secret = table.hook_secrets.issue(any_mailbox().id, CRM)
    assert len(bytes.fromhex(secret)) == 32


def test_a_hook_without_a_secret_gets_one_when_it_is_used(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    used = table.hook_secrets.valid(mailbox, CRM, NOON)
    assert len(used) == 1
    assert table.hook_secrets.valid(mailbox, CRM, NOON) == used


def test_a_hook_that_is_new_again_has_nothing_of_the_old_one(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    table.hook_secrets.issue(mailbox, CRM)
    table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=DAY)
    again = table.hook_secrets.issue(mailbox, CRM)
    assert table.hook_secrets.valid(mailbox, CRM, NOON) == (again,)


def test_the_secret_before_stays_valid_for_its_time_and_no_longer(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    old = table.hook_secrets.issue(mailbox, CRM)
    new = table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=DAY)
    assert new != old
    assert table.hook_secrets.valid(mailbox, CRM, NOON) == (new, old)
    assert table.hook_secrets.valid(mailbox, CRM, NOON + DAY - timedelta(seconds=1)) == (new, old)
    assert table.hook_secrets.valid(mailbox, CRM, NOON + DAY) == (new,)


def test_a_secret_is_not_taken_from_a_program_that_has_not_moved_on(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    old = table.hook_secrets.issue(mailbox, CRM)
    new = table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=DAY)
    with pytest.raises(ConflictError, match="still valid"):
        table.hook_secrets.rotate(mailbox, CRM, now=NOON + DAY / 2, keep=DAY)
    assert table.hook_secrets.valid(mailbox, CRM, NOON + DAY / 2) == (new, old)
    newest = table.hook_secrets.rotate(mailbox, CRM, now=NOON + DAY, keep=DAY)
    assert table.hook_secrets.valid(mailbox, CRM, NOON + DAY) == (newest, new)


def test_all_others_end_at_once_when_that_is_asked_for(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    table.hook_secrets.issue(mailbox, CRM)
    table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=DAY)
    only = table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=NOTHING)
    assert table.hook_secrets.valid(mailbox, CRM, NOON) == (only,)


def test_a_hook_that_never_had_a_secret_can_be_given_one(table: AnyTable) -> None:
    mailbox = any_mailbox().id
    only = table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=DAY)
    assert table.hook_secrets.valid(mailbox, CRM, NOON) == (only,)


def test_who_asks_at_the_same_time_gets_the_same_secret(shared_table: AnyTable) -> None:
    mailbox, got = any_mailbox().id, set()
    threads = [
        threading.Thread(target=lambda: got.add(shared_table.hook_secrets.valid(mailbox, CRM, NOON))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 1


def test_of_two_who_rotate_at_the_same_time_one_is_told_so(shared_table: AnyTable) -> None:
    mailbox = any_mailbox().id
    old = shared_table.hook_secrets.issue(mailbox, CRM)
    got: list[str] = []

    def rotate() -> None:
        with suppress(ConflictError):
            got.append(shared_table.hook_secrets.rotate(mailbox, CRM, now=NOON, keep=DAY))

    threads = [threading.Thread(target=rotate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    [new] = got
    assert shared_table.hook_secrets.valid(mailbox, CRM, NOON) == (new, old)
