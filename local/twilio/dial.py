"""`<Dial>`: ring people, connect the one who answers, and say how it went."""

import math
from dataclasses import dataclass

from local.twilio.caller import Line, Person
from local.twilio.events import PersonDialed
from local.twilio.line import HungUpError
from local.twilio.scene import Goto, Outcome, Scene
from local.twilio.sids import new_sid
from local.twilio.verbs import Dial


@dataclass(slots=True)
class _Result:
    status: str
    child_sid: str
    bridged_ms: float | None = None


async def dial(scene: Scene, verb: Dial) -> Outcome:
    """Ring the numbers at once; the first to answer is connected until somebody hangs up."""
    call, clock = scene.call, scene.exchange.clock
    if not verb.answer_on_bridge:
        call.answer()
    result = _Result("failed", new_sid("CA"))
    try:
        await _ring(scene, verb, result)
    except HungUpError:
        if result.status != "completed":
            result.status = "canceled"
        call.complete()
    event = PersonDialed(at=clock.now(), call_sid=call.sid, number=", ".join(verb.numbers), outcome=result.status)
    scene.exchange.log.publish(event)
    if verb.action is None:
        return None
    told = {
        "DialBridged": "true" if result.bridged_ms is not None else "false",
        "DialCallSid": result.child_sid,
        "DialCallStatus": result.status,
    }
    if result.bridged_ms is not None:
        until_ms = min(clock.now_ms(), call.line.ends_at_ms)
        told["DialCallDuration"] = str(math.ceil(max(0.0, until_ms - result.bridged_ms) / 1_000))
    return Goto(scene.resolve(verb.action), verb.method, told)


async def _ring(scene: Scene, verb: Dial, result: _Result) -> None:
    line, clock = scene.call.line, scene.exchange.clock
    reached = [scene.exchange.people.get(number, Person()) for number in verb.numbers]
    free = [person for person in reached if person.line is Line.FREE]
    if not free:
        result.status = "busy" if any(person.line is Line.BUSY for person in reached) else "failed"
        await scene.pause(0)
        return
    limit_ms = verb.timeout_s * 1_000 + scene.exchange.quirks.dial_extra_ms
    first = min(free, key=lambda person: math.inf if person.answers_after_s is None else person.answers_after_s)
    if first.answers_after_s is None or first.answers_after_s * 1_000 > limit_ms:
        result.status = "no-answer"
        await scene.pause(limit_ms)
        return
    await scene.pause(first.answers_after_s * 1_000)
    scene.call.answer()
    result.status, result.bridged_ms = "completed", clock.now_ms()
    line.outbound.lay(clock.next_ms(), first.speech)
    try:
        await scene.pause(min(first.hangs_up_after_s or math.inf, verb.time_limit_s) * 1_000)
    finally:
        line.outbound.cut(clock.next_ms())
