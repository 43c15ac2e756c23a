"""The stream: does the way of the sound lead to the streamer, and only for whoever may use it?"""

import json
import secrets
from http import HTTPStatus
from typing import Final

from twilio.request_validator import RequestValidator
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from operations.checks.finding import Finding
from operations.checks.instruments import WAIT_S, Instruments
from telephony.wire.callbacks import TICKET_PARAMETER
from telephony.wire.signature import SIGNATURE_HEADER

SUBJECT: Final = "media stream"
REFUSED_TICKET: Final = 1008
"""Policy violation. Source: RFC 6455, section 7.4.1."""

_LOG: Final = "look at the streamer's log and at its service's events in ECS"


def check_stream(instruments: Instruments) -> list[Finding]:
    """Open a stream unsigned, which must be refused; then signed, and show a ticket that is none."""
    url = instruments.deployment.media_url
    if url is None:
        return []
    signature = RequestValidator(instruments.twilio.auth_tokens[0]).compute_signature(url, {})
    return [_unsigned(url), _signed(url, signature)]


def _unsigned(url: str) -> Finding:
    subject = f"{SUBJECT} without a signature"
    status = _refusal(url, "")
    if status == HTTPStatus.FORBIDDEN:
        return Finding(subject)
    if status is None:
        return Finding(subject, f"{url} lets in whoever comes", "something answers for the streamer: take it away")
    return Finding(subject, f"{url} answers {status} in place of 403", _LOG)


def _refusal(url: str, signature: str) -> int | str | None:
    """Return the status of a refused upgrade, or why there was none; None when it was not refused."""
    try:
        with _open(url, signature):
            return None
    except InvalidStatus as exc:
        return exc.response.status_code
    except (InvalidHandshake, OSError, TimeoutError) as exc:
        return f"nothing ({type(exc).__name__})"


def _signed(url: str, signature: str) -> Finding:
    try:
        with _open(url, signature) as stream:
            return _of_close(_offer(stream))
    except InvalidStatus as exc:
        return _of_status(exc.response.status_code, url)
    except (InvalidHandshake, OSError, TimeoutError) as exc:
        return Finding(SUBJECT, f"{url} cannot be opened ({type(exc).__name__})", _LOG)


def _open(url: str, signature: str) -> ClientConnection:
    headers = {SIGNATURE_HEADER: signature} if signature else {}
    return connect(url, additional_headers=headers, open_timeout=WAIT_S, close_timeout=WAIT_S)


def _offer(stream: ClientConnection) -> int | None:
    """Begin a stream with a ticket that nobody issued, and return the code with which it is closed."""
    stream_sid, call_sid = f"MZ{secrets.token_hex(16)}", f"CA{secrets.token_hex(16)}"
    start = {
        "accountSid": f"AC{'0' * 32}",
        "streamSid": stream_sid,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "customParameters": {TICKET_PARAMETER: "the doctor has none"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8_000, "channels": 1},
    }
    try:
        stream.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        stream.send(json.dumps({"event": "start", "sequenceNumber": "1", "streamSid": stream_sid, "start": start}))
        stream.recv(timeout=WAIT_S)
    except ConnectionClosed as exc:
        return exc.rcvd.code if exc.rcvd else None
    except TimeoutError:
        return None
    return None


def _of_close(code: int | None) -> Finding:
    if code == REFUSED_TICKET:
        return Finding(SUBJECT)
    how = f"is closed with {code}" if code else "is not closed"
    wrong = f"a stream with a ticket that nobody issued {how}, in place of {REFUSED_TICKET}"
    return Finding(SUBJECT, wrong, f"can the streamer read the table? {_LOG}")


def _of_status(status: int, url: str) -> Finding:
    match status:
        case HTTPStatus.FORBIDDEN:
            wrong = "the streamer refuses a good signature: it checks against another address or another token"
            return Finding(SUBJECT, wrong, "`make deploy` gives it its address; a new token is known within a minute")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return Finding(SUBJECT, "the streamer is full, or stopping", "try again in a minute; then look at its load")
        case HTTPStatus.BAD_GATEWAY | HTTPStatus.GATEWAY_TIMEOUT:
            return Finding(SUBJECT, f"nobody stands behind {url} ({status})", f"no task is running: {_LOG}")
        case _:
            return Finding(SUBJECT, f"{url} answers {status} in place of 101", _LOG)
