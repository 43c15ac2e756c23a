"""Recording a caller: what ends it, what is told about it, and what is kept."""

import io
import wave

import aiohttp
import httpx
import numpy as np
import pytest

from local.twilio import mulaw
from local.twilio.caller import Caller, Cue
from local.twilio.faults import Faults
from tests.unit.local_twilio.product import ACCOUNT, CALLER, OWN, SPEECH, Studio, studio

BASIC = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT.sid, ACCOUNT.auth_token)}
SECOND = len(SPEECH)


def record(on: Studio, attributes: str = "") -> None:
    on.voice(
        f'<Response><Record action="/done" recordingStatusCallback="/recording" {attributes}/>'
        "<Say>unreachable</Say></Response>"
    )


async def test_the_hang_up_ends_the_recording_and_the_action_says_so() -> None:
    async with studio() as on:
        record(on)
        call = await on.call()
        (done,) = on.webhooks.at("/done")
        (recording,) = on.twilio.recordings.values()
    assert done.form["Digits"] == "hangup"
    assert done.form["CallStatus"] == "completed"
    assert done.form["RecordingDuration"] == "1"
    assert done.form["RecordingUrl"] == recording.url
    assert done.is_signed
    assert call.status == "completed"


async def test_the_recording_callback_has_the_documented_parameters() -> None:
    async with studio() as on:
        record(on)
        call = await on.call()
        (told,) = on.webhooks.at("/recording")
        (recording,) = on.twilio.recordings.values()
    assert told.is_signed
    assert {name: value for name, value in told.form.items() if name != "RecordingStartTime"} == {
        "AccountSid": ACCOUNT.sid,
        "CallSid": call.sid,
        "RecordingChannels": "1",
        "RecordingDuration": "1",
        "RecordingSid": recording.sid,
        "RecordingSource": "RecordVerb",
        "RecordingStatus": "completed",
        "RecordingUrl": recording.url,
    }


async def test_the_media_is_a_wav_of_what_was_said() -> None:
    async with studio() as on:
        record(on)
        await on.call()
        (recording,) = on.twilio.recordings.values()
        async with aiohttp.ClientSession(headers=BASIC) as http, http.get(recording.url + ".wav") as response:
            assert response.content_type == "audio/x-wav"
            content = await response.read()
    with wave.open(io.BytesIO(content)) as sound:
        assert sound.getparams()[:4] == (1, 2, 8_000, SECOND)
        assert sound.readframes(SECOND) == mulaw.decode(SPEECH).tobytes()


async def test_a_pressed_key_ends_it_and_is_told() -> None:
    async with studio() as on:
        record(on, 'finishOnKey="#"')
        on.webhooks.on("/done", "<Response><Say>Thank you</Say></Response>")
        await on.call(Caller(number=CALLER, speech=SPEECH, presses="#", hangs_up_after_ms=None))
        (done,) = on.webhooks.at("/done")
    assert done.form["Digits"] == "#"
    assert done.form["CallStatus"] == "in-progress"
    assert done.form["RecordingDuration"] == "1"


async def test_a_key_that_is_not_a_finishing_one_does_not_end_it() -> None:
    async with studio() as on:
        record(on, 'finishOnKey="#"')
        await on.call(Caller(number=CALLER, speech=SPEECH, presses="5", hangs_up_after_ms=1_000))
        (done,) = on.webhooks.at("/done")
    assert done.form["Digits"] == "hangup"


@pytest.mark.parametrize(
    ("attributes", "duration_s"), [('timeout="2" trim="do-not-trim"', "3"), ('maxLength="2" trim="do-not-trim"', "2")]
)
async def test_silence_and_the_longest_length_end_it(attributes: str, duration_s: str) -> None:
    async with studio() as on:
        record(on, attributes)
        await on.call(Caller(number=CALLER, speech=SPEECH, hangs_up_after_ms=60_000))
        (done,) = on.webhooks.at("/done")
    assert done.form["RecordingDuration"] == duration_s
    assert "Digits" not in done.form
    assert done.form["CallStatus"] == "in-progress"


async def test_silence_at_both_ends_is_trimmed_unless_told_not_to() -> None:
    async with studio() as on:
        record(on)
        await on.call(Caller(number=CALLER, speech=SPEECH, pause_ms=2_000, hangs_up_after_ms=1_000))
        record(on, 'trim="do-not-trim"')
        await on.call(Caller(number=CALLER, speech=SPEECH, pause_ms=2_000, hangs_up_after_ms=1_000))
        trimmed, whole = on.twilio.recordings.values()
    assert SPEECH in trimmed.audio
    assert len(trimmed.audio) <= SECOND + 2 * mulaw.FRAME_SAMPLES
    assert whole.audio == mulaw.SILENCE * 2 * SECOND + SPEECH + mulaw.SILENCE * SECOND


async def test_a_silent_recording_is_kept_as_it_is() -> None:
    async with studio() as on:
        record(on)
        await on.call(Caller(number=CALLER, hangs_up_after_ms=3_000))
        (recording,) = on.twilio.recordings.values()
    assert recording.audio == mulaw.SILENCE * 3 * SECOND


async def test_what_is_said_before_the_beep_is_not_recorded() -> None:
    async with studio() as on:
        on.voice('<Response><Say>Hello</Say><Pause length="3"/><Record timeout="2" action="/done"/></Response>')
        await on.call(Caller(number=CALLER, speech=SPEECH, speaks_on=Cue.ANSWER, hangs_up_after_ms=None))
        (recording,) = on.twilio.recordings.values()
    assert set(recording.audio) == set(mulaw.SILENCE)


async def test_the_media_is_missing_until_it_is_ready() -> None:
    async def status() -> int:
        async with http.get(recording.url) as response:
            return response.status

    async with studio(speed=5) as on, aiohttp.ClientSession(headers=BASIC) as http:
        record(on)
        call = await on.twilio.ring(Caller(number=CALLER, speech=SPEECH[:800]), to=OWN)
        await call.ended()
        (recording,) = on.twilio.recordings.values()
        assert await status() == 404
        await on.twilio.settled()
        assert await status() == 200


async def test_without_an_action_the_same_document_is_asked_again() -> None:
    async with studio() as on:
        on.voice('<Response><Record timeout="1"/></Response>', "<Response/>")
        await on.call(Caller(number=CALLER, hangs_up_after_ms=None))
        first, second = on.webhooks.at("/voice")
    assert "RecordingUrl" not in first.form
    assert "RecordingUrl" in second.form


async def test_events_that_are_asked_for_are_told() -> None:
    async with studio() as on:
        record(on, 'recordingStatusCallbackEvent="in-progress completed"')
        await on.call()
        assert [r.form["RecordingStatus"] for r in on.webhooks.at("/recording")] == ["in-progress", "completed"]


async def test_the_recording_callback_can_overtake_the_action() -> None:
    async with studio(faults=Faults(recording_callback_first=True, duplicate_callbacks=2)) as on:
        record(on)
        await on.call()
        paths = [r.path for r in on.webhooks.received if r.path in ("/done", "/recording")]
    assert paths == ["/recording", "/recording", "/done"]


async def test_the_recording_callback_can_get_lost() -> None:
    async with studio(faults=Faults(lose_recording_callback=True)) as on:
        record(on)
        await on.call()
        assert on.webhooks.at("/recording") == []
        (recording,) = on.twilio.recordings.values()
    assert recording.status == "completed"


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(recording_absent=2), [404, 404, 200]),
        (Faults(recording_media=b"<html>", recording_absent=1), [404, b"<html>", b"<html>"]),
    ],
)
async def test_the_sound_can_be_late_or_not_be_sound(faults: Faults, expected: list[object]) -> None:
    async with studio(faults=faults) as on:
        record(on)
        await on.call()
        answers = [await media_of(on) for _ in range(3)]
    for (status, content), wanted in zip(answers, expected, strict=True):
        assert wanted in (status, content)


async def test_the_sound_can_be_cut() -> None:
    async with studio(faults=Faults(truncate_recordings=True)) as on:
        record(on)
        await on.call()
        _, content = await media_of(on)
        (recording,) = on.twilio.recordings.values()
    assert content == mulaw.wav(recording.audio)[: len(content)]
    assert len(content) == len(mulaw.wav(recording.audio)) // 2


async def media_of(on: Studio) -> tuple[int, bytes]:
    (recording,) = on.twilio.recordings.values()
    async with httpx.AsyncClient(auth=(ACCOUNT.sid, ACCOUNT.auth_token)) as client:
        answer = await client.get(recording.url)
    return answer.status_code, answer.content


def test_mu_law_survives_decoding_and_encoding() -> None:
    every = bytes(range(256))
    again = mulaw.encode(mulaw.decode(every))
    assert np.array_equal(mulaw.decode(again), mulaw.decode(every))
    assert mulaw.decode(b"\x00\x80\xff\x7f").tolist() == [-32_124, 32_124, 0, 0]


def test_only_a_telephones_wav_becomes_mu_law() -> None:
    assert mulaw.from_wav(mulaw.wav(SPEECH)) == SPEECH
    with pytest.raises(ValueError, match="not a WAV"):
        mulaw.from_wav(b"RIFF")
