"""BatchTranscriber on Deepgram's API for recordings."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from telephony.errors import UpstreamError, WireError
from telephony.mailboxes import Listening
from telephony.ports.services import SecretStore, Transcription
from telephony.rest.deepgram_client import deepgram, refusal
from telephony.wire.deepgram_batch import batch_options, parse_response

if TYPE_CHECKING:
    from deepgram.core.api_error import ApiError

TIMEOUT_S: Final = 40
"""For the answer to one request, in which hours of sound are transcribed: with CONNECT_S it fits into what a repair
leaves for its last request."""

CONNECT_S: Final = 5
"""For each thing that comes before: a free connection, a new one, and each piece of the sound that is sent."""


class DeepgramBatch:
    """Puts recorded sound in writing; see `telephony.ports.BatchTranscriber`.

    Deepgram's library takes a fifth of a second to import: that is paid with the first repair.
    """

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._secrets = secrets
        self._api_origin = api_origin

    def transcribe(self, audio: bytes, listening: Listening) -> Transcription:
        """Return what the first channel of a file of sound says, and how long the file is.

        Raises: WireError if Deepgram finds no sound in it, or its answer cannot be read; UpstreamError; and
        ConfigurationError.
        """
        import httpx  # noqa: PLC0415 - see the class
        from deepgram.core.api_error import ApiError  # noqa: PLC0415

        try:
            words, duration_ms = parse_response(self._ask(audio, listening))
        except ApiError as exc:
            raise _meaning(exc) from exc
        except httpx.HTTPError as exc:  # no answer came: no connection, no time
            raise UpstreamError("deepgram", type(exc).__name__, retryable=True) from exc
        return Transcription(words, duration_ms)

    def _ask(self, audio: bytes, listening: Listening) -> Any:  # noqa: ANN401 - JSON, before it is read
        import httpx  # noqa: PLC0415 - see the class

        # The library takes one number for everything, and hands on what it is given.
        options: Any = {"timeout": httpx.Timeout(CONNECT_S, read=TIMEOUT_S), "max_retries": 0}
        with deepgram(self._secrets, self._api_origin, TIMEOUT_S) as client:
            # The models are not used: they lack fields that are sent, and take whatever comes as it is.
            answer = client.listen.v1.media.with_raw_response.transcribe_file(
                request=audio,
                request_options=options,  # repeats have their own times
                **batch_options(listening),
            )
            return answer.data.dict()


def _meaning(exc: "ApiError") -> UpstreamError | WireError:
    """Return Deepgram's refusal; of what it can be given, only sound that is none is the sound's fault."""
    if exc.status_code == HTTPStatus.BAD_REQUEST and _is_about_sound(exc.body):
        return WireError("the sound is not taken for sound")
    return refusal(exc)


def _is_about_sound(body: object) -> bool:
    message = body.get("err_msg") if isinstance(body, dict) else None
    return isinstance(message, str) and "corrupt or unsupported data" in message
