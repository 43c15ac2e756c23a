"""What our addresses and streams are given, wherever Twilio is told of them: in TwiML or by its REST API."""

from typing import Final

TICKET_PARAMETER: Final = "ticket"
"""Which of the stream's custom parameters carries the ticket."""

STREAM_NAME: Final = "message"

_RETRIES: Final = "#ct=2000&rc=3&rp=5xx,ct,rt&rt=4500&tt=15000"
"""Twilio's default is one repeat, after a failed connection only. 15 s in all is the most it allows; 4.5 s for one
answer lets three be tried, and is several times a cold start. The fragment is neither sent nor signed.
Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"""


def address(public_origin: str, path: str, query: str = "") -> str:
    """Return the address of a callback, with how often Twilio is to try it; *query* begins with its question mark."""
    return f"{public_origin}{path}{query}{_RETRIES}"
