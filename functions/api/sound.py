"""Where a call's sound is."""

from datetime import UTC, timedelta
from typing import Final

from telephony.calls import Call
from telephony.errors import NotFoundError
from telephony.recordings import RecordingStatus, format_of
from telephony.voicemail import CallFacts

AUDIO_LIFETIME: Final = timedelta(minutes=5)
"""How long an address of the sound can be used, by whoever has it."""


def stored_recording(facts: CallFacts) -> str:
    """Return the key of our copy of the call's sound. Raises: NotFoundError while there is none."""
    keys = (recording.stored_key for recording in facts.recordings if recording.stored_key is not None)
    key = next(keys, None)
    if key is None:
        raise NotFoundError("recording")
    return key


def file_name(call: Call, key: str) -> str:
    """Return under which name a call's sound is kept: when it began, in UTC, and which call it is."""
    return f"{call.started_at.astimezone(UTC):%Y-%m-%d-%H%M}-{call.sid}.{format_of(key)}"


def may_come(facts: CallFacts) -> bool:
    """Whether a copy of the call's sound may yet be made."""
    lost = (recording.trouble or recording.status is RecordingStatus.ABSENT for recording in facts.recordings)
    return not facts.recordings or not all(lost)
