"""Phrases: hands the sound of what callers are told to Twilio, which asks for it without signing."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from telephony.errors import NotFoundError, TelephonyError, UpstreamError
from telephony.log import logger
from telephony.numbers import MailboxId
from telephony.phrases import CONTENT_TYPE, PHRASE_OF_KEY, PhraseDigest, key_of
from telephony.ports.services import SecretStore
from telephony.ports.stores import AudioStore, Directory
from telephony.wire import phrase_address

KEPT: Final = "public, max-age=31536000, immutable"
"""A year, the most that is of use: another sound has another name."""


class Phrases:
    """Gives phrases to whoever has their signed name. No table is read.

    The store is opened with the first phrase: what answers calls need not wait for it.

    A phrase that cannot be given is written down as lost, so that Twilio's own voice says it to the next caller, and it
    is spoken anew.
    """

    def __init__(self, secrets: SecretStore, open_audio: Callable[[], AudioStore], directory: Directory) -> None:
        self._secrets = secrets
        self._directory = directory
        self._open_audio = open_audio
        self._audio: AudioStore | None = None

    def name(self, digest: PhraseDigest) -> str:
        """Return the signed name of a phrase. Raises: UpstreamError, ConfigurationError."""
        return phrase_address.write(digest, self._secrets.twilio().auth_tokens[0])

    async def serve(self, request: Request) -> Response:
        """Answer a request for a phrase: a name that we did not sign, or of no sound, is not found."""
        try:
            digest = self._digest(request.path_params["name"])
        except NotFoundError:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        except UpstreamError as exc:
            logger().error("phrase-unavailable", service=exc.service, code=exc.code)
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        tag = f'"{digest}"'
        headers = {"Cache-Control": KEPT, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        try:
            return Response(self._store().get(key_of(digest)), media_type=CONTENT_TYPE, headers=headers)
        except (NotFoundError, UpstreamError) as exc:
            self._lose(request.query_params.get(PHRASE_OF_KEY, ""), digest, exc)
            # S3 refuses what is not there to whoever may not list the bucket.
            may_pass = isinstance(exc, UpstreamError) and exc.retryable
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE if may_pass else HTTPStatus.NOT_FOUND)

    def _lose(self, mailbox_id: str, digest: PhraseDigest, exc: TelephonyError) -> None:
        """Write down that a phrase cannot be played; if that cannot be done either, the next caller's try says so."""
        logger().error("phrase-lost", mailbox_id=mailbox_id, digest=digest, error=str(exc))
        with suppress(NotFoundError, UpstreamError):
            self._directory.lost(MailboxId(mailbox_id), digest)

    def _digest(self, name: str) -> PhraseDigest:
        try:
            return phrase_address.read(name, self._secrets.twilio().auth_tokens)
        except NotFoundError:  # signed with a token that was rotated in since ours was read
            return phrase_address.read(name, self._secrets.twilio(fresh=True).auth_tokens)

    def _store(self) -> AudioStore:
        if self._audio is None:
            self._audio = self._open_audio()
        return self._audio
