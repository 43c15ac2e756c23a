"""The stream: does the way of the sound lead to the streamer, and only for whoever may use it?

A good ticket is shown too, one for no track: the streamer claims it and closes the stream. It lets no sound in, so that
Deepgram is not asked, nothing is billed, and no call is written down, whatever goes wrong meanwhile.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from twilio.request_validator import RequestValidator
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from operations.checks.finding import Finding
from operations.checks.instruments import WAIT_S, Instruments
from telephony.calls import CallSid
from telephony.errors import UpstreamError
from telephony.numbers import MailboxId
from telephony.streams import TICKET_LIFETIME, Ticket, TicketId, TicketPurpose
from telephony.wire.callbacks import TICKET_PARAMETER
from telephony.wire.signature import SIGNATURE_HEADER

SUBJECT: Final = "media stream"
GOOD_TICKET: Final = f"{SUBJECT} with a good ticket"

TAKEN: Final = 1000
REFUSED: Final = 1008
"""Policy violation. Source: RFC 6455, section 7.4.1."""

_LOG: Final = "look at the streamer's log and at its service's events in ECS"


def check_stream(instruments: Instruments) -> list[Finding]:
    """Open a stream unsigned, which must be refused; then signed, and show a ticket that is none, then one that is."""
    url = instruments.deployment.media_url
    if url is None:
        return []
    signature = RequestValidator(instruments.twilio.auth_tokens[0]).compute_signature(url, {})
    unsigned = _unsigned(url)
    bad = _signed(url, signature, _Offer(SUBJECT, _ticket(instruments.now()), "that nobody issued", REFUSED))
    return [unsigned, bad, _good(instruments, url, signature)] if bad.is_ok else [unsigned, bad]


def _good(instruments: Instruments, url: str, signature: str) -> Finding:
    ticket = _ticket(instruments.now())
    try:
        instruments.tickets.issue(ticket)
    except UpstreamError as exc:
        return Finding(GOOD_TICKET, f"none could be issued: {exc}", "may your AWS credentials write to the table?")
    return _signed(url, signature, _Offer(GOOD_TICKET, ticket, "that was issued a moment ago", TAKEN))


@dataclass(frozen=True, slots=True)
class _Offer:
    """A ticket that is shown, and the code with which the stream has to be closed then."""

    subject: str
    ticket: Ticket
    whose: str
    code: int


def _ticket(now: datetime) -> Ticket:
    return Ticket(
        id=TicketId(secrets.token_urlsafe(24)),
        purpose=TicketPurpose.MEDIA,
        call_sid=CallSid(f"CA{secrets.token_hex(16)}"),
        mailbox_id=MailboxId("doctor"),
        expires_at=now + TICKET_LIFETIME,
        tracks=(),
    )


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


def _signed(url: str, signature: str, offer: _Offer) -> Finding:
    try:
        with _open(url, signature) as stream:
            return _of_close(_begin(stream, offer.ticket), offer)
    except InvalidStatus as exc:
        return _of_status(exc.response.status_code, url, offer.subject)
    except (InvalidHandshake, OSError, TimeoutError) as exc:
        return Finding(offer.subject, f"{url} cannot be opened ({type(exc).__name__})", _LOG)


def _open(url: str, signature: str) -> ClientConnection:
    headers = {SIGNATURE_HEADER: signature} if signature else {}
    return connect(url, additional_headers=headers, open_timeout=WAIT_S, close_timeout=WAIT_S)


def _begin(stream: ClientConnection, ticket: Ticket) -> int | None:
    """Begin a stream with *ticket*, and return the code with which it is closed."""
    stream_sid = f"MZ{secrets.token_hex(16)}"
    start = {
        "accountSid": f"AC{'0' * 32}",
        "streamSid": stream_sid,
        "callSid": ticket.call_sid,
        "tracks": ["inbound"],
        "customParameters": {TICKET_PARAMETER: ticket.id},
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


def _of_close(code: int | None, offer: _Offer) -> Finding:
    if code == offer.code:
        return Finding(offer.subject)
    how = f"is closed with {code}" if code else "is not closed"
    wrong = f"a stream with a ticket {offer.whose} {how}, in place of {offer.code}"
    mend = f"does the streamer reach this stack's table, and is this machine's clock right? {_LOG}"
    return Finding(offer.subject, wrong, mend)


def _of_status(status: int, url: str, subject: str) -> Finding:
    match status:
        case HTTPStatus.FORBIDDEN:
            wrong = "the streamer refuses a good signature: it checks against another address or another token"
            return Finding(subject, wrong, "`make deploy` gives it its address; a new token is known within a minute")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return Finding(subject, "the streamer is full, or stopping", "try again in a minute; then look at its load")
        case HTTPStatus.BAD_GATEWAY | HTTPStatus.GATEWAY_TIMEOUT:
            return Finding(subject, f"nobody stands behind {url} ({status})", f"no task is running: {_LOG}")
        case _:
            return Finding(subject, f"{url} answers {status} in place of 101", _LOG)
