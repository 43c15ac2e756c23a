"""What searches are answered from as items of the table, and back."""

from collections.abc import Iterable, Mapping

from telephony.aws.attributes import Fields, Item, Value
from telephony.aws.item_keys import call_sid_of, keys
from telephony.aws.table import CALL, INDEX, INDEXED, POSTING, SORT_KEY, SPELLING, STATE, key
from telephony.coverage import Track
from telephony.index_entries import IndexEntry, Spoken
from telephony.numbers import MailboxId
from telephony.places import Place
from telephony.postings import Field, Posting, Spans
from telephony.terms import Span

Listed = Mapping[str, frozenset[str]]
"""The stems under which a call may have postings, each with the spellings that may be in it."""


def posting_item(mailbox_id: MailboxId, posting: Posting) -> Item:
    """Write a posting."""
    fields: Item = {
        where.value: {spelling: _spans_text(spans) for spelling, spans in spellings.items()}
        for where, spellings in posting.spans.items()
    }
    return {**keys(posting_partition(mailbox_id, posting.stem), posting.place, POSTING), **fields}


def posting_from(stem: str, fields: Fields) -> Posting:
    """Read a posting of *stem*."""
    spans = {where: _spans_from(fields.fields(where.value)) for where in Field if where.value in fields.values}
    return Posting(stem, Place(fields.text(SORT_KEY)), spans)


def posting_partition(mailbox_id: MailboxId, stem: str) -> str:
    """Return where the postings of a stem are."""
    return key(POSTING, mailbox_id, stem)


def spelling_item(mailbox_id: MailboxId, spelling: str, level: int) -> Item:
    """Write that a spelling occurs, and in about how many calls: two to the power of *level*."""
    return {**keys(spelling_partition(mailbox_id), spelling, SPELLING), "level": level}


def spelling_from(fields: Fields) -> tuple[str, int]:
    """Read a spelling and its level."""
    return fields.text(SORT_KEY), fields.count("level")


def spelling_partition(mailbox_id: MailboxId) -> str:
    """Return where the spellings of a mailbox are."""
    return key(SPELLING, mailbox_id)


def entry_item(entry: IndexEntry, listed: Listed, **progress: Value) -> Item:
    """Write an entry, under what it may be found, and how far its indexing is.

    Long lists are one text each: DynamoDB's JSON has a map for each element, which takes longer to read than the rest.
    """
    spoken: list[Value] = [
        {
            "track": each.track.value,
            "words": "\n".join(each.words),
            "starts_ms": " ".join(map(str, each.starts_ms)),
        }
        for each in entry.spoken
    ]
    return {
        **keys(key(CALL, entry.call_sid), INDEX, INDEX),
        "mailbox_id": entry.mailbox_id,
        "started_at": entry.started_at,
        "caller": entry.caller,
        "number": entry.number,
        "language": entry.language,
        "spoken": spoken,
        "listed": "\n".join(" ".join((stem, *sorted(spellings))) for stem, spellings in listed.items()),
        **progress,
    }


def entry_from(fields: Fields) -> IndexEntry:
    """Read an entry."""
    return IndexEntry(
        call_sid=call_sid_of(fields),
        mailbox_id=MailboxId(fields.text("mailbox_id")),
        started_at=fields.at("started_at"),
        caller=fields.text("caller"),
        number=fields.text("number"),
        language=fields.text("language"),
        spoken=tuple(
            Spoken(
                track=Track(each.text("track")),
                words=tuple(each.text("words").split("\n")),
                starts_ms=tuple(map(int, each.text("starts_ms").split())),
            )
            for each in fields.each("spoken")
        ),
    )


def digest_from(fields: Fields) -> str | None:
    """Read the digest of what a call is found by; None while that is being written."""
    return fields.text("digest") if fields.text(STATE) == INDEXED else None


def listed_from(fields: Fields) -> Listed:
    """Read under what a call may be found."""
    listed = (each.split(" ") for each in fields.text("listed").splitlines())
    return {stem: frozenset(spellings) for stem, *spellings in listed}


def listed_of(postings: Iterable[Posting]) -> Listed:
    """Return what is to be listed of *postings*."""
    return {posting.stem: posting.spellings for posting in postings}


def either(one: Listed, other: Listed) -> Listed:
    """Return all that is listed in one of the two."""
    return {stem: one.get(stem, frozenset()) | other.get(stem, frozenset()) for stem in {**one, **other}}


def _spans_text(spans: Iterable[Span]) -> str:
    """Write spans in a few characters: "3 9 12+4" is three, of which the last has four positions."""
    return " ".join(
        str(span.start) if span.end == span.start + 1 else f"{span.start}+{span.end - span.start}" for span in spans
    )


def _spans_from(fields: Fields) -> Spans:
    return {spelling: tuple(map(_span_from, fields.text(spelling).split())) for spelling in fields.values}


def _span_from(text: str) -> Span:
    start, _, length = text.partition("+")
    return Span(int(start), int(start) + int(length or 1))
