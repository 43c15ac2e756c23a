"""The Calls resource with its Recordings and Streams.

Source: https://www.twilio.com/docs/voice/api/call-resource
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.twilio.call import API_VERSION, Call, CallStatus, LiveStream
from local.twilio.exchange import Exchange, rfc2822
from local.twilio.outgoing import dial_out
from local.twilio.rest import Form, Json, RestError, RestGate, not_found, page
from local.twilio.sids import E164
from local.twilio.streams import start_stream, stop_stream
from local.twilio.verbs import StartStream

MAX_STREAM_PARAMETERS = 99


class CallsResource:
    """Shows calls, hangs them up, and starts and stops their media streams."""

    def __init__(self, gate: RestGate) -> None:
        self._exchange = gate.exchange
        self.routes: list[Route] = [
            gate.route("/Calls.json", self._list, "GET"),
            gate.route("/Calls.json", self._create, "POST"),
            gate.route("/Calls/{call}/Streams.json", self._start_stream, "POST"),
            gate.route("/Calls/{call}/Streams/{stream}.json", self._stop_stream, "POST"),
            gate.route("/Calls/{call}.json", self._fetch, "GET"),
            gate.route("/Calls/{call}.json", self._update, "POST"),
        ]

    async def _list(self, request: Request, form: Form) -> Response:
        wanted = [
            call
            for call in reversed(self._exchange.calls.values())
            if form.get("To", call.to) == call.to
            and form.get("From", call.from_) == call.from_
            and form.get("Status", call.status) == call.status
        ]
        return page(request, form, "calls", [_json(self._exchange, call) for call in wanted])

    async def _create(self, _: Request, form: Form) -> Response:
        """Ring somebody who is not one of our numbers, from one that is."""
        own = self._exchange.numbers.get(form.get("From", ""))
        if own is None:
            raise RestError(400, 21_212, "The 'From' number is not a valid phone number, or is not yours.")
        if not E164.fullmatch(form.get("To", "")):
            raise RestError(400, 21_211, "The 'To' number is not a valid phone number.")
        if not form.get("Url"):
            raise RestError(400, 21_205, "Url is required; this simulator takes no Twiml and no ApplicationSid.")
        call = dial_out(self._exchange, own, form)
        return JSONResponse(_json(self._exchange, call) | {"status": CallStatus.QUEUED}, status_code=201)

    async def _fetch(self, request: Request, _: Form) -> Response:
        return JSONResponse(_json(self._exchange, self._call(request)))

    async def _update(self, request: Request, form: Form) -> Response:
        call = self._call(request)
        if form.get("Status") not in ("completed", "canceled"):
            raise RestError(400, 21_218, "this simulator only updates a call's Status, to completed or canceled")
        if call.is_over:
            raise RestError(400, 21_220, "Call is not in-progress. Cannot redirect.")
        call.line.hang_up(self._exchange.clock.next_ms())
        await call.ended()
        return JSONResponse(_json(self._exchange, call))

    async def _start_stream(self, request: Request, form: Form) -> Response:
        call = self._call(request)
        if call.is_over:
            raise RestError(400, 21_220, "Call is not in-progress.")
        if not form.get("Url"):
            raise RestError(400, 21_205, "Url is required.")
        noun = StartStream(
            url=form["Url"],
            name=form.get("Name", ""),
            track=form.get("Track", "inbound_track"),
            callback=form.get("StatusCallback", ""),
            callback_method=form.get("StatusCallbackMethod", "POST"),
            parameters={
                form[f"Parameter{index}.Name"]: form.get(f"Parameter{index}.Value", "")
                for index in range(1, MAX_STREAM_PARAMETERS + 1)
                if f"Parameter{index}.Name" in form
            },
        )
        stream = start_stream(self._exchange, call, noun, document_url="")
        if stream is None:
            raise RestError(400, 20_001, self._exchange.warnings[-1].text)
        return JSONResponse(self._stream_json(call, stream, noun.name), status_code=201)

    async def _stop_stream(self, request: Request, form: Form) -> Response:
        call, name = self._call(request), request.path_params["stream"]
        if form.get("Status") != "stopped":
            raise RestError(400, 20_001, "a stream's Status can only become stopped")
        stream = next((stream for stream in call.streams if name in (stream.name, stream.sid)), None)
        if stream is None or not stop_stream(call, name):
            raise not_found(request)
        return JSONResponse(self._stream_json(call, stream, stream.name, status="stopped"))

    def _call(self, request: Request) -> Call:
        call = self._exchange.calls.get(request.path_params["call"])
        if call is None:
            raise not_found(request)
        return call

    def _stream_json(self, call: Call, stream: LiveStream, name: str, *, status: str = "in-progress") -> Json:
        account = self._exchange.account.sid
        return {
            "account_sid": account,
            "call_sid": call.sid,
            "sid": stream.sid,
            "name": name or None,
            "status": status,
            "date_updated": rfc2822(self._exchange.clock.now()),
            "uri": f"/{API_VERSION}/Accounts/{account}/Calls/{call.sid}/Streams/{stream.sid}.json",
        }


def _json(exchange: Exchange, call: Call) -> Json:
    uri = f"/{API_VERSION}/Accounts/{exchange.account.sid}/Calls/{call.sid}"
    began, ended = rfc2822(call.began_at), rfc2822(call.hung_up_at) if call.hung_up_at else None
    return {
        "sid": call.sid,
        "account_sid": exchange.account.sid,
        "annotation": None,
        "answered_by": None,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": began,
        "date_updated": ended or began,
        "direction": call.direction,
        "duration": str(call.duration_s) if call.is_over else None,
        "end_time": ended,
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": call.number.sid,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "start_time": began,
        "status": call.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json", "streams": f"{uri}/Streams.json"},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }
