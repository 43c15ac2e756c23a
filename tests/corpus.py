"""Calls to be searched, made up; a test names only what matters to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from telephony.calls import Call, CallSid
from telephony.coverage import Track
from telephony.index_entries import IndexEntry, Spoken
from telephony.numbers import MailboxId
from telephony.ports.search import SearchIndex
from telephony.postings import document_of
from tests import examples

WORD_MS = 400


def entry(
    text: str,
    number: int = 1,
    *,
    caller: str = examples.CALLER,
    language: str = "en-US",
    mailbox_id: MailboxId = examples.MAILBOX.id,
    answer: str = "",
    started_at: datetime | None = None,
) -> IndexEntry:
    """Return what of a call can be searched; *number* tells it from others, and begins a minute after the one before.

    *answer* is said on the other track.
    """
    said = ((Track.INBOUND, text.split()), (Track.OUTBOUND, answer.split()))
    return IndexEntry(
        call_sid=CallSid(f"CA{number:032x}"),
        mailbox_id=mailbox_id,
        started_at=started_at or examples.NOON + timedelta(minutes=number),
        caller=caller,
        number=examples.NUMBER,
        language=language,
        spoken=tuple(_spoken(track, words) for track, words in said if words),
    )


def call_of(indexed: IndexEntry) -> Call:
    """Return the call that was indexed."""
    return Call(indexed.call_sid, indexed.mailbox_id, examples.NUMBER, indexed.caller, indexed.started_at)


def store(index: SearchIndex, *entries: IndexEntry) -> None:
    """Have calls found."""
    for each in entries:
        index.index(document_of(each), examples.NOON)


def _spoken(track: Track, words: Sequence[str]) -> Spoken:
    return Spoken(track, tuple(words), tuple(range(0, len(words) * WORD_MS, WORD_MS)))
