"""Which of a mailbox's calls are asked for, as query parameters."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime

from telephony.call_filter import CallFilter
from telephony.calls import CallStatus, VoicemailKind
from telephony.marks import MAX_TAG_CHARACTERS

LONGEST_CALLER: Final = 256
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9_000, 1, 1, tzinfo=UTC)


def _in_range(at: datetime) -> datetime:
    """Move times to where every time zone has a date for them; there were no calls beyond."""
    return min(max(at, EARLIEST), LATEST)


Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]


def call_filter(  # noqa: PLR0913 - one for each parameter
    *,
    number: Annotated[str | None, Query(max_length=16, description="Which of our numbers was called.")] = None,
    caller: Annotated[str | None, Query(max_length=LONGEST_CALLER, description="As Twilio gave it.")] = None,
    since: Annotated[
        Moment | None, Query(description="When the call began, at the earliest; with a time zone.")
    ] = None,
    until: Annotated[Moment | None, Query(description="Before when the call began; with a time zone.")] = None,
    kind: Annotated[VoicemailKind | None, Query(description="What the caller left.")] = None,
    state: Annotated[CallStatus | None, Query(description="Twilio's status word.")] = None,
    unread: Annotated[bool | None, Query(description="Whether it is not marked as read.")] = None,
    archived: Annotated[bool | None, Query(description="Whether it is marked as archived.")] = None,
    tag: Annotated[
        str | None, Query(min_length=1, max_length=MAX_TAG_CHARACTERS, description="One of its tags.")
    ] = None,
) -> CallFilter:
    """Return what is asked for."""
    return CallFilter(number, caller, since, until, kind, state, unread, archived, tag)


Only = Annotated[CallFilter, Depends(call_filter)]
