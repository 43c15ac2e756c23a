"""Client: Deepgram's own library at the origin that is configured, and its refusals in our own words.

The library takes a fifth of a second to import: that is paid with the first question.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from telephony.errors import UpstreamError
from telephony.ports.services import SecretStore

if TYPE_CHECKING:
    from deepgram import DeepgramClient
    from deepgram.core.api_error import ApiError

_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})


@contextmanager
def deepgram(secrets: SecretStore, api_origin: str, timeout_s: float) -> Iterator["DeepgramClient"]:
    """Give a client whose connections are closed behind it. Raises: ConfigurationError."""
    import httpx  # noqa: PLC0415 - see the module
    from deepgram import DeepgramClient  # noqa: PLC0415
    from deepgram.environment import DeepgramClientEnvironment  # noqa: PLC0415

    socket_origin = api_origin.replace("http", "ws", 1)
    environment = DeepgramClientEnvironment(
        base=api_origin, production=socket_origin, agent=socket_origin, agent_rest=api_origin
    )
    api_key = secrets.deepgram().api_key
    # The library would leave its own connections open.
    with httpx.Client(timeout=timeout_s) as connections:
        yield DeepgramClient(api_key=api_key, environment=environment, httpx_client=connections)


def refusal(exc: "ApiError") -> UpstreamError:
    """Return Deepgram's refusal."""
    status = exc.status_code or 0
    body: Any = exc.body
    code = body.get("err_code") if isinstance(body, dict) else None
    is_passing = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    # A good status ends here when what came with it is not JSON.
    is_passing = is_passing or status < HTTPStatus.BAD_REQUEST
    return UpstreamError("deepgram", str(code or status), retryable=is_passing)
