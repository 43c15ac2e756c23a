"""Import: a file of sound that becomes a call of the archive."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telephony.calls import Call, CallSid, CallStatus, Direction
from telephony.errors import WireError
from telephony.jobs import Job, JobId
from telephony.numbers import E164
from telephony.recordings import Recording, RecordingSid, RecordingStatus, SoundFile, audio_key

MAX_BYTES: Final = 100_000_000
"""What is read must fit into a function's memory."""

MAX_LENGTH_MS: Final = 105 * 60_000
"""An hour and three quarters, as long as MAX_BYTES of a call's samples are: Deepgram's one answer must come in time."""

UPLOAD_TYPE: Final = "application/octet-stream"
"""Of every file that is uploaded: what it is, its own bytes say."""

UPLOAD_LIFETIME: Final = timedelta(hours=1)
"""How long the address for the file is good: an hour is enough for a slow line."""

HOW_TO_MAKE_ONE: Final = "ffmpeg -i FILE -ac 1 -ar 8000 -c:a pcm_s16le OUT.wav"

UNKNOWN_CALLER: Final = "anonymous"
"""As Twilio has it for who withheld the number."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is known of a file that is to become a call.

    Attributes:
        started_at: when what is on it began to be said.
        is_quiet: whether nobody is to be told.
    """

    caller: str
    number: E164
    started_at: datetime
    is_quiet: bool = True

    def as_request(self) -> dict[str, str]:
        """Write it as a job's request."""
        return {
            "caller": self.caller,
            "number": self.number,
            "started_at": self.started_at.isoformat(),
            "is_quiet": "yes" if self.is_quiet else "no",
        }


def request_of(job: Job) -> ImportRequest:
    """Read a job's request. Raises: WireError, if the job is no import."""
    try:
        return ImportRequest(
            caller=job.request["caller"],
            number=E164(job.request["number"]),
            started_at=datetime.fromisoformat(job.request["started_at"]),
            is_quiet=job.request["is_quiet"] == "yes",
        )
    except (KeyError, ValueError) as exc:
        raise WireError("an import says who called whom and when") from exc


def upload_key(job: Job) -> str:
    """Return where the file is put."""
    return f"imports/{job.mailbox_id}/{job.id}"


def call_sid(job_id: JobId) -> CallSid:
    """Return the SID of the call that an import becomes: made of the job, so that it is one call however often."""
    return CallSid("CA" + _digits("call", job_id))


def imported_call(job: Job, length_ms: int) -> Call:
    """Return the call that the file becomes."""
    wanted = request_of(job)
    return Call(
        sid=call_sid(job.id),
        mailbox_id=job.mailbox_id,
        number=wanted.number,
        caller=wanted.caller,
        started_at=wanted.started_at,
        status=CallStatus.COMPLETED,
        direction=Direction.INBOUND,
        ended_at=wanted.started_at + timedelta(milliseconds=length_ms),
        duration_s=round(length_ms / 1_000),
        is_imported=True,
        is_quiet=wanted.is_quiet,
    )


def imported_recording(job: Job, sound: SoundFile, now: datetime) -> Recording:
    """Return the recording that the file becomes, with our copy where copies are."""
    sid = RecordingSid("RE" + _digits("recording", job.id))
    key = audio_key(call_sid(job.id), sid, job.mailbox_id, sound.format)
    return Recording(sid, call_sid(job.id), RecordingStatus.COMPLETED, sound.length_ms, now, stored_key=key)


def _digits(noun: str, job_id: JobId) -> str:
    return hashlib.sha256(f"{noun}#{job_id}".encode()).hexdigest()[:32]
