"""SecretStore with credentials that never change, unless the test changes them."""

from dataclasses import dataclass, field

from telephony.credentials import DeepgramCredentials, TwilioCredentials
from telephony.errors import UpstreamError

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "12345"


@dataclass
class FixedSecrets:
    """Hands out these credentials.

    Attributes:
        next_twilio: what a fresh reading of Twilio's will find; None while nothing was rotated.
        trouble: what is raised for Twilio's instead.
    """

    twilio_credentials: TwilioCredentials = field(
        default_factory=lambda: TwilioCredentials(ACCOUNT_SID, (AUTH_TOKEN,), ACCOUNT_SID, AUTH_TOKEN)
    )
    deepgram_credentials: DeepgramCredentials = field(default_factory=lambda: DeepgramCredentials("deepgram-key"))
    next_twilio: TwilioCredentials | None = None
    trouble: UpstreamError | None = None

    def twilio(self, *, fresh: bool = False) -> TwilioCredentials:
        """Return Twilio's credentials; the rotated ones from the first *fresh* reading on."""
        if self.trouble is not None:
            raise self.trouble
        if fresh and self.next_twilio is not None:
            self.twilio_credentials, self.next_twilio = self.next_twilio, None
        return self.twilio_credentials

    def deepgram(self) -> DeepgramCredentials:
        """Return Deepgram's credentials."""
        return self.deepgram_credentials
