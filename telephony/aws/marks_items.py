"""Marks as attributes of a call's item, and back. Calls from before there were marks lack them."""

from telephony.aws.attributes import Fields, Item, Value
from telephony.marks import Marks

REVISION = "marks_revision"


def marks_values(marks: Marks) -> Item:
    """Write marks; one that is not set is None."""
    return {
        "read_at": marks.read_at,
        "archived_at": marks.archived_at,
        "note": marks.note or None,
        "tags": list[Value](marks.tags) or None,
        REVISION: marks.revision or None,
    }


def marks_from(fields: Fields) -> Marks:
    """Read marks."""
    return Marks(
        read_at=fields.maybe_at("read_at"),
        archived_at=fields.maybe_at("archived_at"),
        note=fields.maybe_text("note") or "",
        tags=fields.maybe_texts("tags"),
        revision=fields.maybe_count(REVISION) or 0,
    )
