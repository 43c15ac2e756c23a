"""SearchIndex in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from telephony.calls import CallSid
from telephony.index_entries import IndexEntry
from telephony.numbers import MailboxId
from telephony.posting_lists import PageOf
from telephony.postings import Document, Posting
from tests.fakes.state import State


class MemorySearch:
    """Keeps what calls are found by; keeps the promises of `telephony.ports.SearchIndex`.

    Attributes:
        pages: every page that was read, in order.
    """

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()
        self.pages: list[PageOf] = []

    def index(self, document: Document, at: datetime) -> None:
        """Have a call found by what is in *document*."""
        with self._state.reached():
            self._state.documents[document.entry.call_sid] = document

    def forget(self, call_sid: CallSid) -> int:
        """Have a call found by nothing."""
        with self._state.reached():
            document = self._state.documents.pop(call_sid, None)
            return len(document.postings) if document else 0

    def postings(self, mailbox_id: MailboxId, pages: Sequence[PageOf]) -> list[tuple[Posting, ...]]:
        """Return pages of postings."""
        with self._state.reached():
            self.pages += pages
            return [self._page(mailbox_id, page) for page in pages]

    def completions(self, mailbox_id: MailboxId, prefix: str, limit: int) -> tuple[str, ...]:
        """Return up to *limit* spellings that begin with *prefix*, the commonest first."""
        with self._state.reached():
            spellings = Counter(
                spelling
                for document in self._of(mailbox_id)
                for spelling in {each for posting in document.postings.values() for each in posting.spellings}
                if spelling.startswith(prefix)
            )
            ranked = sorted(spellings, key=lambda each: (-spellings[each], each))
            return tuple(ranked[:limit])

    def entries(self, call_sids: Sequence[CallSid]) -> Mapping[CallSid, IndexEntry]:
        """Return what was indexed of *call_sids*."""
        with self._state.reached():
            documents = self._state.documents
            return {sid: documents[sid].entry for sid in call_sids if sid in documents}

    def _of(self, mailbox_id: MailboxId) -> list[Document]:
        return [each for each in self._state.documents.values() if each.entry.mailbox_id == mailbox_id]

    def _page(self, mailbox_id: MailboxId, page: PageOf) -> tuple[Posting, ...]:
        found = [each.postings[page.stem] for each in self._of(mailbox_id) if page.stem in each.postings]
        within = [each for each in found if page.oldest <= each.place <= page.newest]
        return tuple(sorted(within, key=lambda each: each.place, reverse=True)[: page.limit])
