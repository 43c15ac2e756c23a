"""What it takes to ask for an export, and what its files are."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


class ExportIn(BaseModel):
    """Which calls are to be taken away."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime = Field(description="Calls that began from then on.")
    until: AwareDatetime = Field(description="Calls that began before then.")

    @model_validator(mode="after")
    def _is_forward(self) -> "ExportIn":
        if self.since >= self.until:
            raise ValueError("`until` must be later than `since`")
        return self


class FileOut(BaseModel):
    """One file of an export."""

    name: str = Field(description="`calls-0001.jsonl` has calls, `audio-0001.jsonl` says where their sound is.")
    url: str = Field(description="Where anybody can fetch it until `expires_at`.")


class FilesOut(BaseModel):
    """The files that an export has written so far."""

    files: list[FileOut]
    expires_at: datetime = Field(description="From then on the addresses lead nowhere; ask again for new ones.")
    kept_until: datetime = Field(description="From about then on the files are gone.")
