"""Client: Twilio's own library, with the key that is valid now, a limit to each wait, and our own errors."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

import requests

from telephony.credentials import TwilioCredentials
from telephony.errors import UpstreamError
from telephony.ports import SecretStore

if TYPE_CHECKING:
    from twilio.base.exceptions import TwilioException
    from twilio.rest import Client

TIMEOUT_S: Final = 5
"""Twilio's client has none of its own."""

_UNAUTHENTICATED: Final = "20003"

T = TypeVar("T")


class TwilioClient:
    """Asks Twilio's REST API.

    Twilio's library takes half a second to import: that is paid with the first question.
    """

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._secrets = secrets
        self._api_origin = api_origin
        self._client: tuple[TwilioCredentials, Client] | None = None

    def ask(self, question: "Callable[[Client], T]") -> T:
        """Return what *question* does; a key that was rotated is read again, once.

        Raises: UpstreamError with Twilio's code; `is_uncertain` when the question was put and no answer came.
        """
        credentials = self._secrets.twilio()
        try:
            return self._ask(credentials, question)
        except UpstreamError as exc:
            fresh = self._secrets.twilio(fresh=True) if exc.code == _UNAUTHENTICATED else credentials
            if fresh == credentials:
                raise
            return self._ask(fresh, question)

    def _ask(self, credentials: TwilioCredentials, question: "Callable[[Client], T]") -> T:
        from twilio.base.exceptions import TwilioException  # noqa: PLC0415 - see the class

        try:
            return question(self._client_for(credentials))
        except TwilioException as exc:
            raise _meaning(exc) from exc
        except requests.ReadTimeout as exc:
            raise UpstreamError("twilio", "timeout", retryable=False, is_uncertain=True) from exc
        except requests.RequestException as exc:
            raise UpstreamError("twilio", "connection", retryable=True) from exc

    def _client_for(self, credentials: TwilioCredentials) -> "Client":
        from twilio.http.http_client import TwilioHttpClient  # noqa: PLC0415 - see the class
        from twilio.rest import Client  # noqa: PLC0415

        if self._client is None or self._client[0] != credentials:
            client = Client(
                credentials.api_key,
                credentials.api_secret,
                credentials.account_sid,
                http_client=TwilioHttpClient(timeout=TIMEOUT_S),
            )
            client.api.base_url = self._api_origin
            self._client = (credentials, client)
        return self._client[1]


def _meaning(exc: "TwilioException") -> UpstreamError:
    """Return Twilio's refusal.

    The library has two kinds with a status and a code, which share no class, and one for lists, which has the answer.
    """
    answer = next((each for each in exc.args if hasattr(each, "status_code")), None)
    status = int(getattr(exc, "status", 0) or getattr(answer, "status_code", 0) or 0)
    default = _UNAUTHENTICATED if status == HTTPStatus.UNAUTHORIZED else status or type(exc).__name__
    code = getattr(exc, "code", None) or default
    is_passing = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return UpstreamError("twilio", str(code), retryable=is_passing)
