"""The IncomingPhoneNumbers resource: which numbers there are, and what answers them.

Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.twilio.call import API_VERSION
from local.twilio.exchange import Exchange
from local.twilio.numbers import OwnNumber
from local.twilio.rest import Form, Json, RestError, RestGate, not_found, page

_METHODS = ("VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod", "SmsMethod")
_PROPERTIES = {
    "FriendlyName": "friendly_name",
    "SmsMethod": "sms_method",
    "SmsUrl": "sms_url",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceMethod": "voice_method",
    "VoiceUrl": "voice_url",
}


class NumbersResource:
    """Lists the account's numbers and points them at somebody else."""

    def __init__(self, gate: RestGate) -> None:
        self._exchange = gate.exchange
        self.routes: list[Route] = [
            gate.route("/IncomingPhoneNumbers.json", self._list, "GET"),
            gate.route("/IncomingPhoneNumbers/{sid}.json", self._fetch, "GET"),
            gate.route("/IncomingPhoneNumbers/{sid}.json", self._update, "POST"),
        ]

    async def _list(self, request: Request, form: Form) -> Response:
        wanted = [number for number in self._exchange.numbers.values() if form.get("PhoneNumber", "") in number.number]
        return page(request, form, "incoming_phone_numbers", [_json(self._exchange, number) for number in wanted])

    async def _fetch(self, request: Request, _: Form) -> Response:
        return JSONResponse(_json(self._exchange, self._number(request)))

    async def _update(self, request: Request, form: Form) -> Response:
        number = self._number(request)
        for name in _METHODS:
            if form.get(name, "POST") not in ("GET", "POST"):
                raise RestError(400, 20_001, f"{name} must be GET or POST")
        for name, attribute in _PROPERTIES.items():
            if name in form:
                setattr(number, attribute, form[name])
        return JSONResponse(_json(self._exchange, number))

    def _number(self, request: Request) -> OwnNumber:
        for number in self._exchange.numbers.values():
            if number.sid == request.path_params["sid"]:
                return number
        raise not_found(request)


def _json(exchange: Exchange, number: OwnNumber) -> Json:
    properties = {attribute: getattr(number, attribute) for attribute in _PROPERTIES.values()}
    return properties | {
        "sid": number.sid,
        "account_sid": exchange.account.sid,
        "api_version": API_VERSION,
        "capabilities": {"fax": False, "mms": True, "sms": True, "voice": True},
        "phone_number": number.number,
        "origin": "twilio",
        "status": "in-use",
        "sms_application_sid": "",
        "trunk_sid": None,
        "voice_application_sid": "",
        "voice_caller_id_lookup": False,
        "uri": f"/{API_VERSION}/Accounts/{exchange.account.sid}/IncomingPhoneNumbers/{number.sid}.json",
    }
