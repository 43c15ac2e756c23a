"""The door: does the public origin answer, is its certificate good, and do our clocks agree?"""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from operations.checks.finding import Finding
from operations.checks.instruments import WAIT_S, Instruments

HEALTH: Final = "/api/health"

SOON: Final = timedelta(days=14)
"""A certificate that AWS renews is renewed 60 days before its end, CloudFront's own by itself."""
SKEW: Final = timedelta(seconds=30)
"""AWS refuses requests that are five minutes off."""


def check_origin(instruments: Instruments) -> list[Finding]:
    """Ask the API whether it can answer, as a browser would; and compare the time that it answers with ours."""
    origin = instruments.deployment.public_origin
    try:
        answer = instruments.http.get(f"{origin}{HEALTH}")
    except httpx.HTTPError as exc:
        wrong = f"{origin} does not answer ({type(exc).__name__})"
        mend = "look at the stack in CloudFormation; a new CloudFront address takes minutes to be known everywhere"
        return [Finding("public origin", wrong, mend)]
    if answer.status_code != HTTPStatus.OK:
        mend = "look at the log of the function Api; then `make deploy`"
        return [Finding("public origin", f"{origin}{HEALTH} answers {answer.status_code}", mend)]
    return [Finding("public origin"), _compare_clocks(answer, instruments.now())]


def _compare_clocks(answer: httpx.Response, now: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return Finding("clock", "the public origin does not say what time it is", "try again")
    off = now - theirs
    if abs(off) <= SKEW:
        return Finding("clock")
    word = "ahead" if off > timedelta() else "behind"
    wrong = f"this machine's clock is {abs(off).total_seconds():.0f} s {word}"
    return Finding("clock", wrong, "set it by network time, or AWS will refuse what it signs")


def check_certificate(instruments: Instruments) -> list[Finding]:
    """Look whether the certificate is good, and for how much longer."""
    parts = urlsplit(instruments.deployment.public_origin)
    if parts.scheme != "https":
        return [Finding("certificate", "the public origin is not https", "deploy without the flag publicOrigin")]
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=WAIT_S) as line,
            instruments.tls.wrap_socket(line, server_hostname=host) as secured,
        ):
            ends = str((secured.getpeercert() or {}).get("notAfter", ""))
    except ssl.SSLCertVerificationError as exc:
        mend = "the flags domain and certificateArn must belong together: make the certificate for that name"
        return [Finding("certificate", f"{host}: {exc.verify_message}", mend)]
    except OSError as exc:
        return [Finding("certificate", f"{host} takes no secured connection ({type(exc).__name__})", "try again")]
    left = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - instruments.now()
    if left < SOON:
        wrong = f"the certificate ends in {left.days} days"
        return [Finding("certificate", wrong, "look at it in Certificate Manager (us-east-1): why is it not renewed?")]
    return [Finding("certificate")]
