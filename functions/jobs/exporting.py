"""Exports: writes a mailbox's calls of a span of time into files that can be taken away, part by part."""

import hashlib
from dataclasses import dataclass, field, replace

from functions.jobs.lines import audio_line, call_line
from functions.jobs.ports import JobsPorts
from functions.jobs.working import ImpossibleError
from telephony import exports
from telephony.calls import Call
from telephony.errors import NotFoundError
from telephony.exports import MAX_PARTS, PART_CALLS
from telephony.jobs import Job, span_of
from telephony.recordings import Recording


@dataclass
class _Part:
    calls: list[str] = field(default_factory=list)
    audio: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class Export:
    """Writes one part a step. A part that is written again has the same name, and stands over what was there."""

    def __init__(self, ports: JobsPorts, *, part_calls: int = PART_CALLS, max_parts: int = MAX_PARTS) -> None:
        self._ports = ports
        self._part_calls = part_calls
        self._max_parts = max_parts

    def step(self, job: Job) -> Job:
        """Write the next part, and say how far the export is."""
        span, number = span_of(job), int(job.checkpoint.get("parts", "0")) + 1
        if number > self._max_parts:
            most = self._max_parts * self._part_calls
            raise ImpossibleError(f"There are more than {most} calls: ask for a shorter time.")
        page = self._ports.scan.oldest(
            job.mailbox_id,
            since=span.since,
            until=span.until,
            after=job.checkpoint.get("after"),
            limit=self._part_calls,
        )
        part = _Part()
        for call in page.calls:
            self._add(call, part)
        prefix = exports.prefix(job)
        for name, lines in ((exports.calls_file(number), part.calls), (exports.audio_file(number), part.audio)):
            self._ports.audio.put(prefix + name, "".join(lines).encode(), exports.JSON_LINES)
        after = {} if page.after is None else {"after": page.after}
        now = self._ports.clock.now()
        further = job.advanced(
            now,
            checkpoint={"parts": str(number), **after},
            done=len(part.calls),
            counts={"calls": len(part.calls), "recordings": len(part.audio)},
            left=tuple(part.left),
        )
        return further if page.after is not None else replace(further, total=further.done).finished(now)

    def _add(self, call: Call, part: _Part) -> None:
        facts = self._ports.calls.facts(call.sid)
        if facts.call is None:  # erased since it was listed
            return
        part.calls.append(call_line(facts.call, facts))
        for recording in facts.recordings:
            if recording.stored_key is not None:
                self._add_sound(recording, recording.stored_key, part)

    def _add_sound(self, recording: Recording, key: str, part: _Part) -> None:
        try:
            sound = self._ports.audio.get(key)
        except NotFoundError:
            part.left.append(f"The sound of {recording.call_sid} is not in the bucket")
            return
        part.audio.append(audio_line(recording, sound, hashlib.sha256(sound).hexdigest()))
