"""How AWS clients are to be made, and their exceptions in the product's own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from telephony.errors import ConflictError, TelephonyError, UpstreamError

CONNECT_S: Final = 1
READ_S: Final = 3
AUDIO_READ_S: Final = 20
"""S3 answers the upload of a long recording when all of it is stored."""
ATTEMPTS: Final = 3
"""In all, the first included: a webhook is answered while a caller waits, and Twilio gives up after 15 s."""

CONFIG: Final = Config(
    connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": ATTEMPTS, "mode": "standard"}
)
"""For every client but S3's: `session.client("dynamodb", config=CONFIG)`."""

AUDIO_CONFIG: Final = CONFIG.merge(Config(read_timeout=AUDIO_READ_S, signature_version="s3v4"))
"""For S3's client; an address of an encrypted object needs the fourth version of the signature."""

_CONFLICTS: Final = frozenset({"ConditionalCheckFailedException"})
_RETRYABLE: Final = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


@contextmanager
def translated(service: str) -> Iterator[None]:
    """Turn what boto3 raises in the block into ConflictError or UpstreamError; bugs in a request stay as they are."""
    try:
        yield
    except ParamValidationError:
        raise
    except ClientError as exc:
        raise meaning(service, exc) from exc
    except BotoCoreError as exc:  # no answer came: no connection, no credentials, no time
        is_unsent = "Credentials" in type(exc).__name__
        raise UpstreamError(service, type(exc).__name__, retryable=not is_unsent) from exc


def meaning(service: str, exc: ClientError) -> TelephonyError:
    """Return *exc* in the product's own words."""
    code = error_code(exc)
    if code in _CONFLICTS:
        return ConflictError(f"{service} refused a conditional write")
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return UpstreamError(service, code, retryable=code in _RETRYABLE or status >= HTTPStatus.INTERNAL_SERVER_ERROR)


def error_code(exc: ClientError) -> str:
    """Return AWS's own code of an error."""
    return exc.response.get("Error", {}).get("Code", "Unknown")
