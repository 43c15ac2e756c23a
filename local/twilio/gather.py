"""`<Gather>`: prompts, and the keys that the caller presses during them or after."""

import math

from local.twilio.caller import Cue
from local.twilio.line import CallLine
from local.twilio.playback import pass_time
from local.twilio.scene import Goto, Outcome, Scene
from local.twilio.verbs import Gather


async def gather(scene: Scene, verb: Gather) -> Outcome:
    """Play the prompts, take keys, and go where the verb's action is. Raises: HungUpError.

    A key during a prompt counts, but does not cut the prompt short as Twilio's would.
    """
    line, clock = scene.call.line, scene.exchange.clock
    began_ms = clock.next_ms()
    for prompt in verb.prompts:
        await pass_time(scene, prompt)
    scene.call.cue(Cue.PROMPT, clock.next_ms())
    if scene.call.caller.answers_prompt:
        line.press(clock.next_ms() + scene.call.caller.answers_after_ms, scene.call.caller.answers_prompt)
    digits = await _keys(line, verb, began_ms, clock.now_ms())
    if not digits and not verb.action_on_empty_result:
        return None
    return Goto(scene.resolve(verb.action), verb.method, {"Digits": digits, "FinishedOnKey": ""})


async def _keys(line: CallLine, verb: Gather, began_ms: int, prompted_ms: float) -> str:
    """Return the keys that were pressed until one ended it, there were enough, or none came for long enough."""
    while True:
        changed, digits, last_ms = line.changed, "", prompted_ms
        for at_ms, key in sorted(press for press in line.presses if began_ms <= press[0] <= line.clock.now_ms()):
            if key in verb.finish_on_key:
                return digits
            digits, last_ms = digits + key, max(last_ms, at_ms)
            if len(digits) == verb.num_digits:
                return digits
        next_ms = min((at for at, _ in line.presses if at > line.clock.now_ms()), default=math.inf)
        ends_ms = last_ms + verb.timeout_s * 1_000
        if line.clock.now_ms() >= ends_ms:
            return digits
        await line.wait_for_change(changed, min(next_ms, ends_ms))
        await line.wait_until(line.clock.now_ms())  # it may be dead
