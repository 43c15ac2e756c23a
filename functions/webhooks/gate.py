"""Gate: what a request must show before anything of it is believed or done."""

from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request

from telephony.errors import WireError
from telephony.ports.services import SecretStore
from telephony.wire.form import FORM_TYPE, MAX_FORM_BYTES, Form
from telephony.wire.signature import SIGNATURE_HEADER, SignatureVerifier


class RefusedError(Exception):
    """A request that goes no further.

    Attributes:
        status: what it is answered with.
        reason: a constant, for the log.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(f"refused: {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request in the form of Twilio's; whether it is Twilio's, only the gate can say.

    Attributes:
        target: path and query, byte for byte as they were requested.
        signature: blank when there is none.
    """

    target: str
    form: Form
    query: Form
    signature: str


async def receive(request: Request) -> Webhook:
    """Read a request, without more of its body than Twilio ever sends. Raises: RefusedError."""
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type.strip().lower() != FORM_TYPE:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-type")
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > MAX_FORM_BYTES:
                raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size")
    query: bytes = request.scope["query_string"]
    # API Gateway's adapter gives no raw path. None of our paths has a character that could be written in two ways.
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    try:
        return Webhook(
            target=(path + b"?" + query if query else path).decode(),
            form=Form.parse(bytes(body)),
            query=Form.parse(query),
            signature=request.headers.get(SIGNATURE_HEADER, ""),
        )
    except (UnicodeDecodeError, WireError):  # what cannot be read cannot have been signed
        raise RefusedError(HTTPStatus.FORBIDDEN, "unreadable") from None


class Gate:
    """Lets through what Twilio signed for our account."""

    def __init__(self, public_origin: str, secrets: SecretStore) -> None:
        self._public_origin = public_origin
        self._secrets = secrets

    def admit(self, webhook: Webhook) -> None:
        """Return if *webhook* is Twilio's. Raises: RefusedError, UpstreamError, ConfigurationError.

        The address that must be signed is the configured origin and what was requested of it: no header has a say.
        """
        # A token that does not fit may have been rotated since it was read: so once more with a fresh one.
        if not any(self._is_signed(webhook, fresh=fresh) for fresh in (False, True)):
            raise RefusedError(HTTPStatus.FORBIDDEN, "signature")
        # Twilio signs a subaccount's requests with the subaccount's own token, and our credentials don't fetch its
        # recordings: subaccounts are refused, the numbers must belong to the account itself.
        if webhook.form.get("AccountSid") != self._secrets.twilio().account_sid:
            raise RefusedError(HTTPStatus.FORBIDDEN, "account")

    def _is_signed(self, webhook: Webhook, *, fresh: bool) -> bool:
        verifier = SignatureVerifier(self._secrets.twilio(fresh=fresh).auth_tokens)
        return verifier.verify_form(self._public_origin + webhook.target, webhook.form, webhook.signature)
