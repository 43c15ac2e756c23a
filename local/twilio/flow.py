"""The way of one call through the product's documents, from the first webhook to the hang-up."""

from typing import assert_never

from local.twilio.call import Call, CallStatus
from local.twilio.dial import dial
from local.twilio.events import CallRinging, TwimlAnswered, VerbRunning
from local.twilio.exchange import Exchange, rfc2822
from local.twilio.gather import gather
from local.twilio.line import HungUpError
from local.twilio.playback import pass_time
from local.twilio.record import record
from local.twilio.scene import End, Goto, Outcome, Scene
from local.twilio.streams import start_stream, stop_stream
from local.twilio.twiml import SCHEMA_WARNING, Document, TwimlError, parse
from local.twilio.verbs import (
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    StartStream,
    StopStream,
    Verb,
)
from local.twilio.webhooks import Answer, WebhookError

MAX_DOCUMENTS = 200
"""A call whose documents lead to each other this often is taken for a loop (11215)."""

_XML_TYPES = ("text/xml", "application/xml", "text/html")


class CallFlow:
    """Carries *call* from its voice webhook to its end."""

    def __init__(self, exchange: Exchange, call: Call) -> None:
        self._exchange = exchange
        self._call = call

    async def run(self) -> None:
        """Fetch documents and carry them out until the line is dead."""
        exchange, call = self._exchange, self._call
        exchange.log.publish(CallRinging(at=call.began_at, call_sid=call.sid, from_=call.from_, to=call.to))
        try:
            await exchange.clock.sleep(exchange.quirks.answer_delay_ms)
            await self._documents(Goto(call.number.voice_url, call.number.voice_method))
        except HungUpError:
            pass
        except (TwimlError, WebhookError) as exc:
            call.outcome = None if call.is_over else CallStatus.FAILED
            exchange.warn(exc.code, exc.text, call_sid=call.sid)
        call.line.hang_up(exchange.clock.next_ms())

    async def attend_end(self) -> None:
        """Wait for the line to go dead, then end the call and say so to the number's status callback."""
        exchange, call = self._exchange, self._call
        while not call.is_over and exchange.clock.now_ms() < call.line.ends_at_ms:
            await exchange.clock.wait(call.line.changed, until_ms=call.line.ends_at_ms)
        call.complete()
        await exchange.call_back(
            call.number.status_callback,
            call.params(exchange.account.sid) | call.status_params(rfc2822(exchange.clock.now())),
            purpose="call status",
            method=call.number.status_callback_method,
            call_sid=call.sid,
        )

    async def _documents(self, goto: Goto) -> None:
        for _ in range(MAX_DOCUMENTS):
            scene, document = await self._read(goto)
            if self._call.is_over:
                return
            outcome = await self._carry_out(scene, document)
            if not isinstance(outcome, Goto):
                if self._call.outcome is None:
                    self._call.answer()
                return
            goto = outcome
        raise TwimlError(11_215, f"more than {MAX_DOCUMENTS} documents in one call")

    async def _read(self, goto: Goto) -> tuple[Scene, Document]:
        try:
            return await self._fetch(goto)
        except (TwimlError, WebhookError) as exc:
            number = self._call.number
            if self._call.is_over or not number.voice_fallback_url:
                raise
            self._exchange.warn(exc.code, exc.text, call_sid=self._call.sid)
            trouble = {"ErrorCode": str(exc.code), "ErrorUrl": goto.url}
        return await self._fetch(Goto(number.voice_fallback_url, number.voice_fallback_method, trouble))

    async def _fetch(self, goto: Goto) -> tuple[Scene, Document]:
        exchange, call = self._exchange, self._call
        answer = await exchange.webhooks.send(
            goto.url,
            call.params(exchange.account.sid) | dict(goto.params),
            purpose="twiml",
            method=goto.method,
            call_sid=call.sid,
        )
        document = _document(answer)
        xml = answer.content.decode(errors="replace")
        exchange.log.publish(TwimlAnswered(at=exchange.clock.now(), call_sid=call.sid, xml=xml))
        for text in document.warnings:
            exchange.warn(SCHEMA_WARNING, text, call_sid=call.sid)
        return Scene(exchange, call, answer.url), document

    async def _carry_out(self, scene: Scene, document: Document) -> Outcome:
        for position, verb in enumerate(document.verbs):
            await scene.pause(0)
            exchange = self._exchange
            name = type(verb).__name__
            exchange.log.publish(VerbRunning(at=exchange.clock.now(), call_sid=self._call.sid, verb=name))
            self._pick_up(verb)
            outcome = await self._perform(scene, verb, position)
            if outcome is not None:
                return outcome
        return None

    def _pick_up(self, verb: Verb) -> None:
        if not isinstance(verb, Pause | Redirect | Reject | StartStream | StopStream | Dial):
            self._call.answer()

    async def _perform(self, scene: Scene, verb: Verb, position: int) -> Outcome:
        match verb:
            case Say() | Play() | Pause():
                await pass_time(scene, verb)
            case Record() | Dial() | Gather():
                return await _ask(scene, verb)
            case StartStream() | StopStream():
                _fork(scene, verb)
            case Redirect():
                return Goto(scene.resolve(verb.url), verb.method)
            case Hangup():
                return End()
            case Reject():
                return self._reject(scene, verb, position)
            case _:
                assert_never(verb)
        return None

    def _reject(self, scene: Scene, verb: Reject, position: int) -> Outcome:
        if position or self._call.answered_ms is not None:
            scene.warn(SCHEMA_WARNING, "<Reject> must be the first verb")
            return End()
        self._call.outcome = CallStatus.BUSY if verb.reason == "busy" else CallStatus.FAILED
        return End()


async def _ask(scene: Scene, verb: Record | Dial | Gather) -> Outcome:
    match verb:
        case Record():
            return await record(scene, verb)
        case Dial():
            return await dial(scene, verb)
        case Gather():
            return await gather(scene, verb)
        case _:
            assert_never(verb)


def _document(answer: Answer) -> Document:
    if answer.content_type in _XML_TYPES:
        return parse(answer.content)
    if answer.content_type == "text/plain":
        try:
            return parse(answer.content)
        except TwimlError:
            return Document(verbs=(Say(text=answer.content.decode(errors="replace")),), warnings=())
    if answer.content_type.startswith("audio/"):
        return Document(verbs=(Play(url=answer.url),), warnings=())
    raise TwimlError(12_300, f"the content type {answer.content_type!r} is neither TwiML nor sound")


def _fork(scene: Scene, verb: StartStream | StopStream) -> None:
    if isinstance(verb, StartStream):
        start_stream(scene.exchange, scene.call, verb, document_url=scene.document_url)
    elif not stop_stream(scene.call, verb.name):
        scene.warn(SCHEMA_WARNING, f"there is no stream named {verb.name!r}")
