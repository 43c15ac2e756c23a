"""Zones: local time, where people are told of things."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo


def zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name; UTC for one that is none: a misspelt zone keeps nobody from being told."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return UTC


def local(at: datetime, name: str) -> datetime:
    """Return *at* as the clocks of a zone show it."""
    return at.astimezone(zone(name))
