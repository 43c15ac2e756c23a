"""SpeechSynthesiser that remembers."""

from dataclasses import dataclass, field

from telephony.errors import TelephonyError
from telephony.phrases import Phrase


@dataclass
class MemorySpeech:
    """Speaks by naming what it was asked.

    Attributes:
        refusals: what is raised for a text, each time.
    """

    spoken: list[Phrase] = field(default_factory=list)
    refusals: dict[str, TelephonyError] = field(default_factory=dict)

    def speak(self, phrase: Phrase) -> bytes:
        """Return the voice and the text. Raises: what is in `refusals`."""
        if phrase.text in self.refusals:
            raise self.refusals[phrase.text]
        self.spoken.append(phrase)
        return f"{phrase.voice}: {phrase.text}".encode()
