"""Call: one Twilio call, its status and how far it came with us."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from telephony.errors import WireError
from telephony.marks import Marks
from telephony.numbers import E164, MailboxId

CallSid = NewType("CallSid", str)

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}", re.ASCII)


class CallStatus(StrEnum):
    """Twilio's status words, as they are. Source: Twilio's Call resource."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def rank(self) -> int:
        """How far along a call with this status is; a status never follows one of the same or a higher rank."""
        return _RANK.get(self, _FINAL_RANK)

    @property
    def is_final(self) -> bool:
        """Whether the call is over."""
        return self.rank == _FINAL_RANK

    def may_follow(self, earlier: "CallStatus") -> bool:
        """Whether a call can go from *earlier* to this status: forward only, and a final status stands."""
        return self.rank > earlier.rank


_FINAL_RANK = 4
_RANK = {CallStatus.QUEUED: 0, CallStatus.INITIATED: 1, CallStatus.RINGING: 2, CallStatus.IN_PROGRESS: 3}


class Direction(StrEnum):
    """Who called. Twilio's finer distinctions of outbound calls do not matter here."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallStage(StrEnum):
    """How far the call came with us; goes forward only, in this order."""

    RINGING_PERSON = "ringing-person"
    ASKING_CONSENT = "asking-consent"
    """The caller was asked to agree to the recording, and has not."""
    TAKING_MESSAGE = "taking-message"
    ANSWERED = "answered"

    @property
    def rank(self) -> int:
        """The stage's place in the order."""
        return list(CallStage).index(self)


class VoicemailKind(StrEnum):
    """What a caller left."""

    MESSAGE = "message"
    """Words."""
    WORDLESS = "wordless"
    """Sound, all of it listened to, and no word in it."""
    MISSED = "missed"
    """Nothing: the caller hung up without leaving a message."""
    UNREAD = "unread"
    """A recording that no recogniser has listened to, or not to the end."""
    UNHEARD = "unheard"
    """Sound of which there is neither text nor, so far, a recording."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        caller: Twilio's `From`, as it came: a number, `client:`, `sip:`, or a word such as "anonymous".
        number: which of our numbers was called.
        stage: what was done with the call.
        ended_at: when Twilio said it was over; None while it is not known to be.
        duration_s: Twilio's count of connected seconds, once over.
        kind: what the caller left; None while that is not known, and of a call that was answered.
        held_at: since when a legal hold forbids to erase the call; None when none does.
        is_imported: whether it is a file that was put into the archive, of which Twilio knows nothing.
        is_quiet: whether nobody is to be told of it.
    """

    sid: CallSid
    mailbox_id: MailboxId
    number: E164
    caller: str
    started_at: datetime
    status: CallStatus = CallStatus.RINGING
    direction: Direction = Direction.INBOUND
    stage: CallStage = CallStage.TAKING_MESSAGE
    ended_at: datetime | None = None
    duration_s: int | None = None
    kind: VoicemailKind | None = None
    marks: Marks = field(default_factory=Marks)
    held_at: datetime | None = None
    is_imported: bool = False
    is_quiet: bool = False

    @property
    def over_at(self) -> datetime | None:
        """When it was over, as far as is known; None while it goes on."""
        return (self.ended_at or self.started_at) if self.status.is_final else None


def parse_call_sid(text: str) -> CallSid:
    """Return *text* as a CallSid. Raises: WireError if it is not one."""
    if _CALL_SID.fullmatch(text) is None:
        raise WireError("a CallSid is 'CA' and 32 hexadecimal digits")
    return CallSid(text)
