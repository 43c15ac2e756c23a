"""How AWS clients are to be made, and their exceptions in the product's own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from telephony.errors import DENIALS, ConflictError, TelephonyError, UpstreamError

CONNECT_S: Final = 1
READ_S: Final = 3
AUDIO_READ_S: Final = 20
"""S3 answers the upload of a long recording when all of it is stored."""
ATTEMPTS: Final = 3
"""In all, the first included: a webhook is answered while a caller waits, and Twilio gives up after 15 s."""

CONFIG: Final = Config(
    connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": ATTEMPTS, "mode": "standard"}
)
"""For every client but S3's and SNS's: `session.client("dynamodb", config=CONFIG)`."""

UNCHECKED: Final = Config(parameter_validation=False)
"""Where each write counts: boto3 looks at every attribute before it writes, which is a sixth of what a write takes.

What the table would refuse, it refuses.
"""

ONCE_CONFIG: Final = CONFIG.merge(Config(retries={"total_max_attempts": 1, "mode": "standard"}))
"""For SNS's client: what is published twice is read twice."""

AUDIO_CONFIG: Final = CONFIG.merge(Config(read_timeout=AUDIO_READ_S, signature_version="s3v4"))
"""For S3's client; an address of an encrypted object needs the fourth version of the signature."""

_UNSENT: Final = (ConnectTimeoutError, EndpointConnectionError)
_CONFLICTS: Final = frozenset({"ConditionalCheckFailedException"})
_DENIALS: Final = frozenset({"AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException"})
"""DynamoDB's, which come with status 400."""
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
def translated(service: str, *, is_repeatable: bool = True) -> Iterator[None]:
    """Turn what boto3 raises in the block into ConflictError or UpstreamError; bugs in a request stay as they are.

    *is_repeatable* says whether to ask twice is no different from asking once. What must not be repeated, and may have
    been done, is uncertain and not retryable.
    """
    try:
        yield
    except ParamValidationError:
        raise
    except ClientError as exc:
        raise meaning(service, exc, is_repeatable=is_repeatable) from exc
    except BotoCoreError as exc:  # no answer came: no connection, no credentials, no time
        has_credentials = "Credentials" not in type(exc).__name__
        is_certain = is_repeatable or not has_credentials or isinstance(exc, _UNSENT)
        raise UpstreamError(
            service,
            type(exc).__name__,
            retryable=is_certain and has_credentials,
            is_uncertain=not is_certain,
            is_denied=not has_credentials,
        ) from exc


def meaning(service: str, exc: ClientError, *, is_repeatable: bool = True) -> TelephonyError:
    """Return *exc* in the product's own words; *is_repeatable* as in `translated`."""
    code = error_code(exc)
    if code in _CONFLICTS:
        return ConflictError(f"{service} refused a conditional write")
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    is_uncertain = is_broken and not is_repeatable
    is_passing = (is_broken or code in _RETRYABLE) and not is_uncertain
    is_denied = status in DENIALS or code in _DENIALS
    return UpstreamError(service, code, retryable=is_passing, is_uncertain=is_uncertain, is_denied=is_denied)


def error_code(exc: ClientError) -> str:
    """Return AWS's own code of an error."""
    return exc.response.get("Error", {}).get("Code", "Unknown")
