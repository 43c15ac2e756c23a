"""The Messages resource: what is refused, and the way of what is not.

Source: https://www.twilio.com/docs/messaging/api/message-resource
"""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.twilio.call import API_VERSION
from local.twilio.events import MessageSent
from local.twilio.exchange import Exchange, rfc2822
from local.twilio.messages import MAX_BODY_CHARS, Message, MessageStatus
from local.twilio.rest import Form, Json, RestError, RestGate, not_found, page
from local.twilio.sids import E164, new_sid

LOST_ANSWER_S = 12
"""Real seconds; longer than any client waits."""


class MessagesResource:
    """Takes messages over, tells their status callbacks how they fare, and lists them."""

    def __init__(self, gate: RestGate) -> None:
        self._exchange = gate.exchange
        self.routes: list[Route] = [
            gate.route("/Messages.json", self._create, "POST"),
            gate.route("/Messages.json", self._list, "GET"),
            gate.route("/Messages/{sid}.json", self._fetch, "GET"),
            gate.route("/Messages/{sid}.json", self._delete, "DELETE"),
        ]

    async def _create(self, _: Request, form: Form) -> Response:
        exchange = self._exchange
        _check(form, exchange)
        message = Message(
            sid=new_sid("SM"),
            to=form["To"],
            from_=form["From"],
            body=form["Body"],
            created_at=exchange.clock.now(),
            status_callback=form.get("StatusCallback", ""),
        )
        exchange.messages.append(message)
        exchange.log.publish(
            MessageSent(
                at=message.created_at,
                message_sid=message.sid,
                to=message.to,
                from_=message.from_,
                body=message.body,
            )
        )
        answer = JSONResponse(_json(exchange, message), status_code=201)
        exchange.spawn(_deliver(exchange, message))
        if exchange.faults.lose_sms_answers:
            await asyncio.sleep(LOST_ANSWER_S)
        return answer

    async def _list(self, request: Request, form: Form) -> Response:
        wanted = [
            message
            for message in reversed(self._exchange.messages)
            if form.get("To", message.to) == message.to and form.get("From", message.from_) == message.from_
        ]
        return page(request, form, "messages", [_json(self._exchange, message) for message in wanted])

    async def _fetch(self, request: Request, _: Form) -> Response:
        return JSONResponse(_json(self._exchange, self._message(request)))

    async def _delete(self, request: Request, _: Form) -> Response:
        message = self._message(request)
        if message.status is not MessageStatus.DELIVERED:
            raise RestError(409, 20_009, "a message can be deleted when it has arrived, or failed to")
        self._exchange.messages.remove(message)
        return Response(status_code=204)

    def _message(self, request: Request) -> Message:
        for message in self._exchange.messages:
            if message.sid == request.path_params["sid"]:
                return message
        raise not_found(request)


def _check(form: Form, exchange: Exchange) -> None:
    to = form.get("To", "")
    if not to:
        raise RestError(400, 21_604, "A 'To' phone number is required.")
    if not form.get("From"):
        raise RestError(400, 21_603, "A 'From' phone number is required.")
    if not form.get("Body"):
        raise RestError(400, 21_602, "Message body is required.")
    if not E164.fullmatch(to):
        raise RestError(400, 21_211, f"Invalid 'To' Phone Number: {to}")
    if not E164.fullmatch(form["From"]):
        raise RestError(400, 21_212, f"Invalid 'From' Phone Number: {form['From']}")
    if form["From"] not in exchange.numbers:
        raise RestError(400, 21_606, f"The 'From' phone number {form['From']} is not one of the account's.")
    if len(form["Body"]) > MAX_BODY_CHARS:
        raise RestError(400, 21_617, f"The message body has more than {MAX_BODY_CHARS} characters.")
    if to in exchange.opted_out:
        raise RestError(400, 21_610, "The recipient has unsubscribed from this number's messages.")


async def _deliver(exchange: Exchange, message: Message) -> None:
    for status in (MessageStatus.SENT, MessageStatus.DELIVERED):
        await exchange.clock.sleep(exchange.quirks.message_step_ms)
        message.status = status
        params = {
            "AccountSid": exchange.account.sid,
            "ApiVersion": API_VERSION,
            "From": message.from_,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        if status is MessageStatus.DELIVERED:
            params["RawDlrDoneDate"] = exchange.clock.now().strftime("%y%m%d%H%M%S")
        await exchange.call_back(message.status_callback, params, purpose=f"message {status}")


def _json(exchange: Exchange, message: Message) -> Json:
    uri = f"/{API_VERSION}/Accounts/{exchange.account.sid}/Messages/{message.sid}"
    queued = message.status is MessageStatus.QUEUED
    return {
        "sid": message.sid,
        "account_sid": exchange.account.sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": None if queued else rfc2822(message.created_at),
        "date_updated": rfc2822(message.created_at),
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": message.from_,
        "to": message.to,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "uri": f"{uri}.json",
    }
