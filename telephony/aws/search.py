"""SearchIndex on DynamoDB: an inverted index in the one table."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final
from uuid import uuid4
from zlib import crc32

from telephony.aws.attributes import Fields
from telephony.aws.dynamodb import Key, RefusedError, Table
from telephony.aws.search_items import (
    Listed,
    digest_from,
    either,
    entry_from,
    entry_item,
    listed_from,
    listed_of,
    posting_from,
    posting_item,
    posting_partition,
    spelling_from,
    spelling_item,
    spelling_partition,
)
from telephony.aws.table import CALL, INDEX, INDEXED, key
from telephony.aws.writes import IS_NEW, Condition, Delete, Put
from telephony.calls import CallSid
from telephony.errors import ConflictError
from telephony.index_entries import IndexEntry
from telephony.numbers import MailboxId
from telephony.places import NEWEST, OLDEST, place_of
from telephony.ports.search import INDEXING_LEASE
from telephony.posting_lists import PageOf
from telephony.postings import Document, Posting

READERS: Final = 8
"""Pages that are read at once; the client's pool has ten connections."""

SPELLINGS_READ: Final = 256
"""Spellings among which the commonest completions are looked for: 20 kB at most, two or three read units."""

LOOKED_THROUGH: Final = 100
"""Postings of a stem among which a spelling is looked for before it is forgotten."""

WRITING: Final = "writing"

_IS_OURS: Final = "#begun_by = :begun_by"


class DynamoSearch:
    """Which words are in which calls; see `telephony.ports.SearchIndex`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def index(self, document: Document, at: datetime) -> None:
        """Have a call found by what is in *document*. Raises: ConflictError if somebody else is at it."""
        entry, digest = document.entry, document.entry.digest
        before = self._entry(entry.call_sid)
        if before is not None and digest_from(before) == digest:
            return
        old = {} if before is None else listed_from(before)
        new = listed_of(document.postings.values())
        begun_by = self._begin(entry, either(old, new), before, at)
        self._table.put_all([posting_item(entry.mailbox_id, each) for each in document.postings.values()])
        self._add_spellings(entry, _spellings(new))
        self._erase(entry, {stem: old[stem] for stem in old if stem not in new})
        self._tidy(entry.mailbox_id, _less(old, new))
        done = entry_item(entry, new, state=INDEXED, digest=digest, begun_by=begun_by, begun_at=at)
        try:
            self._table.put(Put(done, Condition(_IS_OURS, {"begun_by": begun_by})))
        except RefusedError as exc:
            if exc.stored is None:  # it was forgotten while we were at it
                self._erase(entry, new)
                self._tidy(entry.mailbox_id, new)
            raise ConflictError("somebody else has gone over the index of the call") from exc

    def forget(self, call_sid: CallSid) -> int:
        """Have a call found by nothing. Raises: ConflictError if it was indexed again meanwhile."""
        fields = self._entry(call_sid)
        if fields is None:
            return 0
        entry, listed = entry_from(fields), listed_from(fields)
        self._erase(entry, listed)
        self._tidy(entry.mailbox_id, listed)
        is_same = Condition(_IS_OURS, {"begun_by": fields.text("begun_by")})
        try:
            self._table.delete(Delete(key(CALL, call_sid), INDEX, is_same))
        except RefusedError as exc:
            if exc.stored is not None:
                raise ConflictError("the call was indexed again") from exc
        return len(listed)

    def postings(self, mailbox_id: MailboxId, pages: Sequence[PageOf]) -> list[tuple[Posting, ...]]:
        """Return pages of postings, several read at once."""
        if len(pages) == 1:
            return [self._page(mailbox_id, pages[0])]
        with ThreadPoolExecutor(READERS) as readers:
            return list(readers.map(lambda page: self._page(mailbox_id, page), pages))

    def completions(self, mailbox_id: MailboxId, prefix: str, limit: int) -> tuple[str, ...]:
        """Return up to *limit* spellings that begin with *prefix*: the commonest of the first SPELLINGS_READ."""
        found = self._table.beginning_with(spelling_partition(mailbox_id), prefix, SPELLINGS_READ)
        ranked = sorted(map(spelling_from, found), key=lambda each: (-each[1], each[0]))
        return tuple(spelling for spelling, _ in ranked[:limit])

    def entries(self, call_sids: Sequence[CallSid]) -> Mapping[CallSid, IndexEntry]:
        """Return what was indexed of *call_sids*."""
        keys = [(key(CALL, call_sid), INDEX) for call_sid in dict.fromkeys(call_sids)]
        entries = map(entry_from, self._table.get_all(keys, is_consistent=False))
        return {entry.call_sid: entry for entry in entries}

    def _entry(self, call_sid: CallSid) -> Fields | None:
        return self._table.get(key(CALL, call_sid), INDEX)

    def _begin(self, entry: IndexEntry, listed: Listed, before: Fields | None, at: datetime) -> str:
        """Write down what may come to be there, and return our mark. Raises: ConflictError."""
        begun_by = uuid4().hex
        is_free = IS_NEW
        if before is not None:
            is_over = digest_from(before) is not None or before.at("begun_at") + INDEXING_LEASE <= at
            if not is_over:
                raise ConflictError("somebody else is indexing the call")
            is_free = Condition(_IS_OURS, {"begun_by": before.text("begun_by")})
        item = entry_item(entry, listed, state=WRITING, begun_by=begun_by, begun_at=at)
        try:
            self._table.put(Put(item, is_free))
        except RefusedError as exc:
            # boto3 repeats a request whose answer was lost; without our mark we would lose to ourselves.
            if exc.stored is None or exc.stored.text("begun_by") != begun_by:
                raise ConflictError("somebody else has begun to index the call") from exc
        return begun_by

    def _page(self, mailbox_id: MailboxId, page: PageOf) -> tuple[Posting, ...]:
        partition = posting_partition(mailbox_id, page.stem)
        found = self._table.down_from(partition, newest=page.newest, oldest=page.oldest, limit=page.limit)
        return tuple(posting_from(page.stem, fields) for fields in found)

    def _erase(self, entry: IndexEntry, listed: Iterable[str]) -> None:
        place = place_of(entry.started_at, entry.call_sid)
        self._table.delete_all([(posting_partition(entry.mailbox_id, stem), place) for stem in listed])

    def _add_spellings(self, entry: IndexEntry, spellings: Sequence[str]) -> None:
        """Have *spellings* found by their beginnings, and count the calls that they are in, roughly.

        A level goes up by chance, ever less often: a spelling that is in every call is written a dozen times in all.
        The postings are there by now, so a spelling that `_tidy` is about to forget is put back by one of us.
        """
        known = dict(
            map(spelling_from, self._table.get_all(_spelling_keys(entry.mailbox_id, spellings), is_consistent=True))
        )
        levels = {each: known[each] + 1 if each in known else 0 for each in spellings}
        risen = {each: level for each, level in levels.items() if _is_drawn(entry.call_sid, each, level)}
        self._table.put_all([spelling_item(entry.mailbox_id, each, level) for each, level in risen.items()])

    def _tidy(self, mailbox_id: MailboxId, listed: Listed) -> None:
        """Forget the spellings that no call has any more.

        Whoever stores a posting looks afterwards whether its spelling is there; we look afterwards whether there is a
        posting. So whatever comes between, one of the two puts it back. A stem that has more postings than are looked
        through is a word of many callers: it is nobody's secret, and stays.
        """
        pairs = [(stem, spelling) for stem, spellings in listed.items() for spelling in spellings]
        unused = [pair for pair in pairs if not self._is_used(mailbox_id, *pair)]
        self._table.delete_all(_spelling_keys(mailbox_id, [spelling for _, spelling in unused]))
        used = [spelling for stem, spelling in pairs if self._is_used(mailbox_id, stem, spelling)]
        known = self._table.get_all(_spelling_keys(mailbox_id, used), is_consistent=True)
        missing = set(used).difference(spelling for spelling, _ in map(spelling_from, known))
        self._table.put_all([spelling_item(mailbox_id, spelling, 0) for spelling in sorted(missing)])

    def _is_used(self, mailbox_id: MailboxId, stem: str, spelling: str) -> bool:
        found = self._table.down_from(
            posting_partition(mailbox_id, stem), newest=NEWEST, oldest=OLDEST, limit=LOOKED_THROUGH, is_consistent=True
        )
        return len(found) == LOOKED_THROUGH or any(spelling in posting_from(stem, fields).spellings for fields in found)


def _is_drawn(call_sid: CallSid, spelling: str, level: int) -> bool:
    """Tell whether it is this call that takes a spelling to *level*: one of two to the power of it does."""
    chance: int = 2**level
    return crc32(f"{call_sid} {spelling}".encode()) % chance == 0


def _spellings(listed: Listed) -> list[str]:
    return list(dict.fromkeys(each for spellings in listed.values() for each in spellings))


def _spelling_keys(mailbox_id: MailboxId, spellings: Iterable[str]) -> list[Key]:
    return [(spelling_partition(mailbox_id), each) for each in dict.fromkeys(spellings)]


def _less(old: Listed, new: Listed) -> Listed:
    """Return what was listed and is not any more."""
    gone = {stem: spellings - new.get(stem, frozenset()) for stem, spellings in old.items()}
    return {stem: spellings for stem, spellings in gone.items() if spellings}
