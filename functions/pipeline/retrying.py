"""Tries again what can succeed a moment later."""

from collections.abc import Callable
from typing import TypeVar

from telephony.errors import UpstreamError

WAITS_S = (0.3, 1.5)
"""Before the second and the third, last attempt: a hiccup is over by then, and the next recipient is waiting."""

T = TypeVar("T")


def patiently(attempt: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Return what *attempt* returns, trying again for as long as its failure is retryable and a wait is left.

    Raises: whatever the last attempt raised.
    """
    for wait_s in WAITS_S:
        try:
            return attempt()
        except UpstreamError as exc:
            if not exc.retryable:
                raise
            sleep(wait_s)
    return attempt()
