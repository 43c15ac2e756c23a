"""Place: where a call stands among its mailbox's calls, as a text that sorts by time."""

from datetime import UTC, datetime
from typing import NewType

from telephony.calls import CallSid

Place = NewType("Place", str)
"""`<started_at>#<CallSid>`: later calls sort after earlier ones, and no two calls have the same."""

OLDEST = Place(" ")
"""Before every call's place."""

NEWEST = Place("~")
"""After every call's place."""


def timestamp(at: datetime) -> str:
    """Write an aware time, in 27 characters, so that later ones sort after earlier ones."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def place_of(started_at: datetime, call_sid: CallSid) -> Place:
    """Return the place of a call."""
    return Place(f"{timestamp(started_at)}#{call_sid}")


def call_at(place: Place) -> tuple[datetime, CallSid]:
    """Return when the call at *place* started, and which one it is."""
    started_at, _, call_sid = place.partition("#")
    return datetime.fromisoformat(started_at), CallSid(call_sid)


def before(place: Place) -> Place:
    """Return the place just before that of a call: no call stands between the two."""
    return Place(f"{place[:-1]}{chr(ord(place[-1]) - 1)}~")
