"""What the domain asks of a voice."""

from typing import Protocol

from telephony.phrases import Phrase


class SpeechSynthesiser(Protocol):
    """Speaks."""

    def speak(self, phrase: Phrase) -> bytes:
        """Return the phrase as a WAV of mu-law at 8 kHz, mono.

        Raises: WireError if there is no such voice, or the text cannot be spoken; UpstreamError.
        """
        ...
