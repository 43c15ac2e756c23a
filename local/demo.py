"""`make demo`: a caller speaks, and the words become an SMS, an e-mail and an API answer. Everything is checked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from websockets.exceptions import WebSocketException

from local import loopback
from local.aws.mailroom import Mail, read_mail
from local.house import OUR_NUMBER, House, Plan, open_house
from local.narrator import Narrator
from local.phone import mu_law
from local.processes import Part
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.events import CallEnded, MessageSent
from local.viewer import captions
from local.wording import word_error_rate, words

SPEECH = Path(__file__).parent / "speech"
CALLER = "+14155550123"
STEP_LIMIT_S = 20
LIMIT_S = 60
"""From the start's end, which has its own limit, to the last answer; the call takes half of it."""
DEATH_S = 1.0
MAX_WORD_ERROR_RATE = 0.10
MAX_SMS_MS = 2_000

T = TypeVar("T")


class DemoError(Exception):
    """A step did not do what it should; the text says which."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the call came to.

    Attributes:
        transcript: the API's JSON.
        sms_ms: from the hang-up to the SMS.
    """

    mail: Mail
    transcript: dict[str, Any]
    transcript_text: str
    recording_bytes: int
    sms_ms: float


async def demo(console: Console) -> None:
    """Run the demo and print what happens. Raises: DemoError, StartError."""
    console.print("[bold]Ringscribe[/bold]: a voicemail, end to end, on this machine.\n")
    narrator = Narrator(console)
    narrator.say("starting", "local AWS, recogniser, Lambdas, streamer, simulated Twilio")
    async with open_house(Plan()) as house:
        narrator.say("ready", f"{house.origin}")
        outcome = await _within(LIMIT_S, _played(house, narrator), "the demo did not end")
    _show(console, narrator, outcome)


async def _played(house: House, narrator: Narrator) -> Outcome:
    headers = {"Authorization": f"Bearer {house.token}"}
    with _plainly():
        async with loopback.client(base_url=house.origin, headers=headers) as api:
            try:
                return await _follow(house, api, narrator)
            except ExceptionGroup:
                await _blame(house.parts)
                raise


async def _follow(house: House, api: httpx.AsyncClient, narrator: Narrator) -> Outcome:
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(_narrate(house, narrator))
        guards = [tasks.create_task(_guard(part)) for part in house.parts]
        caller = Caller(number=CALLER, speech=mu_law(SPEECH / "sense-and-sensibility.wav"))
        call = await house.twilio.ring(caller, to=OUR_NUMBER)
        watching = tasks.create_task(_watch(api, call, narrator))
        await call.ended()
        await _within(STEP_LIMIT_S, watching, "the live text did not end")
        outcome = await _outcome(house, api, call)
        for task in (telling, *guards):
            task.cancel()
    return outcome


async def _guard(part: Part) -> NoReturn:
    """Raises: DemoError when *part* ends."""
    code = await part.ended()
    raise DemoError(f"{part.log.stem} ended with exit code {code} in the middle of it; see {part.log}")


async def _blame(parts: Iterable[Part]) -> None:
    """Wait a moment for a part that has died: that it gives no answer is noticed before that it has ended.

    Raises: DemoError, in a group, when one has.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DEATH_S), asyncio.TaskGroup() as tasks:
            for part in parts:
                tasks.create_task(_guard(part))


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """Turn what the far ends' libraries raise in the block into DemoError."""
    try:
        yield
    except* httpx.HTTPStatusError as failures:
        raise DemoError(f"the API refused: {_first(failures)}; see .local/logs/") from failures
    except* (httpx.HTTPError, OSError) as failures:
        raise DemoError(f"a part does not answer ({_first(failures)}); see .local/logs/") from failures
    except* WebSocketException as failures:
        raise DemoError(f"the live text broke off ({_first(failures)}); see .local/logs/") from failures
    except* (BotoCoreError, ClientError) as failures:
        raise DemoError(f"the simulated AWS failed ({_first(failures)}); see .local/logs/") from failures


def _first(failures: BaseExceptionGroup[BaseException]) -> str:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else str(first) or type(first).__name__


async def _narrate(house: House, narrator: Narrator) -> None:
    async for event in house.twilio.subscribe():
        narrator.event(event)


async def _watch(api: httpx.AsyncClient, call: Call, narrator: Narrator) -> None:
    await _eventually(lambda: _is_there(api, f"/api/calls/{call.sid}"), "the call is not in the archive")
    async for caption in captions(api, call.sid):
        narrator.caption(caption)


async def _outcome(house: House, api: httpx.AsyncClient, call: Call) -> Outcome:
    async def sms() -> MessageSent | None:
        return next((event for event in house.twilio.events if isinstance(event, MessageSent)), None)

    async def mail() -> Mail | None:
        found = await asyncio.to_thread(read_mail, house.aws_endpoint, house.resources.topic_arn)
        return found[0] if found else None

    async def audio() -> bytes | None:
        answer = await api.get(f"/api/calls/{call.sid}/audio")
        if answer.status_code != httpx.codes.OK:
            return None
        async with loopback.client() as bucket:  # the address is the permission
            return (await bucket.get(answer.json()["url"])).content

    sent = await _eventually(sms, "no SMS was sent")
    mailed = await _eventually(mail, "no e-mail was sent")
    sound = await _eventually(audio, "the recording can't be heard through the API")
    transcript = (await api.get(f"/api/calls/{call.sid}/transcript")).raise_for_status()
    text = (await api.get(f"/api/calls/{call.sid}/transcript", params={"format": "text"})).raise_for_status()
    ended = next(event for event in call.events if isinstance(event, CallEnded))
    sms_ms = (sent.at - ended.at).total_seconds() * 1000
    return Outcome(mailed, transcript.json(), text.text, len(sound), sms_ms)


def _show(console: Console, narrator: Narrator, outcome: Outcome) -> None:
    narrator.say("e-mail", f"to {outcome.mail.address}: {outcome.mail.subject}")
    narrator.block(outcome.mail.body)
    narrator.say("recording", f"in the bucket, {outcome.recording_bytes} bytes of WAV")
    narrator.say("API", f"GET /api/calls/{outcome.transcript['call_sid']}/transcript?format=text")
    narrator.block(outcome.transcript_text)
    said = (SPEECH / "sense-and-sensibility.txt").read_text()
    heard = " ".join(utterance["text"] for utterance in outcome.transcript["utterances"])
    error_rate = word_error_rate(said, heard)
    table = Table("what", "figure", "must be", title="The call in figures")
    table.add_row("words written", f"{len(words(heard))} of {len(words(said))} spoken", "")
    table.add_row("word error rate", f"{error_rate:.1%}", f"under {MAX_WORD_ERROR_RATE:.0%}")
    shares = []
    for track in outcome.transcript["coverage"]:
        shares.append(track["transcribed_ms"] / track["received_ms"])
        figure = f"{shares[-1]:.1%} of {track['received_ms']} ms"
        table.add_row(f"coverage, {track['track']}", figure, "100.0%")
    table.add_row("hang-up to SMS", f"{outcome.sms_ms:.0f} ms", f"under {MAX_SMS_MS} ms")
    console.print(table)
    if error_rate >= MAX_WORD_ERROR_RATE:
        raise DemoError(f"the word error rate is {error_rate:.1%}")
    if not shares or min(shares) < 1:
        raise DemoError("sound came in that was not put in writing")
    if outcome.sms_ms >= MAX_SMS_MS:
        raise DemoError(f"the SMS left {outcome.sms_ms:.0f} ms after the hang-up")
    console.print("[bold green]Every step worked.[/bold green] Keep it running with [bold]make local[/bold].")


async def _is_there(api: httpx.AsyncClient, path: str) -> bool | None:
    return (await api.get(path)).status_code == httpx.codes.OK or None


async def _eventually(ask: Callable[[], Awaitable[T | None]], otherwise: str) -> T:
    return await _within(STEP_LIMIT_S, anext(_answers(ask)), otherwise)


async def _answers(ask: Callable[[], Awaitable[T | None]]) -> AsyncIterator[T]:
    while True:
        answer = await ask()
        if answer is not None:
            yield answer
        await asyncio.sleep(0.1)


async def _within(limit_s: float, what: Awaitable[T], otherwise: str) -> T:
    try:
        async with asyncio.timeout(limit_s):
            return await what
    except TimeoutError:
        raise DemoError(f"{otherwise} within {limit_s} s; see .local/logs/") from None
