"""What a program is told of a call: JSON. docs/webhooks.md describes it."""

import json
from typing import Final

from telephony.calls import VoicemailKind
from telephony.hooks import HookTarget
from telephony.numbers import is_withheld
from telephony.quality import quality
from telephony.voicemail import Voicemail
from telephony.wording import WORDINGS

MAX_TEXT_CHARACTERS: Final = 50_000
"""Of a message's words, an hour of speech; a program finds the rest by the API."""


def hook_body(voicemail: Voicemail, target: HookTarget, link: str) -> bytes:
    """Write the event *target* about *voicemail*."""
    call = voicemail.call
    event = {
        "id": target.event_id(call.sid),
        "type": target.event.value,
        "mailbox_id": voicemail.mailbox.id,
        "call": {
            "call_sid": call.sid,
            "number": call.number,
            "caller": None if is_withheld(call.caller) else call.caller,
            "started_at": call.started_at.isoformat(),
            "ended_at": None if call.ended_at is None else call.ended_at.isoformat(),
        },
        "message": None if voicemail.kind is VoicemailKind.MISSED else _message(voicemail, link),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _message(voicemail: Voicemail, link: str) -> dict[str, object]:
    transcript = voicemail.transcript
    return {
        "kind": voicemail.kind.value,
        "text": transcript.text[:MAX_TEXT_CHARACTERS],
        "text_is_cut": len(transcript.text) > MAX_TEXT_CHARACTERS,
        "is_complete": transcript.is_complete,
        "quality": quality(voicemail, WORDINGS[voicemail.mailbox.telling.language]),
        "length_ms": voicemail.length_ms,
        "audio_url": None if voicemail.kind is VoicemailKind.UNHEARD else link,
    }
