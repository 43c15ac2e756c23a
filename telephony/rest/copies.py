"""TwilioCopies on Twilio's Recordings and Messages resources.

Twilio takes away a recording's sound at once and keeps its metadata, without the sound, for 40 days.
Source: https://www.twilio.com/docs/voice/api/recording and https://www.twilio.com/docs/messaging/api/message-resource.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from telephony.deliveries import SENT_WITHIN, Attempt
from telephony.errors import UpstreamError
from telephony.numbers import E164
from telephony.ports.services import SecretStore
from telephony.recordings import RecordingSid
from telephony.rest.client import TwilioClient
from telephony.rest.texter import SKEW

if TYPE_CHECKING:
    from twilio.rest import Client
    from twilio.rest.api.v2010.account.message import MessageInstance

PAGE_SMS: Final = 1_000
"""The most that Twilio gives at once."""
MOST_SMS: Final = 4_000
"""Of those to one recipient from one number that are looked through, twice: eight requests at the most."""

DAY: Final = timedelta(days=1)


class TwilioRestCopies:
    """What Twilio keeps of a call; see `telephony.ports.TwilioCopies`."""

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._client = TwilioClient(secrets, api_origin)

    def erase_recording(self, recording_sid: RecordingSid) -> bool:
        """Erase a recording, and return whether there was one.

        Raises: UpstreamError with Twilio's code; Twilio refuses while the recording is still being made.
        """
        return self._client.finds(lambda client: bool(client.recordings(recording_sid).delete()))

    def erase_message(self, message_sid: str) -> bool:
        """Erase an SMS, and return whether there was one.

        Raises: UpstreamError with Twilio's code; Twilio refuses while the SMS is on its way.
        """
        return self._client.finds(lambda client: bool(client.messages(message_sid).delete()))

    def messages_with(self, to: E164, attempt: Attempt) -> tuple[str, ...]:
        """Return the SIDs of the SMS with the attempt's marker, looked for among those to *to* from its sender.

        The newest 4,000 are looked through; when those do not reach back to the attempt, up to 4,000 of those that
        Twilio sent in the days in question. The time of sending alone would not do: an SMS that is queued has none.

        Raises: UpstreamError with Twilio's code, or "too-many-sms".
        """
        since, until = attempt.at - SKEW, attempt.at + SENT_WITHIN + SKEW
        days = {"date_sent_after": f"{since:%Y-%m-%d}", "date_sent_before": f"{until + DAY:%Y-%m-%d}"}

        def search(client: "Client") -> tuple[str, ...]:
            found: dict[str, None] = {}
            for window in ({}, days):
                seen = 0
                listed: Iterable[MessageInstance] = client.messages.stream(
                    to=to, from_=attempt.sender, limit=MOST_SMS, page_size=PAGE_SMS, **window
                )
                for sms in listed:
                    seen += 1
                    if sms.date_sent is not None and sms.date_created is not None and sms.date_created < since:
                        return tuple(found)
                    if attempt.marker in (sms.body or ""):
                        found[str(sms.sid)] = None
                if seen < MOST_SMS:
                    return tuple(found)
            raise UpstreamError("twilio", "too-many-sms", retryable=False)

        return self._client.ask(search)

    def has_message(self, message_sid: str) -> bool:
        """Return whether Twilio has an SMS. Raises: UpstreamError with Twilio's code."""
        return self._client.finds(lambda client: bool(client.messages(message_sid).fetch()))
