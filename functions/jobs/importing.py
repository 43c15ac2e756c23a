"""Imports: makes a file that was uploaded a call, and waits until the pipeline has put it in writing.

From "there is a call with a recording and no text" on, an import is a call whose live text is missing as a whole: what
fills that from the recording is there already, with its attempts and its limits.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from functions.jobs.ports import JobsPorts
from functions.jobs.working import ImpossibleError
from telephony import imports
from telephony.errors import NotFoundError, WireError
from telephony.imports import HOW_TO_MAKE_ONE, MAX_LENGTH_MS
from telephony.jobs import Job
from telephony.recordings import SoundFile
from telephony.repairs import RepairState
from telephony.voicemail import CallFacts
from telephony.wire import sound_file

LOOK_AGAIN: Final = timedelta(seconds=5)
MAX_LOOKS: Final = 120
"""Ten minutes: a repair takes a minute or two, and up to four attempts."""

NO_FILE: Final = "No file was uploaded. Ask for another import, and start it when the file is there."
NO_SOUND: Final = "There is no sound in the file."
TOO_LONG: Final = f"The file is longer than {MAX_LENGTH_MS // 60_000} minutes. Cut it, and import the parts."
ERASED: Final = "The call was erased meanwhile."
UNWRITTEN: Final = "It is in the archive, but it took too long to be put in writing; that may still come."


class Import:
    """Makes the call, in one step, then looks again and again what became of it."""

    def __init__(self, ports: JobsPorts) -> None:
        self._ports = ports

    def step(self, job: Job) -> Job:
        """Do the next step. A file that is no sound that we can read ends the job, which says how to make one."""
        facts = self._ports.calls.facts(imports.call_sid(job.id))
        if facts.is_erased:
            raise ImpossibleError(ERASED)
        if facts.call is None:
            self._make_call(job)
            return self._later(job)
        return self._after(job, facts)

    def _make_call(self, job: Job) -> None:
        key = imports.upload_key(job)
        try:
            file = self._ports.audio.get(key)
        except NotFoundError:
            raise ImpossibleError(NO_FILE) from None
        sound = _sound(file)
        recording = imports.imported_recording(job, sound, self._ports.clock.now())
        assert recording.stored_key is not None
        # The call last: whoever sees it sees its sound.
        self._ports.audio.put(recording.stored_key, file, sound.format.content_type)
        self._ports.recordings.report(recording)
        self._ports.calls.begin(imports.imported_call(job, sound.length_ms), None)
        self._ports.sound.erase(key)

    def _after(self, job: Job, facts: CallFacts) -> Job:
        repair = next(iter(facts.transcript.repairs), None)
        now = self._ports.clock.now()
        if repair is not None and repair.is_done:
            call_sid = facts.transcript.call_sid
            said = replace(job.having({"calls": 1}), checkpoint={**job.checkpoint, "call_sid": call_sid})
            return replace(said, done=1, total=1).finished(now)
        if repair is not None and repair.state is RepairState.FAILED:
            raise ImpossibleError(f"It is in the archive, but could not be put in writing: {repair.trouble}.")
        if int(job.checkpoint.get("looks", "0")) >= MAX_LOOKS:
            raise ImpossibleError(UNWRITTEN)
        return self._later(job)

    def _later(self, job: Job) -> Job:
        looks = int(job.checkpoint.get("looks", "0")) + 1
        checkpoint = {"call_sid": str(imports.call_sid(job.id)), "looks": str(looks)}
        return replace(job, checkpoint=checkpoint).postponed(self._ports.clock.now(), LOOK_AGAIN)


def _sound(file: bytes) -> SoundFile:
    try:
        sound = sound_file.read(file)
    except WireError as exc:
        raise ImpossibleError(
            f"The file can't be taken: {exc}. WAV, MP3, M4A, OGG (Opus or Vorbis) and FLAC are. This makes one of "
            f"almost anything: {HOW_TO_MAKE_ONE}"
        ) from exc
    if not sound.length_ms:
        raise ImpossibleError(NO_SOUND)
    if sound.length_ms > MAX_LENGTH_MS:
        raise ImpossibleError(TOO_LONG)
    return sound
