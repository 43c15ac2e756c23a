"""What it takes to import a file, and where to put it."""

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from functions.api.models_jobs import JobOut
from telephony.imports import MAX_BYTES, UNKNOWN_CALLER, ImportRequest
from telephony.jobs import Job
from telephony.wire.mailbox_document import PhoneNumber


class ImportIn(BaseModel):
    """What is known of the file."""

    model_config = ConfigDict(extra="forbid")

    size_bytes: int = Field(ge=1, le=MAX_BYTES, description="Exactly as many must be uploaded.")
    started_at: AwareDatetime = Field(description="When what is on it began to be said.")
    number: PhoneNumber = Field(description="Which of our numbers it belongs to.")
    caller: str = Field(default=UNKNOWN_CALLER, min_length=1, max_length=256, description="Who is to be heard.")
    tell: bool = Field(default=False, description="Whether the mailbox's people are told, as of a new message.")

    def request(self) -> ImportRequest:
        """Return it as the domain has it."""
        return ImportRequest(self.caller, self.number, self.started_at, is_quiet=not self.tell)


class UploadOut(BaseModel):
    """Where to put the file: anybody can, who has the address."""

    url: str = Field(description="PUT the file there, with these headers and no others of its kind.")
    headers: dict[str, str]
    expires_at: datetime


class ImportOut(JobOut):
    """A job that waits for its file: upload it, then `POST /api/jobs/{job_id}/start`."""

    upload: UploadOut
    call_sid: str = Field(description="Of the call that it will become.")

    @classmethod
    def waiting(cls, job: Job, call_sid: str, upload: UploadOut) -> Self:
        """Show *job* and what it waits for."""
        return cls(**JobOut.of(job).model_dump(), call_sid=call_sid, upload=upload)
