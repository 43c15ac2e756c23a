"""Marks as the API takes and answers them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from functions.api.shown import Shown
from telephony.marks import MAX_NOTE_CHARACTERS, MAX_TAG_CHARACTERS, MAX_TAGS, MarkChanges, Marks

Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG_CHARACTERS)]


class MarksOut(Shown[Marks]):
    """What was noted about a call, by anybody who may change its mailbox."""

    read_at: datetime | None = Field(description="Since when it counts as read, for everybody; null while it does not.")
    archived_at: datetime | None = Field(description="Since when it is put away; null while it is not.")
    note: str
    tags: list[str]


class MarksIn(BaseModel):
    """What is to be noted; what is left out, or null, stays as it is."""

    model_config = ConfigDict(extra="forbid")

    read: bool | None = None
    archived: bool | None = None
    note: str | None = Field(default=None, max_length=MAX_NOTE_CHARACTERS, description="Empty to take it away.")
    tags: list[Tag] | None = Field(default=None, max_length=MAX_TAGS, description="All that it is to have from now on.")

    def changes(self) -> MarkChanges:
        """Return what is to be noted."""
        return MarkChanges(self.read, self.archived, self.note, None if self.tags is None else tuple(self.tags))
