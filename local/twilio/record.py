"""`<Record>`: the beep, the end of the message, and what the product is told about it."""

import asyncio
import math

from local.twilio import mulaw
from local.twilio.caller import Cue
from local.twilio.events import RecordingCompleted, RecordingStarted
from local.twilio.exchange import rfc2822
from local.twilio.line import CallLine
from local.twilio.recordings import Recording, RecordingStatus
from local.twilio.scene import Goto, Outcome, Scene
from local.twilio.sids import new_sid
from local.twilio.verbs import Record

BEEP = mulaw.tone(250)


async def record(scene: Scene, verb: Record) -> Outcome:
    """Record the caller until something ends it, and go where the verb's action is."""
    call, exchange = scene.call, scene.exchange
    if verb.play_beep:
        await scene.play(BEEP)
    began_ms = exchange.clock.next_ms()
    call.cue(Cue.BEEP, began_ms)
    recording = _begin(scene)
    if "in-progress" in verb.callback_events:
        exchange.spawn(_tell(scene, verb, recording), call)
    ended_ms, digits = await _wait_for_end(call.line, verb, began_ms)
    if digits == "hangup":
        call.complete()
    audio = recording.held(call.line.inbound.hear(began_ms, max(began_ms, int(ended_ms))), began_ms)
    recording.audio = mulaw.trimmed(audio) if verb.trim else audio
    recording.status = RecordingStatus.PROCESSING
    delivery = exchange.spawn(_complete(scene, verb, recording), call)
    if exchange.faults.recording_callback_first:
        await asyncio.wait({delivery})
    told = {"RecordingDuration": str(recording.duration_s), "RecordingUrl": recording.url}
    return Goto(scene.resolve(verb.action), verb.method, told | ({"Digits": digits} if digits else {}))


def _begin(scene: Scene) -> Recording:
    exchange, sid = scene.exchange, new_sid("RE")
    recording = Recording(
        sid=sid,
        call_sid=scene.call.sid,
        started_at=exchange.clock.now(),
        url=f"{exchange.base_url}/2010-04-01/Accounts/{exchange.account.sid}/Recordings/{sid}",
        refusals=exchange.faults.recording_absent,
    )
    exchange.recordings[sid] = recording
    exchange.log.publish(RecordingStarted(at=exchange.clock.now(), call_sid=scene.call.sid, recording_sid=sid))
    return recording


async def _wait_for_end(line: CallLine, verb: Record, began_ms: int) -> tuple[float, str]:
    """Return when the recording ends, and the key, `hangup` or nothing that ended it."""
    while True:
        changed = line.changed
        ends_ms, digits = _planned_end(line, verb, began_ms)
        await line.wait_for_change(changed, ends_ms)
        if line.changed is changed:
            return (line.ends_at_ms, "hangup") if line.ends_at_ms <= ends_ms else (ends_ms, digits)


def _planned_end(line: CallLine, verb: Record, began_ms: int) -> tuple[float, str]:
    silent_ms = line.inbound.falls_silent_at(began_ms, for_ms=verb.timeout_s * 1_000) if verb.timeout_s else math.inf
    keys = [(at, key) for at, key in line.presses if at >= began_ms and key in verb.finish_on_key]
    return min([(silent_ms, ""), (float(began_ms + verb.max_length_s * 1_000), ""), *keys])


async def _complete(scene: Scene, verb: Record, recording: Recording) -> None:
    exchange = scene.exchange
    await exchange.clock.sleep(exchange.quirks.recording_delay_ms)
    recording.status = RecordingStatus.COMPLETED
    exchange.log.publish(
        RecordingCompleted(
            at=exchange.clock.now(),
            call_sid=recording.call_sid,
            recording_sid=recording.sid,
            duration_s=recording.duration_s,
        )
    )
    if "completed" in verb.callback_events and not exchange.faults.lose_recording_callback:
        await _tell(scene, verb, recording)


async def _tell(scene: Scene, verb: Record, recording: Recording) -> None:
    exchange = scene.exchange
    params = {
        "AccountSid": exchange.account.sid,
        "CallSid": recording.call_sid,
        "RecordingChannels": "1",
        "RecordingSid": recording.sid,
        "RecordingSource": recording.source,
        "RecordingStartTime": rfc2822(recording.started_at),
        "RecordingStatus": recording.status,
        "RecordingUrl": recording.url,
    }
    if recording.status is RecordingStatus.COMPLETED:
        params["RecordingDuration"] = str(recording.duration_s)
    await exchange.call_back(
        scene.resolve(verb.callback) if verb.callback else "",
        params,
        purpose=f"recording {recording.status}",
        method=verb.callback_method,
        call_sid=recording.call_sid,
    )
