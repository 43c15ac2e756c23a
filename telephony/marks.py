"""Marks: what people note about a call. All who may read its mailbox share them, as they share its calls."""

from dataclasses import dataclass, replace
from datetime import datetime

from telephony.errors import WireError

MAX_NOTE_CHARACTERS = 2_000
MAX_TAGS = 20
MAX_TAG_CHARACTERS = 50


@dataclass(frozen=True, slots=True)
class Marks:
    """What was noted.

    Attributes:
        read_at: since when the call counts as read; None while it does not.
        archived_at: since when it is put away; None while it is not.
        tags: each once, in order.
        revision: how often anything was noted, so that of two who change the same thing the later one is told.
    """

    read_at: datetime | None = None
    archived_at: datetime | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class MarkChanges:
    """What is to be noted; None leaves a thing as it is."""

    is_read: bool | None = None
    is_archived: bool | None = None
    note: str | None = None
    tags: tuple[str, ...] | None = None


def changed(marks: Marks, changes: MarkChanges, now: datetime) -> Marks:
    """Return *marks* with *changes*: the same ones, with the same revision, if nothing is different then.

    Raises: WireError if a note or a tag is longer, or there are more tags, than is kept.
    """
    note = marks.note if changes.note is None else changes.note
    tags = marks.tags if changes.tags is None else tuple(sorted(set(changes.tags)))
    if len(note) > MAX_NOTE_CHARACTERS:
        raise WireError(f"a note has at most {MAX_NOTE_CHARACTERS} characters")
    if len(tags) > MAX_TAGS or not all(0 < len(tag) <= MAX_TAG_CHARACTERS for tag in tags):
        raise WireError(f"a call has at most {MAX_TAGS} tags, each of 1 to {MAX_TAG_CHARACTERS} characters")
    noted = replace(
        marks,
        read_at=_since(marks.read_at, changes.is_read, now),
        archived_at=_since(marks.archived_at, changes.is_archived, now),
        note=note,
        tags=tags,
    )
    return marks if noted == marks else replace(noted, revision=marks.revision + 1)


def _since(before: datetime | None, is_wanted: bool | None, now: datetime) -> datetime | None:  # noqa: FBT001 - as it came
    if is_wanted is None:
        return before
    return (before or now) if is_wanted else None
