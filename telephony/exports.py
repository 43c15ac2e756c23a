"""Export: where what is taken away lies, for how long, and in how many files."""

from datetime import timedelta
from typing import Final

from telephony.jobs import Job

PART_CALLS: Final = 200
"""Of one file: as many as are read, with their sound, in a minute or two."""
MAX_PARTS: Final = 500
"""Of one export: whoever has more than a hundred thousand calls asks for them in several."""
JSON_LINES: Final = "application/x-ndjson"
KEPT: Final = timedelta(days=7)
"""How long the files can be fetched; the bucket's own rule then ends them."""


def prefix(job: Job) -> str:
    """Return what the key of each of an export's files begins with."""
    return f"exports/{job.mailbox_id}/{job.id}/"


def calls_file(part: int) -> str:
    """Return the name of the file with the calls of a part; the first is 1."""
    return f"calls-{part:04}.jsonl"


def audio_file(part: int) -> str:
    """Return the name of the file that says where the sound of a part's calls is."""
    return f"audio-{part:04}.jsonl"


def files(job: Job) -> tuple[str, ...]:
    """Return the names of the files that are there, part by part."""
    parts = range(1, int(job.checkpoint.get("parts", "0")) + 1)
    return tuple(name for part in parts for name in (calls_file(part), audio_file(part)))
