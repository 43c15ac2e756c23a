"""What the files of an export are."""

from datetime import datetime

from pydantic import BaseModel, Field


class FileOut(BaseModel):
    """One file of an export."""

    name: str = Field(description="`calls-0001.jsonl` has calls, `audio-0001.jsonl` says where their sound is.")
    url: str = Field(description="Where anybody can fetch it until `expires_at`.")


class FilesOut(BaseModel):
    """The files that an export has written so far."""

    files: list[FileOut]
    expires_at: datetime = Field(description="From then on the addresses lead nowhere; ask again for new ones.")
    kept_until: datetime = Field(description="From about then on the files are gone.")
