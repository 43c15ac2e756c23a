"""`<Say>`, `<Play>` and `<Pause>`: what the caller hears, and how long it takes."""

from local.twilio import mulaw
from local.twilio.scene import Scene
from local.twilio.verbs import Pause, Play, Say
from local.twilio.webhooks import WebhookError

SAY_MS_PER_CHAR = 60
MAX_SAY_MS = 60_000
MAX_LOOPS = 1_000
"""What `loop="0"` means to Twilio."""
PLAY_DEFAULT_MS = 1_000
"""The length of a sound whose format is not read here."""


async def pass_time(scene: Scene, verb: Say | Play | Pause) -> None:
    """Let the caller hear *verb* to its end. Raises: HungUpError."""
    match verb:
        case Say():
            await _repeat(scene, _spoken(verb.text), verb.loop)
        case Play():
            await _repeat(scene, await _sound(scene, verb.url), verb.loop)
        case Pause():
            await scene.pause(verb.length_s * 1_000)


def _spoken(text: str) -> bytes:
    """Return the time that speaking takes, as silence: nothing is synthesised here."""
    duration_ms = min(len(text) * SAY_MS_PER_CHAR, MAX_SAY_MS)
    return mulaw.SILENCE * (duration_ms * mulaw.SAMPLES_PER_MS)


async def _sound(scene: Scene, url: str) -> bytes:
    default = mulaw.SILENCE * (PLAY_DEFAULT_MS * mulaw.SAMPLES_PER_MS)
    try:
        answer = await scene.exchange.webhooks.send(
            scene.resolve(url), {}, purpose="play", method="GET", call_sid=scene.call.sid
        )
    except WebhookError as exc:
        scene.warn(exc.code, f"<Play> {url}: {exc.text}")
        return b""
    if answer.content_type in ("audio/basic", "audio/x-mulaw", "audio/ulaw"):
        return answer.content
    if not answer.content_type.startswith("audio/"):
        scene.warn(12_300, f"<Play> {url}: the content type {answer.content_type!r} is not sound")
        return b""
    try:
        return mulaw.from_wav(answer.content)
    except ValueError:
        return default  # a format that Twilio plays and this simulator does not read


async def _repeat(scene: Scene, audio: bytes, loop: int) -> None:
    for _ in range(min(loop or MAX_LOOPS, MAX_LOOPS) if audio else 0):
        await scene.play(audio)
