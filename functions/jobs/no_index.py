"""A search index that has nothing in it."""

from telephony.calls import CallSid


class NoIndex:
    """There is no search yet, so nothing has to be forgotten; see `telephony.ports.SearchIndex`."""

    def forget(self, call_sid: CallSid) -> None:
        """Do nothing."""
