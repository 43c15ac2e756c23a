"""CallFilter: which of a mailbox's calls are looked for."""

from dataclasses import dataclass
from datetime import datetime

from telephony.calls import Call, CallStatus, VoicemailKind


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a call must be; None is no matter.

    Attributes:
        caller: Twilio's `From`, as it came.
        since, until: when it began; the end is not part of it.
        tag: one that it must have.
    """

    number: str | None = None
    caller: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: VoicemailKind | None = None
    status: CallStatus | None = None
    is_unread: bool | None = None
    is_archived: bool | None = None
    tag: str | None = None

    @property
    def is_by_time_alone(self) -> bool:
        """Whether every call of the time that is asked for is looked for."""
        return self == CallFilter(since=self.since, until=self.until)

    def takes(self, call: Call) -> bool:
        """Tell whether *call* is one that is looked for."""
        wishes = (
            (self.number, call.number),
            (self.caller, call.caller),
            (self.kind, call.kind),
            (self.status, call.status),
            (self.is_unread, call.marks.read_at is None),
            (self.is_archived, call.marks.archived_at is not None),
        )
        is_in_time = (self.since is None or call.started_at >= self.since) and (
            self.until is None or call.started_at < self.until
        )
        is_tagged = self.tag is None or self.tag in call.marks.tags
        return is_in_time and is_tagged and all(wish is None or wish == found for wish, found in wishes)


EVERY_CALL = CallFilter()
