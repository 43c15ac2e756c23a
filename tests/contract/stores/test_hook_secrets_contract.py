"""What every HookSecrets promises."""

import threading

from telephony.hooks import HookId
from tests.contract.stores.backends import AnyTable, any_mailbox

CRM, DESK = HookId("crm"), HookId("desk")


def test_a_hooks_secret_is_its_own_and_stays(table: AnyTable) -> None:
    mailbox, other = any_mailbox().id, any_mailbox().id
    secrets = [table.hook_secrets.secret(*each) for each in ((mailbox, CRM), (mailbox, DESK), (other, CRM))]
    assert len(set(secrets)) == 3
    assert table.hook_secrets.secret(mailbox, CRM) == secrets[0]


def test_a_secret_cannot_be_guessed(table: AnyTable) -> None:
    secret = table.hook_secrets.secret(any_mailbox().id, CRM)
    assert len(bytes.fromhex(secret)) == 32


def test_who_asks_at_the_same_time_gets_the_same_secret(shared_table: AnyTable) -> None:
    mailbox, got = any_mailbox().id, set()
    threads = [
        threading.Thread(target=lambda: got.add(shared_table.hook_secrets.secret(mailbox, CRM))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 1
