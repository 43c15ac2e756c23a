"""Phrases: hands the sound of what callers are told to Twilio, which asks for it without signing."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from telephony.errors import NotFoundError, UpstreamError
from telephony.log import logger
from telephony.phrases import CONTENT_TYPE, PhraseDigest, key_of
from telephony.ports.services import SecretStore
from telephony.ports.stores import AudioStore
from telephony.wire import phrase_address

KEPT: Final = "public, max-age=31536000, immutable"
"""A year, the most that is of use: another sound has another name."""


class Phrases:
    """Gives phrases to whoever has their signed name. No table is read.

    The store is opened with the first phrase: what answers calls need not wait for it.
    """

    def __init__(self, secrets: SecretStore, open_audio: Callable[[], AudioStore]) -> None:
        self._secrets = secrets
        self._open_audio = open_audio
        self._audio: AudioStore | None = None

    def name(self, digest: PhraseDigest) -> str:
        """Return the signed name of a phrase. Raises: UpstreamError, ConfigurationError."""
        return phrase_address.write(digest, self._secrets.twilio().auth_tokens[0])

    async def serve(self, request: Request) -> Response:
        """Answer a request for a phrase: a name that we did not sign, or of no sound, is not found."""
        try:
            digest = self._digest(request.path_params["name"])
            tag = f'"{digest}"'
            headers = {"Cache-Control": KEPT, "ETag": tag}
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
            return Response(self._store().get(key_of(digest)), media_type=CONTENT_TYPE, headers=headers)
        except NotFoundError:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        except UpstreamError as exc:
            logger().error("phrase-unavailable", service=exc.service, code=exc.code)
            # S3 refuses what is not there to whoever may not list the bucket.
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE if exc.retryable else HTTPStatus.NOT_FOUND)

    def _digest(self, name: str) -> PhraseDigest:
        try:
            return phrase_address.read(name, self._secrets.twilio().auth_tokens)
        except NotFoundError:  # signed with a token that was rotated in since ours was read
            return phrase_address.read(name, self._secrets.twilio(fresh=True).auth_tokens)

    def _store(self) -> AudioStore:
        if self._audio is None:
            self._audio = self._open_audio()
        return self._audio
