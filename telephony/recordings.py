"""Recording: the sound of a call, Twilio's or a file that was imported, and where our copy of it is."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from telephony.calls import CallSid
from telephony.errors import WireError
from telephony.numbers import MailboxId

RecordingSid = NewType("RecordingSid", str)

UNKNOWN_MAILBOX = "unknown"

_RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}", re.ASCII)


class RecordingStatus(StrEnum):
    """How far a recording is, as far as we were told; goes forward only."""

    ANNOUNCED = "announced"
    """The caller has finished; Twilio is still preparing the sound."""
    COMPLETED = "completed"
    """It can be fetched."""
    ABSENT = "absent"
    """There will be no sound: nothing was recorded, or Twilio lost it."""

    @property
    def rank(self) -> int:
        """The status's place in the order; COMPLETED and ABSENT both end it."""
        return 0 if self is RecordingStatus.ANNOUNCED else 1


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording.

    Attributes:
        duration_ms: Twilio counts whole seconds.
        stored_key: the key of our copy in the recordings bucket; None until it is there.
        trouble: why it can't be copied, in a few words for the operator; empty when all went well.
    """

    sid: RecordingSid
    call_sid: CallSid
    status: RecordingStatus
    duration_ms: int
    reported_at: datetime
    stored_key: str | None = None
    trouble: str = ""

    @property
    def is_fetchable(self) -> bool:
        """Whether our copy can be made now and has not been."""
        return self.status is RecordingStatus.COMPLETED and self.stored_key is None and not self.trouble

    @property
    def is_settled(self) -> bool:
        """Whether our copy is there, or never will be."""
        return self.status is RecordingStatus.ABSENT or self.stored_key is not None or bool(self.trouble)


class SoundFormat(StrEnum):
    """What kind of file sound is in; the value ends the name of such a file."""

    WAV = "wav"
    MP3 = "mp3"
    MP4 = "m4a"
    OGG = "ogg"
    FLAC = "flac"

    @property
    def content_type(self) -> str:
        """What browsers know it as."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES: Final = {
    SoundFormat.WAV: "audio/wav",
    SoundFormat.MP3: "audio/mpeg",
    SoundFormat.MP4: "audio/mp4",
    SoundFormat.OGG: "audio/ogg",
    SoundFormat.FLAC: "audio/flac",
}


@dataclass(frozen=True, slots=True)
class SoundFile:
    """What is known of a file of sound without decoding it.

    Attributes:
        length_ms: how much sound it has, as it says itself.
    """

    format: SoundFormat
    length_ms: int


@dataclass(frozen=True, slots=True)
class RecordedWord:
    """A word of a recording, in the recording's own time."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


def audio_key(
    call_sid: CallSid,
    recording_sid: RecordingSid,
    mailbox_id: MailboxId | None,
    sound_format: SoundFormat = SoundFormat.WAV,
) -> str:
    """Return the key of our copy; the recordings of a mailbox share a prefix, so that rules can be made for it.

    *mailbox_id* is None when the recording came before its call.
    """
    return f"recordings/{mailbox_id or UNKNOWN_MAILBOX}/{call_sid}/{recording_sid}.{sound_format}"


def format_of(key: str) -> SoundFormat:
    """Return what kind of file our copy under *key*, an `audio_key`, is."""
    return SoundFormat(key.rpartition(".")[2])


def audio_prefixes(call_sid: CallSid, mailbox_id: MailboxId) -> tuple[str, ...]:
    """Return what the key of every copy of a call's recordings begins with: one of these."""
    return tuple(f"recordings/{place}/{call_sid}/" for place in (mailbox_id, UNKNOWN_MAILBOX))


def parse_recording_sid(text: str) -> RecordingSid:
    """Return *text* as a RecordingSid. Raises: WireError if it is not one."""
    if _RECORDING_SID.fullmatch(text) is None:
        raise WireError("a RecordingSid is 'RE' and 32 hexadecimal digits")
    return RecordingSid(text)
