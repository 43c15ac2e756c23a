"""Directory in memory."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.phrases import PhraseDigest
from tests.fakes.state import State


class MemoryDirectory:
    """Keeps numbers and mailboxes; keeps the promises of `telephony.ports.Directory`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def answering(self, number: E164) -> tuple[Number, Mailbox]:
        """Return what answers *number*. Raises: NotFoundError."""
        with self._state.reached():
            found = self._state.numbers.get(number)
            if found is None:
                raise NotFoundError("number")
            return found, self._state.mailboxes[found.mailbox_id]

    def mailbox(self, mailbox_id: MailboxId) -> Mailbox:
        """Return a mailbox. Raises: NotFoundError."""
        with self._state.reached():
            found = self._state.mailboxes.get(mailbox_id)
            if found is None:
                raise NotFoundError("mailbox")
            return found

    def put(self, mailbox: Mailbox, numbers: Sequence[Number]) -> None:
        """Store *mailbox*, with exactly these numbers. Raises: ValueError if one is another mailbox's."""
        with self._state.reached():
            stored = self._state.numbers
            for number in numbers:
                if mailbox.id != number.mailbox_id or mailbox.id != stored.get(number.number, number).mailbox_id:
                    raise ValueError("a number is another mailbox's")
            for dropped in [each for each in stored.values() if each.mailbox_id == mailbox.id]:
                del stored[dropped.number]
            known = self._state.mailboxes.get(mailbox.id, mailbox)
            self._state.mailboxes[mailbox.id] = replace(mailbox, spoken=_of(mailbox, mailbox.spoken | known.spoken))
            stored.update({number.number: number for number in numbers})

    def spoken(self, mailbox_id: MailboxId, digests: AbstractSet[PhraseDigest]) -> None:
        """Write down that these phrases can be played. Raises: NotFoundError."""
        with self._state.reached():
            mailbox = self.mailbox(mailbox_id)
            self._state.mailboxes[mailbox_id] = replace(mailbox, spoken=_of(mailbox, mailbox.spoken | digests))


def _of(mailbox: Mailbox, digests: AbstractSet[PhraseDigest]) -> frozenset[PhraseDigest]:
    return frozenset(phrase.digest for phrase in mailbox.phrases) & digests
