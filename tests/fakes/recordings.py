"""RecordingStore and RecordingSource in memory."""

from dataclasses import dataclass, field, replace

from telephony.calls import CallSid
from telephony.errors import NotFoundError, TelephonyError
from telephony.recordings import Recording, RecordingSid
from tests.fakes.state import State


class MemoryRecordings:
    """Keeps recordings; keeps the promises of `telephony.ports.RecordingStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def report(self, recording: Recording) -> None:
        """Store *recording* unless as much or more is known of it."""
        key = (recording.call_sid, recording.sid)
        with self._state.reached():
            known = self._state.recordings.get(key)
            if recording.call_sid in self._state.erased:
                return
            if known is None or recording.status.rank > known.status.rank:
                self._state.recordings[key] = recording

    def stored(self, call_sid: CallSid, recording_sid: RecordingSid, key: str) -> None:
        """Write down where our copy is. Raises: NotFoundError."""
        with self._state.reached():
            known = self._known(call_sid, recording_sid)
            self._state.recordings[call_sid, recording_sid] = replace(known, stored_key=key, trouble="")

    def failed(self, call_sid: CallSid, recording_sid: RecordingSid, trouble: str) -> None:
        """Write down that there will be no copy, unless there is one. Raises: NotFoundError."""
        with self._state.reached():
            known = self._known(call_sid, recording_sid)
            if known.stored_key is None:
                self._state.recordings[call_sid, recording_sid] = replace(known, trouble=trouble)

    def _known(self, call_sid: CallSid, recording_sid: RecordingSid) -> Recording:
        known = self._state.recordings.get((call_sid, recording_sid))
        if known is None:
            raise NotFoundError("recording")
        return known


@dataclass
class MemoryRecordingSource:
    """Twilio's side of recordings: `sound` is what it has.

    Attributes:
        refusals: raised one after the other, before anything is handed out.
        fetched: what was asked for, in order.
    """

    sound: dict[RecordingSid, bytes] = field(default_factory=dict)
    refusals: list[TelephonyError] = field(default_factory=list)
    fetched: list[RecordingSid] = field(default_factory=list)

    def fetch(self, recording_sid: RecordingSid) -> bytes:
        """Return the recording. Raises: NotFoundError, and whatever is in `refusals`."""
        self.fetched.append(recording_sid)
        if self.refusals:
            raise self.refusals.pop(0)
        if recording_sid not in self.sound:
            raise NotFoundError("recording")
        return self.sound[recording_sid]
