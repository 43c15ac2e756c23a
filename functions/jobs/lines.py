"""What an export holds: one JSON object a line for each call, and one for each copy of a recording.

docs/export.md describes it; FORMAT changes whenever a reader of before could misunderstand what is written now.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from telephony.calls import Call
from telephony.consent import ConsentProof
from telephony.marks import Marks
from telephony.numbers import is_withheld
from telephony.recordings import Recording
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts

FORMAT: Final = 1


def call_line(call: Call, facts: CallFacts) -> str:
    """Return one call with all that was said in it, noted about it, and agreed to."""
    return _line(
        {
            "format": FORMAT,
            "call_sid": call.sid,
            "mailbox_id": call.mailbox_id,
            "number": call.number,
            "caller": None if is_withheld(call.caller) else call.caller,
            "direction": call.direction.value,
            "started_at": call.started_at.isoformat(),
            "ended_at": None if call.ended_at is None else call.ended_at.isoformat(),
            "duration_s": call.duration_s,
            "status": call.status.value,
            "stage": call.stage.value,
            "kind": None if call.kind is None else call.kind.value,
            "marks": _marks(call.marks),
            "consents": [_consent(proof) for proof in facts.consents],
            "transcript": _transcript(facts.transcript),
        }
    )


def audio_line(recording: Recording, sound: bytes, sha256: str) -> str:
    """Return where a copy of a recording is, and by what it can be told from another."""
    return _line(
        {
            "format": FORMAT,
            "call_sid": recording.call_sid,
            "recording_sid": recording.sid,
            "key": recording.stored_key,
            "bytes": len(sound),
            "sha256": sha256,
            "duration_ms": recording.duration_ms,
            "path": f"/api/calls/{recording.call_sid}/audio",
        }
    )


def _marks(marks: Marks) -> Mapping[str, Any]:
    return {
        "read_at": None if marks.read_at is None else marks.read_at.isoformat(),
        "archived_at": None if marks.archived_at is None else marks.archived_at.isoformat(),
        "note": marks.note,
        "tags": list(marks.tags),
    }


def _consent(proof: ConsentProof) -> Mapping[str, Any]:
    return {
        "step": proof.step.value,
        "at": proof.at.isoformat(),
        "text": proof.text,
        "version": proof.version,
        "webhook": proof.webhook,
        "key": proof.key,
    }


def _transcript(transcript: Transcript) -> Mapping[str, Any]:
    return {
        "text": transcript.text,
        "is_complete": transcript.is_complete,
        "rung": transcript.rung.value,
        "coverage": [
            {"track": each.track.value, "received_ms": each.received_ms, "transcribed_ms": each.transcribed_ms}
            for each in transcript.coverage
        ],
        "utterances": [
            {
                "track": said.track.value,
                "start_ms": said.start_ms,
                "end_ms": said.end_ms,
                "rung": said.rung.value,
                "text": said.text,
                "words": [[word.text, word.start_ms, word.end_ms, word.confidence] for word in said.words],
            }
            for said in transcript.utterances
        ],
    }


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
