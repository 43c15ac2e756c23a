"""In which form a transcript is wanted."""

import re
from enum import StrEnum
from typing import Final

from functions.api.problems import NotAcceptableError

_ANY_QUALITY: Final = 1.0
_QUALITY: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


class Format(StrEnum):
    """The forms a transcript can have."""

    JSON = "json"
    TEXT = "text"
    SRT = "srt"
    VTT = "vtt"

    @property
    def media_type(self) -> str:
        """The form's media type."""
        return MEDIA_TYPES[self]


MEDIA_TYPES: Final = {
    Format.JSON: "application/json",
    Format.TEXT: "text/plain",
    Format.SRT: "application/x-subrip",
    Format.VTT: "text/vtt",
}


def acceptable(accept: str) -> Format:
    """Return the form that an `Accept` header likes best; the first of the list among equals.

    Raises: NotAcceptableError if it likes none. Source: RFC 9110, 12.5.1.
    """
    wishes = dict(_wish(part) for part in accept.split(",") if part.strip())
    if not wishes:
        return Format.JSON
    liking = {form: _liking(form.media_type, wishes) for form in Format}
    best = max(Format, key=lambda form: liking[form])
    if not liking[best]:
        raise NotAcceptableError("a transcript is " + ", ".join(MEDIA_TYPES.values()))
    return best


def _wish(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    qualities = (float(found[1]) for found in map(_QUALITY.fullmatch, parameters) if found)
    return media_range, next(qualities, _ANY_QUALITY)


def _liking(media_type: str, wishes: dict[str, float]) -> float:
    """Return the quality of the most specific wish that *media_type* meets; 0 when none does."""
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((wishes[each] for each in ranges if each in wishes), 0.0)
