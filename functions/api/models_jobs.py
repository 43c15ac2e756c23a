"""What the API answers of jobs, and what it takes to ask for one."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from telephony.calls import Call
from telephony.jobs import Job, JobKind, JobState, Span
from telephony.numbers import is_withheld


class JobOut(BaseModel):
    """One job."""

    job_id: str
    kind: JobKind
    state: JobState
    mailbox_id: str
    requested_by: str = Field(description="A subject, or `retention`.")
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime = Field(description="Until when it can be looked at.")
    done: int = Field(description="How many calls are done.")
    total: int | None = Field(description="Of how many; null while that is not known.")
    counts: dict[str, int] = Field(description="How much was removed or written, by what it was.")
    left: list[str] = Field(description="What could not be done, as far as there is room to name it.")
    trouble: str = Field(description="Why it failed, or what it waits for; empty when all goes well.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """Show *job*."""
        return cls(
            job_id=job.id,
            kind=job.kind,
            state=job.state,
            mailbox_id=job.mailbox_id,
            requested_by=job.requested_by,
            requested_at=job.requested_at,
            changed_at=job.changed_at,
            expires_at=job.expires_at,
            done=job.done,
            total=job.total,
            counts=dict(job.counts),
            left=list(job.left),
            trouble=job.trouble,
        )


class JobListOut(BaseModel):
    """A mailbox's jobs of the last thirty days, newest first."""

    jobs: list[JobOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one.")


class SpanIn(BaseModel):
    """Which of a mailbox's calls are meant."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime = Field(description="Calls that began from then on.")
    until: AwareDatetime = Field(description="Calls that began before then.")

    @model_validator(mode="after")
    def _is_forward(self) -> Self:
        try:
            span = self.span()
        except OverflowError:
            raise ValueError("in UTC it is outside of the years 1 to 9999") from None
        if span.since >= span.until:
            raise ValueError("`until` must be later than `since`")
        return self

    def span(self) -> Span:
        """Return it as the domain has it."""
        return Span(self.since.astimezone(UTC), self.until.astimezone(UTC))


def _shown_caller(text: str) -> str:
    if is_withheld(text):
        raise ValueError("a number, client: or sip: address; whoever withheld theirs can't be told from others who did")
    return text


class ErasureIn(BaseModel):
    """Whose calls are to be erased."""

    model_config = ConfigDict(extra="forbid")

    caller: Annotated[str, AfterValidator(_shown_caller)] = Field(
        min_length=1, max_length=256, description="As the calls show it, such as `+14155550123`."
    )


class HoldOut(BaseModel):
    """Whether a legal hold keeps a call from being erased."""

    call_sid: str
    held_at: datetime | None = Field(description="Since when; null when there is none.")

    @classmethod
    def of(cls, call: Call) -> Self:
        """Show the hold on *call*."""
        return cls(call_sid=call.sid, held_at=call.held_at)
