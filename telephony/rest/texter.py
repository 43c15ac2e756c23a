"""Texter on Twilio's Messages resource."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from telephony.errors import UpstreamError
from telephony.numbers import E164
from telephony.ports.services import SecretStore
from telephony.rest.client import TwilioClient

if TYPE_CHECKING:
    from twilio.rest import Client

PAGE_SMS: Final = 50
MAX_PAGES: Final = 4
"""Of the SMS to one recipient from one number; each takes up to the client's time limit."""

SKEW: Final = timedelta(minutes=10)
"""By how much Twilio's clock and ours may differ; the marker decides, the time only ends the search."""


class TwilioTexter:
    """Sends SMS; see `telephony.ports.Texter`."""

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._client = TwilioClient(secrets, api_origin)

    def send(self, to: E164, sender: E164, text: str) -> str:
        """Send, and return the message's SID.

        Raises: UpstreamError with Twilio's code. It is uncertain, and not retryable, when no answer came that can be
        read, or a 5xx: the message may be under way.
        """

        def create(client: "Client") -> str:
            sid = client.messages.create(to=to, from_=sender, body=text).sid
            if not sid:
                raise ValueError("the message has no SID")
            return str(sid)

        try:
            return self._client.ask(create, is_repeatable=False)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:  # a good status, and then no message
            raise UpstreamError("twilio", "unreadable", retryable=False, is_uncertain=True) from exc

    def find(self, to: E164, sender: E164, marker: str, since: datetime) -> str | None:
        """Return the SID of an SMS with *marker* in its text that was taken since then, among the latest 200, or None.

        Twilio can also filter by the time of sending; what is still queued has none. Raises: UpstreamError.
        """

        def search(client: "Client") -> str | None:
            newest_first = client.messages.stream(to=to, from_=sender, limit=PAGE_SMS * MAX_PAGES, page_size=PAGE_SMS)
            for sms in newest_first:
                if sms.date_created is not None and sms.date_created < since - SKEW:
                    return None
                if marker in (sms.body or ""):
                    return str(sms.sid)
            return None

        return self._client.ask(search)
