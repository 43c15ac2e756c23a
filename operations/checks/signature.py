"""The signature: what Twilio signs must get through to the webhooks, and nothing else."""

import secrets
from http import HTTPStatus
from typing import Final

import httpx
from twilio.request_validator import RequestValidator

from operations.checks.finding import Finding
from operations.checks.instruments import Instruments
from telephony.wire.signature import SIGNATURE_HEADER
from telephony.wire.webhooks import WebhookPath

SUBJECT: Final = "webhooks"

NOBODY: Final = "+15005550000"
"""Nobody's number: the report of a call to it is read, and stores nothing."""


def check_webhooks(instruments: Instruments) -> list[Finding]:
    """Report the end of a call that never was: signed, which must be taken, and unsigned, which must not."""
    url = f"{instruments.deployment.public_origin}{WebhookPath.STATUS}"
    form = {
        "AccountSid": instruments.twilio.account_sid,
        "CallSid": f"CA{secrets.token_hex(16)}",
        "CallStatus": "completed",
        "From": NOBODY,
        "To": NOBODY,
    }
    signature = RequestValidator(instruments.twilio.auth_tokens[0]).compute_signature(url, form)
    try:
        signed = instruments.http.post(url, data=form, headers={SIGNATURE_HEADER: signature}).status_code
        unsigned = instruments.http.post(url, data=form).status_code
    except httpx.HTTPError as exc:
        return [Finding(SUBJECT, f"{url} does not answer ({type(exc).__name__})", "see what is said of the origin")]
    return [_of_signed(signed, url), _of_unsigned(unsigned, url)]


def _of_signed(status: int, url: str) -> Finding:
    if status == HTTPStatus.NO_CONTENT:
        return Finding(SUBJECT)
    if status == HTTPStatus.FORBIDDEN:
        wrong = f"{url} refuses a request with a good signature: it checks against another address or another token"
        return Finding(SUBJECT, wrong, "`make deploy` gives it its address; a new token is known within five minutes")
    return Finding(SUBJECT, f"{url} answers {status} to a signed request", "look at the log of the function Webhooks")


def _of_unsigned(status: int, url: str) -> Finding:
    subject = f"{SUBJECT} without a signature"
    if status == HTTPStatus.FORBIDDEN:
        return Finding(subject)
    wrong = f"{url} answers {status} to a request that nobody signed: strangers can report calls"
    return Finding(subject, wrong, "something stands before the webhooks that answers for them: take it away")
