"""The accounts: do the vendors take the credentials that are stored?"""

from operations.checks.finding import Finding
from operations.checks.instruments import Instruments
from operations.vendors import deepgram_trouble, twilio_troubles


def check_twilio(instruments: Instruments) -> list[Finding]:
    """Ask Twilio with the auth token and with the API key."""
    troubles = twilio_troubles(instruments.twilio, instruments.origins.twilio)
    return [Finding("Twilio credentials", trouble, "`make configure`") for trouble in troubles] or [
        Finding("Twilio credentials")
    ]


def check_deepgram(instruments: Instruments) -> list[Finding]:
    """Have Deepgram transcribe a moment of silence: that shows key, rights, credit and quota at once."""
    trouble = deepgram_trouble(instruments.deepgram, instruments.origins.deepgram)
    mend = "`make configure` takes a new key; until it is mended, messages come with their sound and without words"
    return [Finding("Deepgram", trouble, mend if trouble else "")]
