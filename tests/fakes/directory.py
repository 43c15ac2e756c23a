"""Directory in memory."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from telephony.errors import ConflictError, NotFoundError, NumberTakenError, WireError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.phrases import PhraseDigest
from telephony.ports.stores import MailboxPage, StoredMailbox
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

    def keeping_behind(self, mailbox_id: MailboxId) -> MailboxId | None:
        """Return the next mailbox that says how long it keeps calls."""
        with self._state.reached():
            found = (each.id for each in self._state.mailboxes.values() if each.keeping.retention_days is not None)
            return min((each for each in found if each > mailbox_id), default=None)

    def stored(self, mailbox_id: MailboxId) -> StoredMailbox:
        """Return a mailbox, its numbers and its revision. Raises: NotFoundError."""
        with self._state.reached():
            mailbox = self.mailbox(mailbox_id)
            numbers = tuple(each for each in self._state.numbers.values() if each.mailbox_id == mailbox_id)
            return StoredMailbox(mailbox, numbers, self._state.revisions[mailbox_id])

    def readable_by(self, reader: str, limit: int, cursor: str | None) -> MailboxPage:
        """Return the mailboxes that list *reader*, in order of their ids. Raises: WireError."""
        with self._state.reached():
            mine = sorted(each.id for each in self._state.mailboxes.values() if reader in each.readers)
            whose, _, after = (f"{reader}|" if cursor is None else cursor).rpartition("|")
            if whose != reader or (cursor is not None and not after):
                raise WireError("cursor is not one of yours")
            later = [each for each in mine if each > after]
            shown = tuple(self._state.mailboxes[each] for each in later[:limit])
            return MailboxPage(shown, f"{reader}|{shown[-1].id}" if later[limit:] else None)

    def put(self, mailbox: Mailbox, numbers: Sequence[Number], revision: int | None = None) -> int:
        """Store *mailbox*, with exactly these numbers. Raises: NumberTakenError, ConflictError."""
        with self._state.reached():
            stored = self._state.numbers
            known = self._state.revisions.get(mailbox.id, 0)
            if revision not in {None, known}:
                raise ConflictError("the mailbox was changed")
            for number in numbers:
                if mailbox.id != number.mailbox_id or mailbox.id != stored.get(number.number, number).mailbox_id:
                    raise NumberTakenError(number.number)
            for dropped in [each for each in stored.values() if each.mailbox_id == mailbox.id]:
                del stored[dropped.number]
            kept = self._state.mailboxes.get(mailbox.id, mailbox).spoken
            self._state.mailboxes[mailbox.id] = replace(mailbox, spoken=_of(mailbox, mailbox.spoken | kept))
            self._state.revisions[mailbox.id] = known + 1
            stored.update({number.number: number for number in numbers})
            return known + 1

    def spoken(self, mailbox_id: MailboxId, digests: AbstractSet[PhraseDigest]) -> None:
        """Write down that these phrases can be played. Raises: NotFoundError."""
        with self._state.reached():
            mailbox = self.mailbox(mailbox_id)
            self._state.mailboxes[mailbox_id] = replace(mailbox, spoken=_of(mailbox, mailbox.spoken | digests))

    def lost(self, mailbox_id: MailboxId, digest: PhraseDigest) -> None:
        """Write down that this phrase cannot be played. Raises: NotFoundError."""
        with self._state.reached():
            mailbox = self.mailbox(mailbox_id)
            self._state.mailboxes[mailbox_id] = replace(mailbox, spoken=mailbox.spoken - {digest})


def _of(mailbox: Mailbox, digests: AbstractSet[PhraseDigest]) -> frozenset[PhraseDigest]:
    return frozenset(phrase.digest for phrase in mailbox.phrases) & digests
