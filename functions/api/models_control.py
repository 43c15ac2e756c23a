"""What the API takes and answers of calls as they go on."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from functions.api.shown import Shown
from telephony.pauses import Pause
from telephony.wire.mailbox_document import PhoneNumber


class PauseOut(Shown[Pause]):
    """A pause of a call."""

    call_sid: str
    number: int = Field(description="Counts the call's pauses, from 1.")
    started_at: datetime
    ended_at: datetime | None = Field(description="Null while it goes on.")
    is_recording_paused: bool = Field(
        description="Whether Twilio holds a recording. False if nothing was recorded: what is recorded later has sound."
    )


class OutgoingCallIn(BaseModel):
    """Whom to ring, for which mailbox, from which of its numbers."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    mailbox_id: str = Field(pattern="^[^#/]+$", max_length=128)
    sender: PhoneNumber = Field(alias="from", description="One of the mailbox's own numbers.")
    to: PhoneNumber
