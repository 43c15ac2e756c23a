"""What the domain asks of the search index. Every method may raise UpstreamError; every write may be repeated."""

from typing import Protocol

from telephony.calls import CallSid


class SearchIndex(Protocol):
    """Which words were said in which call."""

    def forget(self, call_sid: CallSid) -> None:
        """Remove every trace of the call from the index."""
        ...
