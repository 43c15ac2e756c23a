"""What the domain asks of where calls are indexed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from telephony.calls import CallSid
from telephony.index_entries import IndexEntry
from telephony.numbers import MailboxId
from telephony.posting_lists import PageOf
from telephony.postings import Document, Posting

INDEXING_LEASE: Final = timedelta(seconds=120)
"""How long whoever has begun to index a call holds off others: far longer than it takes, unless they have died."""


class SearchIndex(Protocol):
    """Which words are in which calls. What is found in a search may lag a moment behind what was written."""

    def index(self, document: Document, at: datetime) -> None:
        """Have a call found by what is in *document*, and by nothing that it was found by before.

        What may come to be there is written down before it is, so that `forget` finds all of it whoever dies when.
        Raises: ConflictError if somebody else is at it and began less than INDEXING_LEASE ago, or has gone over it.
        """
        ...

    def forget(self, call_sid: CallSid) -> int:
        """Have a call found by nothing, erase what was kept of its words, and return how many postings that may be.

        Raises: ConflictError if it was indexed again meanwhile: then it must be forgotten again.
        """
        ...

    def postings(self, mailbox_id: MailboxId, pages: Sequence[PageOf]) -> list[tuple[Posting, ...]]:
        """Return pages of a mailbox's postings, each newest first; one shorter than its limit is its list's last."""
        ...

    def completions(self, mailbox_id: MailboxId, prefix: str, limit: int) -> tuple[str, ...]:
        """Return up to *limit* spellings in a mailbox that begin with *prefix*; all, or about the commonest."""
        ...

    def entries(self, call_sids: Sequence[CallSid]) -> Mapping[CallSid, IndexEntry]:
        """Return what was indexed of those of *call_sids* that are indexed."""
        ...
