"""The JSON that a program gets."""

import json
from dataclasses import replace
from typing import Any

import pytest

from telephony.calls import Call
from telephony.coverage import Interval
from telephony.hooks import HookEvent, HookId, HookTarget
from telephony.recordings import RecordingStatus
from telephony.telling import Telling
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, describe
from telephony.wire.hook_event import MAX_TEXT_CHARACTERS, hook_body
from telephony.wording import Language
from tests import examples

LINK = "https://calls.example/api/listen/token"
COMPLETED = HookTarget(HookId("crm"), HookEvent.COMPLETED)


def _body(said: str, *, call: Call = examples.ENDED_CALL, holes: tuple[Interval, ...] = ()) -> dict[str, Any]:
    stream = examples.ended_stream(examples.coverage(holes=holes))
    transcript = Transcript.assemble(examples.CALL_SID, [stream], [examples.utterance(said)] if said else [])
    mailbox = replace(examples.MAILBOX, telling=Telling(Language.GERMAN))
    recordings = () if said else (replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0),)
    facts = CallFacts(call, mailbox, transcript, recordings)
    body: dict[str, Any] = json.loads(hook_body(describe(call, mailbox, facts), COMPLETED, LINK))
    return body


def test_an_event_says_what_was_said_and_how_well_it_is_known() -> None:
    assert _body("Grüß Gott!", holes=(Interval(3_000, 4_000),)) == {
        "id": f"{examples.CALL_SID}:voicemail.completed",
        "type": "voicemail.completed",
        "mailbox_id": "front-desk",
        "call": {
            "call_sid": examples.CALL_SID,
            "number": examples.NUMBER,
            "caller": examples.CALLER,
            "started_at": "2026-03-02T12:00:00+00:00",
            "ended_at": "2026-03-02T12:00:30+00:00",
        },
        "message": {
            "kind": "message",
            "text": "Grüß Gott!",
            "text_is_cut": False,
            "is_complete": False,
            "quality": "Der Text ist unvollständig. Nicht erfasst vom Anruf: 0:03-0:04.",
            "length_ms": 750,
            "audio_url": LINK,
        },
    }


def test_a_missed_call_has_no_message() -> None:
    assert _body("")["message"] is None


@pytest.mark.parametrize("caller", ["+266696687", "anonymous", ""])
def test_a_withheld_number_is_no_number(caller: str) -> None:
    assert _body("Hello.", call=replace(examples.ENDED_CALL, caller=caller))["call"]["caller"] is None


def test_of_a_call_that_goes_on_no_end_is_told() -> None:
    assert _body("Hello.", call=examples.CALL)["call"]["ended_at"] is None


def test_a_text_without_end_is_cut_and_says_so() -> None:
    message = _body("words " * 10_000)["message"]

    assert len(message["text"]) == MAX_TEXT_CHARACTERS
    assert message["text_is_cut"]


def test_without_a_recording_or_words_there_is_nothing_to_listen_to() -> None:
    stream = examples.ended_stream(examples.coverage(holes=(Interval(0, 12_000),)))
    transcript = Transcript.assemble(examples.CALL_SID, [stream], [])
    facts = CallFacts(examples.ENDED_CALL, examples.MAILBOX, transcript)

    body = json.loads(hook_body(describe(examples.ENDED_CALL, examples.MAILBOX, facts), COMPLETED, LINK))

    assert (body["message"]["kind"], body["message"]["audio_url"]) == ("unheard", None)
