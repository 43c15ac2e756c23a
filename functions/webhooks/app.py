"""App: the webhooks over HTTP. Whatever fails, a caller is not hung up on."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.webhooks.gate import Gate, RefusedError, Webhook, receive
from functions.webhooks.phrases import Phrases
from functions.webhooks.ports import WebhookPorts
from functions.webhooks.routes import Routes
from telephony.answering import Answer
from telephony.errors import UpstreamError, WireError
from telephony.log import logger
from telephony.metrics import Meter, Metric
from telephony.phrases import PHRASES_PATH
from telephony.ports.services import Clock
from telephony.settings import WebhookSettings
from telephony.wire import twiml
from telephony.wire.form import Form
from telephony.wire.webhooks import WebhookPath

Act = Callable[[Webhook], Answer | None]
"""Does what a webhook asks for; None when Twilio does not ask what to do."""

Rescue = Callable[[Form], Answer | None]
"""Finds an answer when that failed; None when the failure has to be told to Twilio, so that it tries again."""

_SID_CHARS: Final = 34
_MAX_LOGGED_NAMES: Final = 60
_MAX_LOGGED_CHARS: Final = 40
"""A stranger chooses how many names a form has and how long they are; Twilio sends about 30 of up to 20."""


def create_app(settings: WebhookSettings, ports: WebhookPorts) -> Starlette:
    """Return the application."""
    routes = Routes(ports, settings.has_streamer)
    phrases = Phrases(ports.secrets, ports.open_audio, ports.directory)
    addresses = twiml.Addresses(settings.public_origin, settings.media_url, phrases.name)
    edge = _Edge(Gate(settings.public_origin, ports.secrets), addresses, ports.meter, ports.clock)
    acts: tuple[tuple[WebhookPath, Act, Rescue], ...] = (
        (WebhookPath.VOICE, routes.voice, routes.blind_voice),
        (WebhookPath.FALLBACK, routes.fallback, routes.blind_voice),
        (WebhookPath.CALLED, routes.called, routes.blind_voice),
        (WebhookPath.DIALED, routes.dialed, routes.blind_dialed),
        (WebhookPath.ANNOUNCED, routes.announced, routes.blind_voice),
        (WebhookPath.CONSENTED, routes.consented, routes.blind_consented),
        (WebhookPath.RECORDED, routes.recorded, routes.blind_recorded),
        (WebhookPath.RECORDING, routes.recording, _tell),
        (WebhookPath.STATUS, routes.status, _tell),
        (WebhookPath.STREAM, routes.stream, _tell),
        (WebhookPath.SMS, routes.sms, _tell),
    )
    app = Starlette(
        routes=[
            *(Route(path, edge.endpoint(path, act, rescue), methods=["POST"]) for path, act, rescue in acts),
            Route(f"{PHRASES_PATH}{{name}}", phrases.serve, methods=["GET"]),
        ]
    )
    app.router.redirect_slashes = False
    return app


def _tell(_: Form) -> None:
    """Leave the failure to Twilio, which repeats a callback that fails."""


class _Edge:
    """The outermost edge of a request: what is let in, what goes wrong, and the one line that is logged of it."""

    def __init__(self, gate: Gate, addresses: twiml.Addresses, meter: Meter, clock: Clock) -> None:
        self._gate = gate
        self._addresses = addresses
        self._meter = meter
        self._clock = clock

    def endpoint(self, path: WebhookPath, act: Act, rescue: Rescue) -> Callable[[Request], Awaitable[Response]]:
        """Return what FastAPI calls."""

        async def serve(request: Request) -> Response:
            try:
                webhook = await receive(request)
            except RefusedError as exc:
                return self._refusal(exc, Form())
            # The stores wait for AWS, and nothing else waits meanwhile: Lambda gives a process one request at a time.
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(path=path)
            return self._serve(webhook, act, rescue)

        return serve

    def _serve(self, webhook: Webhook, act: Act, rescue: Rescue) -> Response:
        began_at = self._clock.now()
        response = self._attempt(webhook, act, rescue)
        took_ms = round((self._clock.now() - began_at).total_seconds() * 1_000)
        logger().info("webhook-answered", status=response.status_code, took_ms=took_ms)
        return response

    def _attempt(self, webhook: Webhook, act: Act, rescue: Rescue) -> Response:
        try:
            self._gate.admit(webhook)
            structlog.contextvars.bind_contextvars(call_sid=webhook.form.get("CallSid")[:_SID_CHARS])
            return self._response(act(webhook))
        except RefusedError as exc:
            return self._refusal(exc, webhook.form)
        except Exception as exc:  # noqa: BLE001 - the outermost edge of a request
            status = _log_failure(exc)
            # Also when the credentials could not be read: the answer then holds nothing but what was asked, and
            # nothing was stored.
            answer = rescue(webhook.form)
            return Response(status_code=status) if answer is None else self._response(answer)

    def _refusal(self, exc: RefusedError, form: Form) -> Response:
        names = [name[:_MAX_LOGGED_CHARS] for name in form.names[:_MAX_LOGGED_NAMES]]
        logger().warning("webhook-refused", reason=exc.reason, parameters=names)
        self._meter.add(Metric.WEBHOOK_REFUSED)
        return Response(status_code=exc.status)

    def _response(self, answer: Answer | None) -> Response:
        if answer is None:
            return Response(status_code=HTTPStatus.NO_CONTENT, media_type=twiml.CONTENT_TYPE)
        return Response(twiml.write(answer, self._addresses), media_type=twiml.CONTENT_TYPE)


def _log_failure(exc: Exception) -> HTTPStatus:
    """Log *exc*, and return the status that tells Twilio whether trying again can help."""
    match exc:
        case WireError():
            logger().warning("webhook-not-understood", trouble=str(exc))
            return HTTPStatus.BAD_REQUEST
        case UpstreamError():
            logger().error("webhook-failed", service=exc.service, code=exc.code)
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            logger().error("webhook-failed", exc_info=exc)
            return HTTPStatus.INTERNAL_SERVER_ERROR
