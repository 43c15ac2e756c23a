"""The Recordings resource: metadata, media and deletion.

Source: https://www.twilio.com/docs/voice/api/recording
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.twilio import mulaw
from local.twilio.call import API_VERSION
from local.twilio.exchange import Exchange, rfc2822
from local.twilio.recordings import Recording, RecordingStatus
from local.twilio.rest import Form, Json, RestError, RestGate, not_found, page


class RecordingsResource:
    """Serves recordings once they are ready; the real one asks for credentials only when told to, this one always."""

    def __init__(self, gate: RestGate) -> None:
        self._exchange = gate.exchange
        self.routes: list[Route] = [
            gate.route("/Recordings.json", self._list, "GET"),
            gate.route("/Calls/{call}/Recordings.json", self._list, "GET"),
            gate.route("/Recordings/{sid}.json", self._fetch, "GET"),
            gate.route("/Recordings/{sid}.json", self._delete, "DELETE"),
            gate.route("/Calls/{call}/Recordings/{sid}.json", self._update, "POST"),
            gate.route("/Recordings/{sid}.wav", self._media, "GET"),
            gate.route("/Recordings/{sid}", self._media, "GET"),
        ]

    async def _list(self, request: Request, form: Form) -> Response:
        call_sid = request.path_params.get("call") or form.get("CallSid")
        if "call" in request.path_params and call_sid not in self._exchange.calls:
            raise not_found(request)
        wanted = [
            recording
            for recording in reversed(self._exchange.recordings.values())
            if call_sid in (None, recording.call_sid)
        ]
        return page(request, form, "recordings", [_json(self._exchange, recording) for recording in wanted])

    async def _fetch(self, request: Request, _: Form) -> Response:
        return JSONResponse(_json(self._exchange, self._recording(request)))

    async def _update(self, request: Request, form: Form) -> Response:
        """Hold a recording that goes on, or let it go on; the default behaviour of a pause is silence."""
        recording = self._current(request)
        if not self._exchange.quirks.holds_record_verb:
            raise RestError(400, 21_220, "Requested resource is not eligible for update")
        now_ms = self._exchange.clock.next_ms()
        match form.get("Status"), form.get("PauseBehavior", "silence"):
            case "paused", "silence":
                recording.pause(now_ms)
            case "in-progress", _:
                recording.resume(now_ms)
            case _:
                raise RestError(400, 20_001, "this simulator pauses with silence, and goes on")
        shown = RecordingStatus.PAUSED if recording.is_paused else RecordingStatus.IN_PROGRESS
        return JSONResponse(_json(self._exchange, recording) | {"status": shown})

    def _current(self, request: Request) -> Recording:
        call_sid, sid = request.path_params["call"], request.path_params["sid"]
        live = [
            each
            for each in self._exchange.recordings.values()
            if each.call_sid == call_sid and each.status is RecordingStatus.IN_PROGRESS
        ]
        found = [each for each in live if sid in (each.sid, "Twilio.CURRENT")]
        if len(found) != 1:
            raise not_found(request)
        return found[0]

    async def _delete(self, request: Request, _: Form) -> Response:
        recording = self._recording(request)
        if recording.status is not RecordingStatus.COMPLETED:
            raise RestError(400, 21_220, "only a completed recording can be deleted")
        del self._exchange.recordings[recording.sid]
        return Response(status_code=204)

    async def _media(self, request: Request, form: Form) -> Response:
        recording = self._recording(request)
        if recording.status is not RecordingStatus.COMPLETED:
            raise not_found(request)
        if form.get("RequestedChannels", "1") != "1":
            raise RestError(400, 21_220, "the recording has one channel only")
        faults = self._exchange.faults
        if recording.refusals:
            recording.refusals -= 1
            raise not_found(request)
        media = mulaw.wav(recording.audio) if faults.recording_media is None else faults.recording_media
        return Response(media[: len(media) // 2] if faults.truncate_recordings else media, media_type="audio/x-wav")

    def _recording(self, request: Request) -> Recording:
        recording = self._exchange.recordings.get(request.path_params["sid"])
        if recording is None:
            raise not_found(request)
        return recording


def _json(exchange: Exchange, recording: Recording) -> Json:
    done = recording.status is RecordingStatus.COMPLETED
    uri = f"/{API_VERSION}/Accounts/{exchange.account.sid}/Recordings/{recording.sid}"
    at = rfc2822(recording.started_at)
    return {
        "sid": recording.sid,
        "account_sid": exchange.account.sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "date_created": at,
        "date_updated": at,
        "start_time": at,
        "duration": str(recording.duration_s) if done else None,
        "price": None,
        "price_unit": "USD",
        "status": recording.status,
        "channels": 1,
        "source": recording.source,
        "error_code": None,
        "encryption_details": None,
        "track": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"transcriptions": f"{uri}/Transcriptions.json"},
        "media_url": recording.url if done else None,
    }
