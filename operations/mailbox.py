"""Mailbox: store a mailbox with its numbers, and have its readers by e-mail subscribed."""

from collections.abc import Sequence
from pathlib import Path

from operations.errors import OperationError
from operations.mailbox_file import read_mailbox
from operations.terminal import Terminal
from telephony.errors import NotFoundError, NumberTakenError, TelephonyError, UpstreamError
from telephony.hooks import Hook
from telephony.mailboxes import Mailbox, new_hooks
from telephony.numbers import E164
from telephony.ports.services import Bulletin
from telephony.ports.stores import Directory
from telephony.ports.telling import HookSecrets
from telephony.wire.mailbox_document import MailboxDocument


def put_mailbox(
    path: Path,
    directory: Directory,
    bulletin: Bulletin,
    hook_secrets: HookSecrets,
    *,
    pointed: Sequence[E164],
    terminal: Terminal,
) -> None:
    """Store the mailbox of a file over what was there, and say what the owner still has to do, and its new secrets.

    *pointed* are the numbers that ask us about their calls. Raises: OperationError.
    """
    wanted = read_mailbox(path)
    mailbox, numbers = wanted.mailbox(), wanted.all_numbers()
    try:
        before = _before(directory, mailbox)
        directory.put(mailbox, numbers)
    except NumberTakenError as exc:
        raise OperationError(f"nothing was stored: {exc}; take it out of that mailbox first") from exc
    except TelephonyError as exc:
        raise OperationError(f"nothing was stored: {exc}") from exc
    terminal.say(f"The mailbox {mailbox.id} answers {', '.join(each.number for each in numbers)}.")
    for address in mailbox.email_recipients:
        terminal.say(_subscribe(bulletin, wanted, address))
    for hook in new_hooks(before, mailbox):
        terminal.say(_secret(hook_secrets, mailbox, hook))
    if not mailbox.sms_recipients and not mailbox.email_recipients and not mailbox.telling.hooks:
        terminal.say("Nobody is told of its messages: add sms_recipients, email_recipients or webhooks.")
    for number in [each.number for each in numbers if each.number not in pointed]:
        terminal.say(f"{number} does not ask us yet: add it with `make configure`, then `make deploy`.")


def _subscribe(bulletin: Bulletin, wanted: MailboxDocument, address: str) -> str:
    try:
        bulletin.subscribe(wanted.mailbox().id, address)
    except UpstreamError as exc:
        return f"{address} could not be subscribed ({exc.code}): its owner must confirm an earlier mail first"
    return f"{address} is subscribed once its owner clicks the link in the mail from AWS."


def _before(directory: Directory, mailbox: Mailbox) -> Mailbox | None:
    try:
        return directory.mailbox(mailbox.id)
    except NotFoundError:
        return None


def _secret(hook_secrets: HookSecrets, mailbox: Mailbox, hook: Hook) -> str:
    try:
        secret = hook_secrets.issue(mailbox.id, hook.id)
    except UpstreamError as exc:
        return (
            f"The secret of the webhook {hook.id} could not be made ({exc.code}): docs/webhooks.md has how to get one."
        )
    return f"The webhook {hook.id} is signed with {secret}. It is shown this once, and whoever knows it can pose as us."
