"""SpeechSynthesiser on Deepgram's speech API."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from telephony.errors import UpstreamError, WireError
from telephony.phrases import MAX_CHARACTERS, Phrase
from telephony.ports.services import SecretStore
from telephony.rest.deepgram_client import deepgram, refusal
from telephony.wire import mulaw_wav

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_S: Final = 20
"""For one request; nobody waits for it on the telephone."""

MAX_BYTES: Final = 5 * 60 * mulaw_wav.SAMPLE_RATE
"""Five minutes: twice what the longest text takes, and little enough to be handed to Twilio by a function."""

_ITS_OWN_FAULT: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})


class DeepgramSpeech:
    """Speaks; see `telephony.ports.SpeechSynthesiser`."""

    def __init__(self, secrets: SecretStore, api_origin: str, max_bytes: int = MAX_BYTES) -> None:
        self._secrets = secrets
        self._api_origin = api_origin
        self._max_bytes = max_bytes

    def speak(self, phrase: Phrase) -> bytes:
        """Return the phrase as a WAV of mu-law at 8 kHz, mono. Raises: WireError, UpstreamError, ConfigurationError."""
        import httpx  # noqa: PLC0415 - see `telephony.rest.deepgram_client`
        from deepgram.core.api_error import ApiError  # noqa: PLC0415

        if len(phrase.text) > MAX_CHARACTERS:
            raise WireError("the text is too long to be spoken")
        try:
            samples = self._samples(phrase)
        except ApiError as exc:
            if exc.status_code in _ITS_OWN_FAULT:
                raise WireError("the text or the voice is refused") from exc
            raise refusal(exc) from exc
        except httpx.HTTPError as exc:  # no answer came: no connection, no time
            raise UpstreamError("deepgram", type(exc).__name__, retryable=True) from exc
        if not samples:
            raise WireError("no sound came of the text")
        return mulaw_wav.wrap(samples)

    def _samples(self, phrase: Phrase) -> bytes:
        samples = bytearray()
        with deepgram(self._secrets, self._api_origin, TIMEOUT_S) as client:
            pieces: Iterator[bytes] = client.speak.v1.audio.generate(
                text=phrase.text,
                model=cast("Any", phrase.voice),  # the library's list of voices is older than some
                encoding="mulaw",
                sample_rate=mulaw_wav.SAMPLE_RATE,
                container="none",  # a header of ours: what is streamed cannot know its length
                request_options={"timeout": TIMEOUT_S, "max_retries": 0},
            )
            for piece in pieces:
                samples += piece
                if len(samples) > self._max_bytes:
                    raise WireError("the text takes too long to speak")
        return bytes(samples)
