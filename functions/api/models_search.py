"""What the API answers of a search, as JSON."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from telephony.coverage import Track
from telephony.hits import Hit


class MarkOut(BaseModel):
    """A stretch of a snippet, in characters (code points) from its start; the end is not part of it."""

    start: int
    end: int


class HitOut(BaseModel):
    """A call that was found."""

    call_sid: str = Field(description="Twilio's CallSid.")
    started_at: datetime
    caller: str | None = Field(description="A phone number, `client:` or `sip:` address; null when it was withheld.")
    number: str = Field(description="Which of our numbers was called.")
    track: Track | None = Field(description="Whose words the snippet is; null when nothing was said.")
    start_ms: int = Field(
        description="Call time at which to listen: of the first word that was found, or of the first word that was "
        "said if only the caller was looked for."
    )
    snippet: str = Field(description="The words around what was found.")
    marks: list[MarkOut] = Field(description="Where in the snippet what was looked for is.")
    has_more_before: bool = Field(description="Whether more was said before the snippet.")
    has_more_after: bool = Field(description="Whether more was said after it.")

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """Show *hit*."""
        return cls(
            call_sid=hit.call_sid,
            started_at=hit.started_at,
            caller=hit.caller or None,
            number=hit.number,
            track=hit.track,
            start_ms=hit.start_ms,
            snippet=hit.snippet,
            marks=[MarkOut(start=mark.start, end=mark.end) for mark in hit.marks],
            has_more_before=hit.has_more_before,
            has_more_after=hit.has_more_after,
        )


class SearchOut(BaseModel):
    """Calls that were found, newest first."""

    hits: list[HitOut]
    completions: list[str] = Field(
        description="The words for which the last one was taken, besides itself; some, if very many begin like it."
    )
    next_cursor: str | None = Field(
        description="Give it as `cursor`, with everything else as it was, to get the next page; null on the last one. "
        "A page can hold fewer hits than asked for, or none, and still have a next one: then it took too much reading."
    )

    @classmethod
    def of(cls, hits: Iterable[Hit], completions: Sequence[str], cursor: str | None) -> Self:
        """Show *hits*."""
        return cls(hits=[HitOut.of(hit) for hit in hits], completions=list(completions), next_cursor=cursor)
