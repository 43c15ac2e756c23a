"""What the domain asks of whoever removes things for good. Every method may raise UpstreamError, and be repeated."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.calls import Call, CallSid
from telephony.deliveries import Attempt
from telephony.erasure import Belongings, Tombstone
from telephony.keeping import Place
from telephony.numbers import E164, MailboxId
from telephony.recordings import RecordingSid


class ErasureStore(Protocol):
    """Calls that are erased, and calls that may not be."""

    def hold(self, call_sid: CallSid, now: datetime) -> None:
        """Put a legal hold on a call, unless there is one.

        Raises: NotFoundError, ConflictError if the call is being erased.
        """
        ...

    def release(self, call_sid: CallSid) -> None:
        """Take a call's legal hold away, if there is one. Raises: NotFoundError."""
        ...

    def bury(self, tombstone: Tombstone) -> None:
        """Leave *tombstone*, unless there is one: from now on the call is not there, and cannot be begun again.

        Raises: HeldError if the call is on legal hold; nothing is changed then.
        """
        ...

    def belongings(self, call_sid: CallSid) -> Belongings:
        """Return what is known of copies elsewhere, also after the call was buried."""
        ...

    def unlink(self, call_sid: CallSid) -> int:
        """Remove the call's link to listen, both ways, and return how many there were."""
        ...

    def remove(self, call_sid: CallSid, *, is_all: bool) -> int:
        """Remove a buried call's items and return how many there were; its tombstone stays.

        Unless *is_all*, so does what says which copies there are elsewhere: the call itself, its recordings, and who
        was told.
        """
        ...

    def remains(self, call_sid: CallSid) -> int:
        """Return how many items are there now beside the tombstone."""
        ...

    def to_look_at(self, before: datetime, limit: int) -> tuple[Tombstone, ...]:
        """Return up to *limit* tombstones that were to be looked at before then, longest ago first."""
        ...

    def looked_at(self, tombstone: Tombstone) -> None:
        """Write down when a tombstone is to be looked at next."""
        ...


class SoundEraser(Protocol):
    """Removes what is stored in the recordings bucket, so that nobody can bring it back."""

    def erase(self, prefix: str) -> int:
        """Remove each version, and each mark of a deletion, of what has a key with *prefix*; return how many."""
        ...

    def count(self, prefix: str) -> int:
        """Return how many versions and marks there are."""
        ...


class TwilioCopies(Protocol):
    """What Twilio keeps of a call."""

    def erase_recording(self, recording_sid: RecordingSid) -> bool:
        """Have Twilio erase a recording, and return whether there was one."""
        ...

    def erase_message(self, message_sid: str) -> bool:
        """Have Twilio erase an SMS, and return whether there was one."""
        ...

    def messages_with(self, to: E164, attempt: Attempt) -> tuple[str, ...]:
        """Return the SIDs of the SMS that *attempt*, within SENT_WITHIN of its beginning, may have come to.

        Raises: UpstreamError, also when there are too many others to look through.
        """
        ...

    def has_message(self, message_sid: str) -> bool:
        """Return whether Twilio has an SMS."""
        ...


class ExpiryStore(Protocol):
    """How far the search for calls that are kept no longer has come."""

    def place(self) -> Place:
        """Return where to go on; the start, if it was never written down."""
        ...

    def remember(self, place: Place) -> None:
        """Write down where to go on."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedCalls:
    """Calls of one mailbox, oldest first.

    Attributes:
        after: where the next page begins; None when there is none.
    """

    calls: tuple[Call, ...]
    after: str | None


class CallScan(Protocol):
    """A mailbox's calls from the oldest on, for whoever has to see all of them."""

    def oldest(
        self, mailbox_id: MailboxId, *, since: datetime | None, until: datetime, after: str | None, limit: int
    ) -> ScannedCalls:
        """Return up to *limit* calls that began from *since* on and before *until*.

        What was written a moment ago may be missing, and what was erased a moment ago be there.
        """
        ...
