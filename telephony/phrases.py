"""Phrase: a sentence that callers hear, spoken once in a voice of Deepgram's and kept."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final, NewType

PhraseDigest = NewType("PhraseDigest", str)
"""Which phrase it is: 64 small hexadecimal digits, the same ones for the same text, voice and format."""

FORMAT: Final = "wav-mulaw-8000"
"""What is kept: what a telephone line carries, so that nothing is lost on the way to it."""

CONTENT_TYPE: Final = "audio/wav"

PHRASES_PATH: Final = "/twilio/phrases/"
"""Where Twilio fetches phrases, below the public origin; a signed name follows."""

PHRASE_OF_KEY: Final = "mailbox"
"""What stands in the query of such an address: whose callers hear it."""

MAX_CHARACTERS: Final = 2_000
"""Deepgram takes no longer text in one request."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text in a voice.

    Attributes:
        voice: the name of one of Deepgram's speech models, such as "aura-2-thalia-en".
    """

    text: str
    voice: str

    @property
    def digest(self) -> PhraseDigest:
        """Which phrase it is."""
        return PhraseDigest(hashlib.sha256(json.dumps([FORMAT, self.voice, self.text]).encode()).hexdigest())

    @property
    def key(self) -> str:
        """Where its sound is kept."""
        return key_of(self.digest)


def key_of(digest: PhraseDigest) -> str:
    """Return where the sound of a phrase is kept."""
    return f"greetings/{digest}.wav"
