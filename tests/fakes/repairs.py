"""RepairStore in memory, and a BatchTranscriber that reads from a script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from telephony.errors import ConflictError, TelephonyError
from telephony.mailboxes import Listening
from telephony.ports.services import Transcription
from telephony.recordings import RecordedWord
from telephony.repairs import Repair
from telephony.transcripts import Utterance
from telephony.wire import sound_file
from tests.fakes.state import State


class MemoryRepairs:
    """Keeps repairs; keeps the promises of `telephony.ports.RepairStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def begin(self, attempt: Repair) -> None:
        """Set out on *attempt*. Raises: ConflictError if as many attempts have begun."""
        key = (attempt.call_sid, attempt.recording_sid)
        with self._state.reached():
            known = self._state.repairs.get(key)
            if known is not None and known.attempts >= attempt.attempts:
                raise ConflictError("the attempt has begun")
            self._state.repairs[key] = attempt

    def finish(self, attempt: Repair, utterances: Sequence[Utterance]) -> None:
        """Store the words, then what became of the attempt. Raises: ConflictError if another has begun since."""
        key = (attempt.call_sid, attempt.recording_sid)
        with self._state.reached():
            for said in utterances:
                self._state.repaired[said.call_sid, said.repaired_by, said.start_ms] = said
            known = self._state.repairs.get(key)
            if known is None or known.attempts != attempt.attempts:
                raise ConflictError("another attempt has begun")
            self._state.repairs[key] = attempt


def _nothing(_audio: bytes) -> Sequence[RecordedWord]:
    return ()


@dataclass
class ScriptedTranscriber:
    """Hears what `hears` says of each piece of audio, in the piece's own time.

    Attributes:
        refusals: raised one after the other, before anything is heard.
        asked_ms: how long each piece was.
    """

    hears: Callable[[bytes], Sequence[RecordedWord]] = _nothing
    refusals: list[TelephonyError] = field(default_factory=list)
    asked_ms: list[int] = field(default_factory=list)

    def transcribe(self, audio: bytes, listening: Listening) -> Transcription:
        """Return what is heard. Raises: whatever is in `refusals`."""
        length_ms = sound_file.read(audio).length_ms
        self.asked_ms.append(length_ms)
        if self.refusals:
            raise self.refusals.pop(0)
        return Transcription(tuple(self.hears(audio)), length_ms)
