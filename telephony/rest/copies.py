"""TwilioCopies on Twilio's Recordings and Messages resources.

Twilio takes away a recording's sound at once and keeps its metadata, without the sound, for 40 days.
Source: https://www.twilio.com/docs/voice/api/recording and https://www.twilio.com/docs/messaging/api/message-resource.
"""

from telephony.ports.services import SecretStore
from telephony.recordings import RecordingSid
from telephony.rest.client import TwilioClient


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

    def has_message(self, message_sid: str) -> bool:
        """Return whether Twilio has an SMS. Raises: UpstreamError with Twilio's code."""
        return self._client.finds(lambda client: bool(client.messages(message_sid).fetch()))
