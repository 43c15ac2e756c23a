"""Client: Twilio's own library, with the key that is valid now, a limit to each wait, and our own errors."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

import requests
from urllib3.exceptions import NewConnectionError

from telephony.credentials import TwilioCredentials
from telephony.errors import DENIALS, UpstreamError
from telephony.ports.services import SecretStore

if TYPE_CHECKING:
    from twilio.base.exceptions import TwilioException
    from twilio.rest import Client

TIMEOUT_S: Final = 5
"""Twilio's client has none of its own."""

_UNAUTHENTICATED: Final = "20003"

NOT_FOUND: Final = frozenset({"20404", str(HTTPStatus.NOT_FOUND.value)})
"""The codes of what Twilio does not have."""

T = TypeVar("T")


class TwilioClient:
    """Asks Twilio's REST API.

    Twilio's library takes half a second to import: that is paid with the first question.
    """

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._secrets = secrets
        self._api_origin = api_origin
        self._client: tuple[TwilioCredentials, Client] | None = None

    def ask(self, question: "Callable[[Client], T]", *, is_repeatable: bool = True) -> T:
        """Return what *question* does; a key that was rotated is read again, once.

        *is_repeatable* says whether to do it twice is no different from doing it once. Raises: UpstreamError with
        Twilio's code. What must not be repeated, and may have been done, is uncertain and not retryable: all but a
        refusal and a connection that never came about.
        """
        credentials = self._secrets.twilio()
        try:
            return self._ask(credentials, question, is_repeatable=is_repeatable)
        except UpstreamError as exc:
            fresh = self._secrets.twilio(fresh=True) if exc.code == _UNAUTHENTICATED else credentials
            if fresh == credentials:
                raise
            return self._ask(fresh, question, is_repeatable=is_repeatable)

    def finds(self, question: "Callable[[Client], bool]") -> bool:
        """Return what *question* does; False if Twilio does not have what it is about. Raises: as `ask` does."""
        try:
            return self.ask(question)
        except UpstreamError as exc:
            if exc.code in NOT_FOUND:
                return False
            raise

    def _ask(self, credentials: TwilioCredentials, question: "Callable[[Client], T]", *, is_repeatable: bool) -> T:
        from twilio.base.exceptions import TwilioException  # noqa: PLC0415 - see the class

        try:
            return question(self._client_for(credentials))
        except TwilioException as exc:
            raise _meaning(exc, is_repeatable=is_repeatable) from exc
        except requests.RequestException as exc:
            code = "timeout" if isinstance(exc, requests.Timeout) else "connection"
            is_certain = is_repeatable or _never_connected(exc)
            raise UpstreamError("twilio", code, retryable=is_certain, is_uncertain=not is_certain) from exc

    def _client_for(self, credentials: TwilioCredentials) -> "Client":
        from twilio.http.http_client import TwilioHttpClient  # noqa: PLC0415 - see the class
        from twilio.rest import Client  # noqa: PLC0415

        if self._client is None or self._client[0] != credentials:
            client = Client(
                credentials.api_key,
                credentials.api_secret,
                credentials.account_sid,
                # A function may be frozen for minutes: a connection that was kept is gone by then, and what is sent on
                # it has an unknown fate.
                http_client=TwilioHttpClient(pool_connections=False, timeout=TIMEOUT_S),
            )
            client.api.base_url = self._api_origin
            self._client = (credentials, client)
        return self._client[1]


def _never_connected(exc: requests.RequestException) -> bool:
    """Tell whether nothing was sent: no address, no connection. Whatever else breaks may break after the sending."""
    cause = exc.args[0] if exc.args else None
    return isinstance(exc, requests.ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


def _meaning(exc: "TwilioException", *, is_repeatable: bool) -> UpstreamError:
    """Return Twilio's refusal; an error of its own, such as a 504, may come after it has done what was asked.

    The library has two kinds with a status and a code, which share no class, and one for lists, which has the answer.
    """
    answer = next((each for each in exc.args if hasattr(each, "status_code")), None)
    status = int(getattr(exc, "status", 0) or getattr(answer, "status_code", 0) or 0)
    default = _UNAUTHENTICATED if status == HTTPStatus.UNAUTHORIZED else status or type(exc).__name__
    code = getattr(exc, "code", None) or default
    is_broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    is_uncertain = is_broken and not is_repeatable
    is_passing = status == HTTPStatus.TOO_MANY_REQUESTS or (is_broken and not is_uncertain)
    return UpstreamError(
        "twilio", str(code), retryable=is_passing, is_uncertain=is_uncertain, is_denied=status in DENIALS
    )
