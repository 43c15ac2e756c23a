"""Preconditions: which version of a thing a request is about. Source: RFC 9110, chapter 13; RFC 6585."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Header

from telephony.errors import TelephonyError

ANY: Final = "*"
MAX_CHARACTERS: Final = 1_024

IfMatch = Annotated[
    str | None,
    Header(
        max_length=MAX_CHARACTERS,
        description="The `ETag` that was answered; the change is refused if it is another by now.",
    ),
]
IfNoneMatch = Annotated[
    str | None, Header(max_length=MAX_CHARACTERS, description="`ETag`s of what is at hand; it is not sent again.")
]

REFUSED: Final = (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT)
"""What a route that changes something may answer with besides."""


class PreconditionError(TelephonyError):
    """What a request is about is not as its sender last saw it."""

    def __init__(self, reason: str = "it was changed since; read it again") -> None:
        super().__init__(reason)


class UnconditionalError(TelephonyError):
    """A request does not say which version it is about."""

    def __init__(self) -> None:
        super().__init__("send If-Match with the ETag that was read, or If-None-Match: * to create")


def etag(revision: int) -> str:
    """Return the strong entity tag of a revision."""
    return f'"{revision}"'


def check_match(if_match: str | None, tag: str) -> None:
    """Let a request pass that is about *tag*, or about whatever there is. Raises: PreconditionError."""
    if if_match is not None and if_match.strip() != ANY and tag not in _tags(if_match):
        raise PreconditionError


def is_at_hand(if_none_match: str | None, tag: str) -> bool:
    """Tell whether who asks has *tag* already; whether it is weak does not matter."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == ANY or tag in {each.removeprefix("W/") for each in _tags(if_none_match)}


def _tags(header: str) -> set[str]:
    return {each.strip() for each in header.split(",")}
